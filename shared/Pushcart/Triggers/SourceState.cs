using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Data.Tables;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers;

/// <summary>What is known of a source of a trigger: a row of <c>live</c>.</summary>
public sealed record SourceState
{
    /// <summary>How the keys of sources begin.</summary>
    public const string Prefix = "source|";

    /// <summary>Key of the row.</summary>
    public required string Key { get; init; }

    /// <summary>Uid of the trigger.</summary>
    public required string TriggerUid { get; init; }

    /// <summary>Name of the trigger, for people.</summary>
    public required string Trigger { get; init; }

    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary>The reference, for people.</summary>
    public required string Reference { get; init; }

    /// <summary>The last commit that was decided on; null before the first.</summary>
    public string? Commit { get; init; }

    /// <summary>The commit before that.</summary>
    public string? Previous { get; init; }

    /// <summary>Hash of the watched files at <see cref="Commit"/>.</summary>
    public string? FileHash { get; init; }

    /// <summary>When <see cref="Commit"/> came.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>The last scheduled instant that fired, of a trigger that always fires.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>True while a scheduled check is owed: its task row is there.</summary>
    public bool Owed { get; init; }

    /// <summary>True once a provider has told of a push to it: where its trigger waits for webhooks only, it is looked at by itself too, now and then.</summary>
    public bool Pushed { get; init; }

    /// <summary>The last error; null while all is well.</summary>
    public string? Error { get; init; }

    /// <summary>True where the last failure was that of credentials (401, 403): events wait too, then, or the account would be locked.</summary>
    public bool Denied { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Not asked before, after failures.</summary>
    public DateTimeOffset? NextAttempt { get; init; }

    /// <summary>The last job.</summary>
    public string? LastJob { get; init; }

    /// <summary>What the remote speaks.</summary>
    public GitDialect? Dialect { get; init; }

    /// <summary>When the row was written last, by the clock of the storage; null for a row that is not there yet.</summary>
    public DateTimeOffset? WrittenAt { get; init; }

    /// <summary>Version of the row that was seen; default for a row that is not there yet.</summary>
    public ETag ETag { get; init; }

    /// <summary>The key: a hash of the trigger's uid, the source and the reference. A trigger that is made anew has another uid, and so starts anew.</summary>
    public static string KeyOf(string triggerUid, ResourceKind kind, string source, GitReference reference) => Prefix
        + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{triggerUid}\n{kind}\n{source}\n{reference}")));

    /// <summary>Key of the task of a scheduled check of this source that is owed.</summary>
    public string TaskKey => OwedTask.Prefix + "s-" + Key[Prefix.Length..] + "|0";

    /// <summary>The change of the row to this state.</summary>
    public Change Write()
    {
        var row = Rows.New(JobRow.Partition, Key);
        row["triggerUid"] = TriggerUid;
        row["trigger"] = Trigger;
        row["source"] = Source;
        row["reference"] = Reference;
        row["owed"] = Owed;
        row["denied"] = Denied;
        row["pushed"] = Pushed;
        row["failures"] = Failures;
        row.SetKnown(
            ("commit", Commit), ("previous", Previous), ("fileHash", FileHash), ("changedAt", ChangedAt), ("due", Due), ("nextAttempt", NextAttempt),
            ("lastJob", LastJob), ("protocol", Dialect?.Protocol), ("objectFormat", Dialect?.ObjectFormat), ("location", Dialect?.Location));
        row.SetText("error", Error);
        return ETag == default ? Change.Insert(row) : Change.Replace(row, ETag);
    }

    /// <summary>Reads a row.</summary>
    /// <exception cref="NewerRowException">A later version wrote it.</exception>
    public static SourceState Read(TableEntity row) => Rows.IsNewer(row) ? throw new NewerRowException(row) : new()
    {
        Key = row.RowKey,
        TriggerUid = row.GetRequired("triggerUid"),
        Trigger = row.GetRequired("trigger"),
        Source = row.GetRequired("source"),
        Reference = row.GetRequired("reference"),
        Commit = row.GetString("commit"),
        Previous = row.GetString("previous"),
        FileHash = row.GetString("fileHash"),
        ChangedAt = row.GetDateTimeOffset("changedAt"),
        Due = row.GetDateTimeOffset("due"),
        Owed = row.GetBoolean("owed") ?? false,
        Pushed = row.GetBoolean("pushed") ?? false,
        Error = row.GetText("error"),
        Denied = row.GetBoolean("denied") ?? false,
        Failures = row.GetInt32("failures") ?? 0,
        NextAttempt = row.GetDateTimeOffset("nextAttempt"),
        LastJob = row.GetString("lastJob"),
        Dialect = row.GetInt32("protocol") is { } protocol
            ? new(protocol, row.GetString("objectFormat") ?? "sha1", row.GetString("location"))
            : null,
        WrittenAt = row.Timestamp,
        ETag = row.ETag,
    };
}
