using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Schedules;
using Pushcart.Resources.Stored;
using Pushcart.Triggers.Checks;

namespace Pushcart.Triggers.Status;

/// <summary>Tells how triggers stand. It reads; nothing is written.</summary>
public sealed class TriggerQueries(ResourceStore resources, LiveSources live, JobStore jobs, Polling polling, PollSettings poll, TimeProvider time)
{
    /// <summary>All triggers, by namespace and name.</summary>
    /// <param name="within">Where the caller may look: what is elsewhere is not there.</param>
    /// <param name="cancellation">Ends the queries.</param>
    public async Task<IReadOnlyList<TriggerView>> AllAsync(AllowedNamespaces within, CancellationToken cancellation)
    {
        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        var states = (await live.AllAsync(cancellation).ConfigureAwait(false)).ToDictionary(s => s.Key);
        var busy = (await jobs.AllAsync($"state ne '{nameof(JobState.Ended)}'", cancellation).ConfigureAwait(false)).Select(j => j.TriggerUid).ToHashSet();
        var managed = catalog.All.Any(r => r.Spec is GitRepoSpec { ManageWebhook: true });
        var hooks = managed ? await live.HooksAsync(cancellation).ConfigureAwait(false) : [];
        var wrongHooks = hooks.Where(h => h.Error is not null).ToDictionary(h => h.Key, h => h.Error!);
        var recorded = await polling.RecordedAsync(cancellation).ConfigureAwait(false);
        return [.. catalog.All
            .Where(r => r.Name.Kind is ResourceKind.ScheduleTrigger or ResourceKind.WebhookTrigger && within.Has(r.Name.Namespace))
            .OrderBy(r => r.Name.Namespace, StringComparer.Ordinal).ThenBy(r => r.Name.Name, StringComparer.Ordinal).ThenBy(r => r.Name.Kind)
            .Select(r => ViewOf(r, catalog, states, wrongHooks, busy.Contains(r.Uid), recorded))];
    }

    private TriggerView ViewOf(Resource trigger, Catalog catalog, Dictionary<string, SourceState> states, Dictionary<string, string> wrongHooks, bool busy, DateTimeOffset? recorded)
    {
        var view = new TriggerView
        {
            Kind = trigger.Name.Kind.ToString(),
            Namespace = trigger.Name.Namespace!,
            Name = trigger.Name.Name,
            State = TriggerView.WrongConfig,
            Reason = trigger.Error,
            Sources = [],
        };
        if (trigger.Spec is not TriggerSpec spec)
        {
            return view;
        }

        var items = spec.Sources.Names.Select(name => CheckItem.Of(trigger, name)).ToList();
        var wrong = items.Select(item => Decision.WrongConfig(item, catalog)).FirstOrDefault(reason => reason is not null);
        var (lastRun, nextRun) = spec is ScheduleTriggerSpec schedule ? RunsOf(trigger, catalog.ScheduleOf(trigger), schedule.Suspend, recorded) : (null, null);
        return view with
        {
            State = wrong is not null ? TriggerView.WrongConfig : busy ? TriggerView.Running : TriggerView.Idle,
            Reason = wrong,
            Suspended = spec.Suspend,
            Note = poll.NoteOn(spec, time.GetUtcNow()),
            LastRun = Rfc3339.Text(lastRun),
            NextRun = Rfc3339.Text(nextRun),
            Sources = [.. items.Select(item => SourceOf(item, states.GetValueOrDefault(item.StateKey), HookError(catalog.Find(item.SourceName), wrongHooks), lastRun))],
        };
    }

    private (DateTimeOffset? Last, DateTimeOffset? Next) RunsOf(Resource trigger, Schedule schedule, bool suspended, DateTimeOffset? recorded)
    {
        var since = trigger.ScheduledSince;
        var last = recorded is { } tick && tick >= since ? schedule.LastIn(since, tick) ?? since : (DateTimeOffset?)null;
        var now = time.GetUtcNow();
        return (last, suspended ? null : last is null ? since > now ? since : now : schedule.NextAfter(last > now ? last.Value : now));
    }

    private static string? HookError(Resource? source, Dictionary<string, string> wrongHooks) =>
        source?.Spec is GitRepoSpec { ManageWebhook: true } spec && HookState.KeyOf(spec.RepoUri) is { } key ? wrongHooks.GetValueOrDefault(key) : null;

    private static TriggerSourceView SourceOf(CheckItem item, SourceState? state, string? hookError, DateTimeOffset? lastRun) => new()
    {
        Name = item.SourceName.ToString(),
        Commit = state?.Commit,
        FileHash = state?.FileHash,
        Changed = Rfc3339.Text(state?.ChangedAt),

        // Before the first decision no row says that it was looked at; while it is owed, what is written is the last look.
        LastCheck = Rfc3339.Text(state is null ? null : state.Owed || lastRun is null || state.WrittenAt > lastRun ? state.WrittenAt : lastRun),
        LastError = state?.Error ?? hookError,
        Failures = state?.Failures ?? 0,
        Healthy = hookError is null && (state is null || state.Failures < Failing.Unhealthy),
        NextAttempt = Rfc3339.Text(state?.NextAttempt),
        LastJob = state?.LastJob,
    };
}
