using Azure;
using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Storage;

namespace Pushcart.Triggers;

/// <summary>A check that is owed: a row of <c>live</c> that goes in the transaction that answers it.</summary>
public sealed record OwedTask
{
    /// <summary>How the keys of tasks begin.</summary>
    public const string Prefix = "task|";

    /// <summary>Key of the row.</summary>
    public required string Key { get; init; }

    /// <summary>Uid of the trigger.</summary>
    public required string TriggerUid { get; init; }

    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary>The action of the trigger, as <c>Kind|name</c>: an apply of that action sends the task.</summary>
    public required string Action { get; init; }

    /// <summary>The scheduled instant that is owed.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>Since when it is owed.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its message is sent again.</summary>
    public DateTimeOffset SendAt { get; init; }

    /// <summary>How often its message was sent.</summary>
    public int Tries { get; init; }

    /// <summary>Version of the row that was seen; default for a row that is not there yet.</summary>
    public ETag ETag { get; init; }

    /// <summary>The change of the row to this state.</summary>
    public Change Write()
    {
        var row = Rows.New(JobRow.Partition, Key);
        row["triggerUid"] = TriggerUid;
        row["source"] = Source;
        row["action"] = Action;
        row["due"] = Due;
        row["createdAt"] = CreatedAt;
        row["sendAt"] = SendAt;
        row["tries"] = Tries;
        return ETag == default ? Change.Insert(row) : Change.Replace(row, ETag);
    }

    /// <summary>The change that answers it.</summary>
    public Change Delete() => Change.Delete(JobRow.Partition, Key, ETag);

    /// <summary>Reads a row.</summary>
    /// <exception cref="NewerRowException">A later version wrote it.</exception>
    public static OwedTask Read(TableEntity row) => Rows.IsNewer(row) ? throw new NewerRowException(row) : new()
    {
        Key = row.RowKey,
        TriggerUid = row.GetRequired("triggerUid"),
        Source = row.GetRequired("source"),
        Action = row.GetRequired("action"),
        Due = row.GetDateTimeOffset("due") ?? default,
        CreatedAt = row.GetDateTimeOffset("createdAt") ?? default,
        SendAt = row.GetDateTimeOffset("sendAt") ?? default,
        Tries = row.GetInt32("tries") ?? 0,
        ETag = row.ETag,
    };
}
