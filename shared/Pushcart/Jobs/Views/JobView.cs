using System.Diagnostics.CodeAnalysis;
using System.Xml;
using Pushcart.Jobs.Finished;

namespace Pushcart.Jobs.Views;

/// <summary>A job as the API shows it: times in RFC 3339 UTC, durations in ISO 8601.</summary>
public sealed record JobView
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary><c>queued</c>, <c>claimed</c>, <c>running</c>, or how it ended: <c>succeeded</c>, <c>failed</c>, <c>cancelled</c>, <c>expired</c>, <c>lost</c>.</summary>
    public required string State { get; init; }

    /// <summary>Why, in a word or a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Exit code of the work.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Run.</summary>
    public int Run { get; init; }

    /// <summary>Attempt.</summary>
    public int Attempt { get; init; }

    /// <summary>Trigger, as <c>Kind namespace/name</c>.</summary>
    public string? Trigger { get; init; }

    /// <summary>Source, as <c>Kind namespace/name</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Action, as <c>Kind namespace/name</c>.</summary>
    public required string Action { get; init; }

    /// <summary>Reference, as <c>branch main</c>.</summary>
    public required string Reference { get; init; }

    /// <summary>Commit.</summary>
    public required string Commit { get; init; }

    /// <summary>The commit before, if one is known.</summary>
    public string? PreviousCommit { get; init; }

    /// <summary>What brought it about.</summary>
    public required string Cause { get; init; }

    /// <summary>Id of the job that it runs again.</summary>
    public string? RerunOf { get; init; }

    /// <summary>Variables of its own, where it was asked for with some.</summary>
    public IReadOnlyDictionary<string, string>? Variables { get; init; }

    /// <summary>Submitted.</summary>
    [StringSyntax("date-time")]
    public required string SubmittedAt { get; init; }

    /// <summary>Last claim.</summary>
    [StringSyntax("date-time")]
    public string? ClaimedAt { get; init; }

    /// <summary>Started.</summary>
    [StringSyntax("date-time")]
    public string? StartedAt { get; init; }

    /// <summary>Ended.</summary>
    [StringSyntax("date-time")]
    public string? EndedAt { get; init; }

    /// <summary>From start to end.</summary>
    [StringSyntax("duration")]
    public string? Duration { get; init; }

    /// <summary>Worker.</summary>
    public string? Worker { get; init; }

    /// <summary>The registered worker that it asks for: its name, labels as <c>a=b,c=d</c>, or both; null: the built-in one.</summary>
    public string? ForWorker { get; init; }

    /// <summary>What its registered worker said of its progress last, while it runs.</summary>
    public string? Progress { get; init; }

    /// <summary>Executor.</summary>
    public string? Executor { get; init; }

    /// <summary>The executor's reference: name of the last run.</summary>
    public string? RunName { get; init; }

    /// <summary>Tail of the output, of a finished job; in lists left out.</summary>
    public string? Log { get; init; }

    /// <summary>The view of a live job.</summary>
    public static JobView Of(Job job) => Of(job, job.Attempt == 0 ? null : RunNames.Of(job).Name, null);

    /// <summary>The view of a finished job.</summary>
    public static JobView Of(FinishedJob finished, bool withLog) => Of(finished.Job, finished.RunName, withLog ? finished.Log : null);

    private static JobView Of(Job job, string? runName, string? log) => new()
    {
        Id = job.Id,
        State = (job.Outcome?.ToString() ?? job.State.ToString()).ToLowerInvariant(),
        Reason = job.Reason,
        ExitCode = job.ExitCode,
        Run = job.Run,
        Attempt = job.Attempt,
        Trigger = job.TriggerKind is { } kind ? $"{kind} {job.Namespace}/{job.TriggerName}" : null,
        Source = Name(job.SourceKind, job, job.SourceName),
        Action = Name(job.ActionKind, job, job.ActionName),
        Reference = $"{job.ReferenceType.ToString().ToLowerInvariant()} {job.ReferenceName}",
        Commit = job.Commit,
        PreviousCommit = job.PreviousCommit,
        Cause = job.Cause,
        RerunOf = job.RerunOf,
        Variables = job.Variables is null ? null : new Dictionary<string, string>(Resources.Manifests.JobBody.VariablesOf(job.Variables)),
        SubmittedAt = Rfc3339.Text(job.SubmittedAt),
        ClaimedAt = Rfc3339.Text(job.ClaimedAt),
        StartedAt = Rfc3339.Text(job.StartedAt),
        EndedAt = Rfc3339.Text(job.EndedAt),
        Duration = job.EndedAt - job.StartedAt is { } duration ? XmlConvert.ToString(duration) : null,
        Worker = job.Worker,
        ForWorker = job.IsRouted ? string.Join(' ', new[] { job.ForWorker, job.ForLabels }.OfType<string>()) : null,
        Progress = job.State == JobState.Running ? job.Progress : null,
        Executor = job.Executor,
        RunName = runName,
        Log = log,
    };

    private static string Name(Resources.ResourceKind kind, Job job, string name) =>
        new Resources.ResourceName(kind, kind is Resources.ResourceKind.GitRepo or Resources.ResourceKind.Action ? job.Namespace : null, name).ToString();
}
