using System.Globalization;
using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Storage;

namespace Pushcart.Triggers.Owed;

/// <summary>
/// An accepted event: a row of <c>live</c>, written once, with one more row for the outcome of each of its checks. An outcome is inserted in the transaction that
/// deletes the check's task: there is exactly one for each.
/// </summary>
public static class Delivery
{
    /// <summary>Outcome: nothing had changed.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>Outcome: the trigger is suspended.</summary>
    public const string Suspended = "suspended";

    /// <summary>Outcome: a job was submitted.</summary>
    public const string Submitted = "job submitted";

    /// <summary>Outcome: the trigger, or the source in it, is gone.</summary>
    public const string TriggerDeleted = "trigger deleted";

    /// <summary>Outcome: no check was answered for as long as one is owed.</summary>
    public const string GivenUp = "given up";

    /// <summary>How the keys of events and their outcomes begin.</summary>
    public const string Prefix = "delivery|";

    /// <summary>Key of an event's row.</summary>
    public static string KeyOf(string eventId) => Prefix + eventId;

    /// <summary>The row of a new event.</summary>
    /// <param name="what">The event.</param>
    /// <param name="mark">Drawn for this write: tells it from another delivery of the same event.</param>
    /// <param name="now">Now.</param>
    public static TableEntity New(CheckEvent what, string mark, DateTimeOffset now)
    {
        var row = Rows.New(JobRow.Partition, KeyOf(what.Id));
        row["cause"] = what.Cause;
        row["checks"] = what.Checks.Count;
        row["mark"] = mark;
        row["at"] = now;
        row.SetText("body", what.Body);
        return row;
    }

    /// <summary>The insert of a check's outcome.</summary>
    /// <param name="task">Its task.</param>
    /// <param name="outcome">One of the constants above.</param>
    /// <param name="detail">The job's id, or a sentence; null for none.</param>
    /// <param name="now">Now.</param>
    public static Change Outcome(OwedTask task, string outcome, string? detail, DateTimeOffset now)
    {
        var row = Rows.New(JobRow.Partition, string.Create(CultureInfo.InvariantCulture, $"{KeyOf(task.Event!)}|{task.Number:D5}"));
        row["outcome"] = outcome;
        row["source"] = task.Source;
        row["triggerUid"] = task.TriggerUid;
        row["at"] = now;
        row.SetText("detail", detail);
        return Change.Insert(row);
    }
}
