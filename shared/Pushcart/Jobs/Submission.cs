using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Telemetry;

namespace Pushcart.Jobs;

/// <summary>What a job is submitted for.</summary>
/// <param name="Trigger">The trigger; null where none asks for it.</param>
/// <param name="Source">The source.</param>
/// <param name="Action">The action.</param>
/// <param name="Reference">The reference that was looked at.</param>
/// <param name="Commit">The commit that was seen.</param>
/// <param name="PreviousCommit">The commit before, if one is known.</param>
/// <param name="Override">The source that is cloned instead, and its commit; or null.</param>
/// <param name="Cause">What brought it about.</param>
/// <param name="Namespace">Where it runs; null: where its trigger is.</param>
/// <param name="RerunOf">The job that it runs again, whose trigger it is told; null where it is none's re-run.</param>
/// <param name="Variables">Variables of its own, in JSON; null: those of the job that it runs again.</param>
public sealed record Submitted(
    Resource? Trigger,
    Resource Source,
    Resource Action,
    GitReference Reference,
    string Commit,
    string? PreviousCommit,
    (Resource Source, string Commit)? Override,
    string Cause,
    string? Namespace = null,
    Job? RerunOf = null,
    string? Variables = null);

/// <summary>Makes new jobs: lines 1 and 2 of the table of states. The row is inserted by the transaction that answers the check, or the request.</summary>
public sealed class Submission(JobSettings settings, Chance chance)
{
    private static readonly TimeSpan ClocksApart = TimeSpan.FromMinutes(1);

    /// <summary>A queued job, with its id drawn and everything it needs as it is now.</summary>
    /// <param name="what">What it is submitted for.</param>
    /// <param name="defaults">What it gets where its action says nothing.</param>
    /// <param name="now">Now.</param>
    public Job New(Submitted what, SettingsSpec defaults, DateTimeOffset now)
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

            // A little earlier: who claims it may have a clock that is behind, and would leave it for a minute.
            NotBefore = submittedAt - ClocksApart,
            SendAt = submittedAt + settings.SendAgain,
            Namespace = what.Namespace ?? what.Trigger?.Name.Namespace ?? throw new ArgumentException("a job without a trigger has a namespace of its own", nameof(what)),
            TriggerKind = what.Trigger?.Name.Kind ?? what.RerunOf?.TriggerKind,
            TriggerName = what.Trigger?.Name.Name ?? what.RerunOf?.TriggerName,
            TriggerUid = what.Trigger?.Uid,
            RerunOf = what.RerunOf?.Id,
            SourceKind = what.Source.Name.Kind,
            SourceName = what.Source.Name.Name,
            Repository = ((GitRepoSpec)what.Source.Spec!).RepoUri,
            ReferenceType = what.Reference.Type,
            ReferenceName = what.Reference.Name,
            Commit = what.Commit,
            PreviousCommit = what.PreviousCommit,
            Cause = what.Cause,
            ActionKind = what.Action.Name.Kind,
            ActionName = what.Action.Name.Name,
            Variables = what.Variables ?? what.RerunOf?.Variables,
            ForWorker = action.Worker?.Name,
            ForLabels = WorkerLabels.Write(action.Worker?.Labels),
            Group = action.Concurrency?.Group,
            GroupLimit = action.Concurrency?.Limit ?? 1,
            Retries = action.Retries,
            OnLost = action.OnLost,
            Deadline = TimeSpan.FromSeconds(action.ActiveDeadlineSeconds ?? defaults.ActiveDeadlineSeconds),
            ExtraGrace = ExtraGrace(action.PodTemplate),
            WaitingLimit = TimeSpan.FromSeconds(action.JobWaitingTimeoutSeconds ?? defaults.JobWaitingTimeoutSeconds),
            PendingLimit = TimeSpan.FromSeconds(defaults.PendingLimitSeconds),
            Ttl = TimeSpan.FromSeconds(action.TtlSecondsAfterFinished ?? defaults.TtlSecondsAfterFinished),
            TraceParent = Traces.Current,
            Snapshots = new(
                what.Action.Json,
                what.Source.Json,
                what.Override?.Source.Json,
                what.Override?.Commit,
                SpecReader.ToJson(defaults)),
        };
    }

    // The template is the user's, in Kubernetes' words, and the cluster judges it: what is no number of seconds here is none there.
    private static TimeSpan ExtraGrace(JsonObject? podTemplate)
    {
        var given = podTemplate?["spec"] is JsonObject pod && int.TryParse(pod["terminationGracePeriodSeconds"]?.ToJsonString(), CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : JobSettings.PodGrace;
        return given > JobSettings.PodGrace ? given - JobSettings.PodGrace : TimeSpan.Zero;
    }
}
