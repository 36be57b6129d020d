using System.Diagnostics.CodeAnalysis;

namespace Pushcart.Triggers.Status;

/// <summary>What became of an accepted event, as the API shows it. Times are RFC 3339 UTC.</summary>
public sealed record TaskView
{
    /// <summary>Of a source: its check is still to be made.</summary>
    public const string Waiting = "waiting";

    /// <summary>Of a source: its check failed, and is made again.</summary>
    public const string Failing = "failing";

    /// <summary>Of the task: no check is to be made any more.</summary>
    public const string Done = "done";

    /// <summary>The id that the event was answered with.</summary>
    public required string TaskId { get; init; }

    /// <summary>What brought it about.</summary>
    public required string Cause { get; init; }

    /// <summary>When it was accepted.</summary>
    [StringSyntax("date-time")]
    public required string AcceptedAt { get; init; }

    /// <summary><c>waiting</c>, <c>failing</c> where a check is, or <c>done</c>. Jobs that follow may still be at work.</summary>
    public required string State { get; init; }

    /// <summary>Where the event asked for a job and not for checks: the job.</summary>
    public TaskJobView? Job { get; init; }

    /// <summary>Each source of each trigger that is checked for it.</summary>
    public required IReadOnlyList<TaskSourceView> Sources { get; init; }
}

/// <summary>What became of an event for one source of one trigger.</summary>
public sealed record TaskSourceView
{
    /// <summary>The trigger, as <c>Kind namespace/name</c>; null where it is gone.</summary>
    public string? Trigger { get; init; }

    /// <summary>Name of the source.</summary>
    public required string Source { get; init; }

    /// <summary><c>waiting</c>, <c>failing</c>, <c>unchanged</c>, <c>suspended</c>, <c>job submitted</c>, <c>trigger deleted</c> or <c>given up</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why its check failed, while it is failing or once it is given up.</summary>
    public string? Error { get; init; }

    /// <summary>While it is failing: when it is checked again.</summary>
    [StringSyntax("date-time")]
    public string? NextTry { get; init; }

    /// <summary>The job that was submitted.</summary>
    public TaskJobView? Job { get; init; }
}

/// <summary>A job of an event.</summary>
/// <param name="Id">Its id.</param>
/// <param name="State">As <c>GET api/jobs/{id}</c> tells; null where history keeps it no longer.</param>
public sealed record TaskJobView(string Id, string? State);
