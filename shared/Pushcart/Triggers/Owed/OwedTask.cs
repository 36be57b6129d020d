using System.Text.Json.Serialization;
using Azure;
using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Storage;

namespace Pushcart.Triggers.Owed;

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

    /// <summary>The scheduled instant that is owed; none of an event.</summary>
    public DateTimeOffset Due { get; init; }

    /// <summary>Since when it is owed.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When its message is sent again.</summary>
    public DateTimeOffset SendAt { get; init; }

    /// <summary>How often its message was sent.</summary>
    public int Tries { get; init; }

    /// <summary>The event that it is owed to; null where it is owed to a schedule.</summary>
    public string? Event { get; init; }

    /// <summary>Number of the check in its event, from 0.</summary>
    public int Number { get; init; }

    /// <summary>What brought the event about: <c>webhook …</c>, <c>manual …</c>; null of a schedule.</summary>
    public string? Cause { get; init; }

    /// <summary>The commit that the event announced, or null.</summary>
    public string? Announced { get; init; }

    /// <summary>True where it fires whatever has changed, also where the trigger is suspended: a manual run.</summary>
    public bool Force { get; init; }

    /// <summary>True where a provider told of a push.</summary>
    public bool Pushed { get; init; }

    /// <summary>Where it stands for a whole event with many checks: those checks, in JSON. <see cref="Number"/> is then the first that has no task yet.</summary>
    public string? Rest { get; init; }

    /// <summary>The trace of its event, as W3C's <c>traceparent</c>; null where nobody traces.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Version of the row that was seen; default for a row that is not there yet.</summary>
    [JsonIgnore]
    public ETag ETag { get; init; }

    /// <summary>Key of a task that is owed to an event.</summary>
    public static string KeyOf(string eventId, string number) => $"{Prefix}{eventId}|{number}";

    /// <summary>Whether a key is that of a task owed to a schedule.</summary>
    public static bool IsScheduled(string key) => key.StartsWith(Prefix + "s-", StringComparison.Ordinal);

    /// <summary>The change of the row to this state.</summary>
    public Change Write()
    {
        var row = Rows.New(JobRow.Partition, Key);
        row["triggerUid"] = TriggerUid;
        row["source"] = Source;
        row["action"] = Action;
        row["createdAt"] = CreatedAt;
        row["sendAt"] = SendAt;
        row["tries"] = Tries;
        if (Due != default)
        {
            row["due"] = Due;
        }

        row["number"] = Number;
        row["force"] = Force;
        row["pushed"] = Pushed;
        row.SetText("event", Event);
        row.SetText("cause", Cause);
        row.SetText("announced", Announced);
        row.SetText("rest", Rest);
        row.SetText("traceParent", TraceParent);
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
        Number = row.GetInt32("number") ?? 0,
        Force = row.GetBoolean("force") ?? false,
        Pushed = row.GetBoolean("pushed") ?? false,
        Event = row.GetText("event"),
        Cause = row.GetText("cause"),
        Announced = row.GetText("announced"),
        Rest = row.GetText("rest"),
        TraceParent = row.GetText("traceParent"),
        ETag = row.ETag,
    };
}
