using System.Text.Json;
using Pushcart.Resources;

namespace Pushcart.Jobs;

/// <summary>What a job is submitted for.</summary>
/// <param name="Trigger">The trigger.</param>
/// <param name="Source">The source.</param>
/// <param name="Action">The action.</param>
/// <param name="Reference">The reference that was looked at.</param>
/// <param name="Commit">The commit that was seen.</param>
/// <param name="PreviousCommit">The commit before, if one is known.</param>
/// <param name="Override">The source that is cloned instead, and its commit; or null.</param>
/// <param name="Cause">What brought it about.</param>
public sealed record Submitted(
    Resource Trigger,
    Resource Source,
    Resource Action,
    GitReference Reference,
    string Commit,
    string? PreviousCommit,
    (Resource Source, string Commit)? Override,
    string Cause);

/// <summary>Makes new jobs: line 1 of the table of states. The row is inserted by the transaction that answers the check.</summary>
public sealed class Submission(JobSettings settings, JobDefaults defaults, Chance chance)
{
    /// <summary>A queued job, with its id drawn and everything it needs as it is now.</summary>
    public Job New(Submitted what, DateTimeOffset now)
    {
        var id = JobId.New(now, chance);
        var submittedAt = JobId.SubmittedAt(id);
        var action = ((ActionSpec)what.Action.Spec!).Job;
        return new()
        {
            Id = id,
            State = JobState.Queued,
            SubmittedAt = submittedAt,
            WaitingSince = submittedAt,
            NotBefore = submittedAt,
            SendAt = submittedAt + settings.SendAgain,
            Namespace = what.Trigger.Name.Namespace!,
            TriggerKind = what.Trigger.Name.Kind,
            TriggerName = what.Trigger.Name.Name,
            TriggerUid = what.Trigger.Uid,
            SourceKind = what.Source.Name.Kind,
            SourceName = what.Source.Name.Name,
            ReferenceType = what.Reference.Type,
            ReferenceName = what.Reference.Name,
            Commit = what.Commit,
            PreviousCommit = what.PreviousCommit,
            Cause = what.Cause,
            ActionKind = what.Action.Name.Kind,
            ActionName = what.Action.Name.Name,
            Group = action.Concurrency?.Group,
            GroupLimit = action.Concurrency?.Limit ?? 1,
            Retries = action.Retries,
            OnLost = action.OnLost,
            Deadline = Seconds(action.ActiveDeadlineSeconds) ?? Whole(defaults.Deadline),
            WaitingLimit = Seconds(action.JobWaitingTimeoutSeconds) ?? Whole(defaults.WaitingLimit),
            Ttl = Seconds(action.TtlSecondsAfterFinished) ?? Whole(defaults.Ttl),
            Snapshots = new(
                what.Action.Json,
                what.Source.Json,
                what.Override?.Source.Json,
                what.Override?.Commit,
                JsonSerializer.Serialize(defaults)),
        };
    }

    // A row holds whole seconds.
    private static TimeSpan Whole(TimeSpan duration) => TimeSpan.FromSeconds(Math.Ceiling(duration.TotalSeconds));

    private static TimeSpan? Seconds(int? seconds) => seconds is { } s ? TimeSpan.FromSeconds(s) : null;
}
