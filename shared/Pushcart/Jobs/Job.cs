using System.Text.Json.Serialization;
using Azure;
using Pushcart.Jobs.Live;
using Pushcart.Resources;

namespace Pushcart.Jobs;

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>Waits for a claim.</summary>
    Queued,

    /// <summary>A worker has it, and is about to create its run.</summary>
    Claimed,

    /// <summary>Its run was seen.</summary>
    Running,

    /// <summary>It has ended; only its archive is missing.</summary>
    Ended,
}

/// <summary>How a job ended.</summary>
public enum JobOutcome
{
    /// <summary>Its work succeeded.</summary>
    Succeeded,

    /// <summary>Its work failed, as often as its retries allow, or could not be created.</summary>
    Failed,

    /// <summary>Somebody or something newer cancelled it.</summary>
    Cancelled,

    /// <summary>It waited too long.</summary>
    Expired,

    /// <summary>It may have run; nobody can tell.</summary>
    Lost,
}

/// <summary>Why the run of a job is being stopped.</summary>
public enum JobStop
{
    /// <summary>It is not.</summary>
    None,

    /// <summary>It was cancelled or superseded.</summary>
    Cancel,

    /// <summary>Its images did not come in time.</summary>
    PendingLimit,
}

/// <summary>One event's work, not yet in history: a row of <c>live</c>. Only <see cref="Transitions"/> says how it changes.</summary>
public sealed record Job
{
    /// <summary>Id.</summary>
    public required string Id { get; init; }

    /// <summary>State.</summary>
    public JobState State { get; init; }

    /// <summary>Outcome, once it has ended.</summary>
    public JobOutcome? Outcome { get; init; }

    /// <summary>Claims so far: the fence.</summary>
    public int Attempt { get; init; }

    /// <summary>Run, from 1: part of the name of what is created.</summary>
    public int Run { get; init; } = 1;

    /// <summary>Drawn for each claim; tells our own claim from another.</summary>
    public string? ClaimKey { get; init; }

    /// <summary>Who claimed it: <see cref="Claiming.Worker"/>, or a registered worker's <c>NAME</c> or <c>NAME/pod</c>.</summary>
    public string? Worker { get; init; }

    /// <summary>Where a registered worker runs it; null for the built-in one.</summary>
    public string? Cluster { get; init; }

    /// <summary>Slot of the worker that it holds, or null.</summary>
    public int? Slot { get; init; }

    /// <summary>Slot of its group that it holds, or null.</summary>
    public int? GroupSlot { get; init; }

    /// <summary>When a claim that did not start ends; of a started job, when its registered worker counts as silent.</summary>
    public DateTimeOffset? Lease { get; init; }

    /// <summary>Until when a started job is its registered worker's, however silent: by then its run has met its deadline. Null for the built-in one.</summary>
    public DateTimeOffset? Takeover { get; init; }

    /// <summary>What its registered worker said of its progress last.</summary>
    public string? Progress { get; init; }

    /// <summary>Why its run is being stopped.</summary>
    public JobStop Stop { get; init; }

    /// <summary>Who asked for the stop.</summary>
    public string? StopBy { get; init; }

    /// <summary>Claims of this run that were lost without a start.</summary>
    public int LostClaims { get; init; }

    /// <summary>Submitted.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Since when it waits: its submission, or the end of the run before.</summary>
    public required DateTimeOffset WaitingSince { get; init; }

    /// <summary>Not claimed before.</summary>
    public DateTimeOffset NotBefore { get; init; }

    /// <summary>When its message is sent again.</summary>
    public DateTimeOffset SendAt { get; init; }

    /// <summary>Last claim.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>When the run was first seen at work; or when its registered worker was last allowed to create it.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When Observe moved it to running: the time at which the row, not the run, was at work.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Ended.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it ended or waits, in a word or a sentence.</summary>
    public string? Reason { get; init; }

    /// <summary>Exit code of the work.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What create answered last, where that was not success.</summary>
    public string? CreateAnswer { get; init; }

    /// <summary>Identity of the run, given by the executor.</summary>
    public string? RunUid { get; init; }

    /// <summary>Pods that the run had.</summary>
    public int Pods { get; init; }

    /// <summary>Executor that ran it.</summary>
    public string? Executor { get; init; }

    /// <summary>Namespace that it runs in: the trigger's, where there is one.</summary>
    public required string Namespace { get; init; }

    /// <summary>Kind of the trigger, or of the one whose job is run again; null without one.</summary>
    public ResourceKind? TriggerKind { get; init; }

    /// <summary>Name of the trigger.</summary>
    public string? TriggerName { get; init; }

    /// <summary>Uid of the trigger; null where none has submitted it: a re-run, or a job that was asked for.</summary>
    public string? TriggerUid { get; init; }

    /// <summary>Id of the job that it runs again; null where it is none's re-run.</summary>
    public string? RerunOf { get; init; }

    /// <summary>Kind of the source.</summary>
    public required ResourceKind SourceKind { get; init; }

    /// <summary>Name of the source.</summary>
    public required string SourceName { get; init; }

    /// <summary>Kind of reference.</summary>
    public required ReferenceType ReferenceType { get; init; }

    /// <summary>Name of the reference.</summary>
    public required string ReferenceName { get; init; }

    /// <summary>The commit that was seen.</summary>
    public required string Commit { get; init; }

    /// <summary>The commit before, if one is known.</summary>
    public string? PreviousCommit { get; init; }

    /// <summary>What brought it about: <c>poll</c>, …</summary>
    public required string Cause { get; init; }

    /// <summary>Kind of the action.</summary>
    public required ResourceKind ActionKind { get; init; }

    /// <summary>Name of the action.</summary>
    public required string ActionName { get; init; }

    /// <summary>Variables of its own, in JSON, where it was asked for with some; a re-run has them too. Never a secret.</summary>
    public string? Variables { get; init; }

    /// <summary>Name of the registered worker that it asks for; null: it asks for none by name.</summary>
    public string? ForWorker { get; init; }

    /// <summary>Labels of the registered worker that it asks for, as <see cref="WorkerLabels"/> writes them; null: it asks for none.</summary>
    public string? ForLabels { get; init; }

    /// <summary>Group, or null.</summary>
    public string? Group { get; init; }

    /// <summary>How many of the group run at once.</summary>
    public int GroupLimit { get; init; } = 1;

    /// <summary>Further runs after failed ones.</summary>
    public int Retries { get; init; }

    /// <summary>What becomes of a lost run.</summary>
    public OnLost OnLost { get; init; }

    /// <summary>From a run's start to its end, at most.</summary>
    public TimeSpan Deadline { get; init; }

    /// <summary>By how much its pod's grace exceeds <see cref="JobSettings.PodGrace"/>: so much longer may its run take to end.</summary>
    public TimeSpan ExtraGrace { get; init; }

    /// <summary>How long it may wait.</summary>
    public TimeSpan WaitingLimit { get; init; }

    /// <summary>How long its images may fail to come.</summary>
    public TimeSpan PendingLimit { get; init; } = TimeSpan.FromSeconds(SettingsSpec.BuiltIn.PendingLimitSeconds);

    /// <summary>How long an ended run is kept once its end is on record.</summary>
    public TimeSpan Ttl { get; init; }

    /// <summary>What it was submitted with; null where the row was read without.</summary>
    public JobSnapshots? Snapshots { get; init; }

    /// <summary>Address of its source's repository, whose provider may be told how it goes; null of jobs that older versions submitted.</summary>
    public string? Repository { get; init; }

    /// <summary>When its provider was begun to be told that it is pending; null while it was not.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    /// <summary>When its provider is told next, after a report that failed.</summary>
    public DateTimeOffset? ReportAt { get; init; }

    /// <summary>Reports that failed.</summary>
    public int FailedReports { get; init; }

    /// <summary>True where its history is written, and only its report is missing; null where it is not.</summary>
    public bool? Archived { get; init; }

    /// <summary>The trace that it belongs to, as W3C's <c>traceparent</c>; null where nobody traces.</summary>
    public string? TraceParent { get; init; }

    /// <summary>Version of the row that was seen.</summary>
    [JsonIgnore]
    public ETag ETag { get; init; }

    /// <summary>True where no change that a check found brought it about, but somebody who asked: a manual run, a re-run, a job without a trigger. It neither supersedes nor is superseded.</summary>
    [JsonIgnore]
    public bool IsAskedFor => TriggerUid is null || Cause.StartsWith(ManualCause, StringComparison.Ordinal);

    /// <summary>True where the last claim is a registered worker's: only that worker sees its run.</summary>
    [JsonIgnore]
    public bool IsRegistered => Worker is not (null or Claiming.Worker);

    /// <summary>True where it asks for a registered worker: the built-in one leaves it alone, and it has no message.</summary>
    [JsonIgnore]
    public bool IsRouted => ForWorker is not null || ForLabels is not null;

    /// <summary>Whether a registered worker of that name and those labels is one that it asks for.</summary>
    /// <param name="worker"><c>NAME</c> or <c>NAME/pod</c>.</param>
    /// <param name="labels">What the worker has; null: nothing.</param>
    public bool Admits(string worker, IReadOnlyDictionary<string, string>? labels) =>
        (ForWorker is null || ForWorker == WorkerNames.NameOf(worker)) && (ForLabels is null || WorkerLabels.Read(ForLabels).All(asked => labels?.GetValueOrDefault(asked.Key) == asked.Value));

    /// <summary>How the cause of a manual run begins.</summary>
    public const string ManualCause = "manual";

    /// <summary>True while it holds slots.</summary>
    [JsonIgnore]
    public bool IsActive => State is JobState.Claimed or JobState.Running;
}

/// <summary>The resources and defaults of a job, as they were when it was submitted, in their own JSON. Never a secret.</summary>
/// <param name="Action">The action's spec.</param>
/// <param name="Source">The source's spec.</param>
/// <param name="Override">The spec of the source that is cloned instead, or null.</param>
/// <param name="OverrideCommit">The commit of that source, or null.</param>
/// <param name="Defaults">The defaults.</param>
public sealed record JobSnapshots(
    string Action,
    string Source,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Override,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? OverrideCommit,
    string Defaults);
