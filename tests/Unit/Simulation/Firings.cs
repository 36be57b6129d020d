using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Schedules;
using Pushcart.Resources.Stored;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Which commits and instants have fired: the newest one has, none after a newer one, none twice.</summary>
internal sealed class Firings(Simulation sim)
{
    // A replica lags by up to 8 s, and clocks are up to 3 s off.
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(12);

    // An answer of git is acted on within 20 s, the write is late by up to 16 s, and takes up to 20 s to be applied.
    private static readonly TimeSpan AnswerIsWritten = TimeSpan.FromSeconds(60);
    private readonly Dictionary<string, int> lastHead = [];
    private readonly Dictionary<string, HashSet<DateTimeOffset>> instants = [];
    private readonly HashSet<(string Trigger, string Source, DateTimeOffset Due)> sent = [];
    private DateTimeOffset changed;
    private List<(Resource Trigger, ScheduleTriggerSpec Spec)>? triggers;

    public void ResourcesChanged() => (changed, triggers) = (sim.Clock.Now, null);

    /// <summary>A transaction on the live rows: where it submits jobs, their source moves in it, and never back.</summary>
    public void Committed(IReadOnlyList<RowChange> changes)
    {
        var jobs = changes.Where(c => c is { Before: null, After: { } j } && j.Row.StartsWith(JobRow.Prefix, StringComparison.Ordinal)).Select(c => c.After!.Job).ToList();
        var sources = changes.Where(c => c.After?.Row.StartsWith(SourceState.Prefix, StringComparison.Ordinal) == true).ToList();
        if (jobs.Count == 0)
        {
            Check(sources.TrueForAll(s => s.Before is null || (string?)s.After!["commit"] == (string?)s.Before["commit"]), "a source moves without a job");
            return;
        }

        if (jobs.TrueForAll(j => j.TriggerUid is null))
        {
            // Without a check: the book of requests looks at these.
            Check(sources.Count == 0 && changes.Any(c => c is { Before: null, After: { } d } && d.Row.StartsWith(Delivery.Prefix, StringComparison.Ordinal)), $"{jobs[0].Id}: submitted by no check, and no request");
            return;
        }

        var ids = string.Join(", ", jobs.Select(j => j.Id));
        Check(sources.Count == 1, $"{ids}: submitted in a transaction with {sources.Count} sources");
        var (before, after, job) = (sources[0].Before, sources[0].After!, jobs[0]);
        Check(jobs.Exists(j => (string?)after["lastJob"] == j.Id) && jobs.TrueForAll(j => j.Commit == job.Commit), $"{ids}: submitted, but the last job of the source is {after["lastJob"]}");
        var key = after.Row;
        var heads = sim.Remotes.Branches[(job.SourceName, job.ReferenceName)].Heads;
        Check(heads.Exists(h => h.Commit == job.Commit), $"{ids}: a commit that never was");
        if (sim.World.AlwaysFires(job.TriggerName!))
        {
            var moved = before?["due"] is { } then ? !then.Equals(after["due"]) : after["due"] is not null;
            Check(moved || jobs.TrueForAll(j => j.Cause != "poll"), $"{ids}: fires, but no instant and no event brought it about");
            if (moved)
            {
                var due = (DateTimeOffset)after["due"]!;
                Check(instants.TryAdd(key, [due]) || instants[key].Add(due), $"the instant {due:O} of {job.TriggerName} fires twice: {ids}");
            }

            return;
        }

        Check(jobs.Count(j => !j.IsAskedFor) <= (jobs.Exists(j => j.IsAskedFor) ? 0 : 1), $"{ids}: several jobs for one change");
        if (before?["commit"] is null)
        {
            lastHead.Remove(key);
        }

        if (before is not null && before["commit"] is not null && (string?)before["commit"] == (string?)after["commit"])
        {
            Check(job.IsAskedFor, $"{ids}: fires for {job.Commit[..12]}, which has fired already, or after a newer one");
            return;
        }

        Check((string?)after["commit"] == job.Commit, $"{ids}: submitted for {job.Commit[..12]}, but its source is at {after["commit"]}");
        var head = heads.FindIndex(lastHead.GetValueOrDefault(key, -1) + 1, h => h.Commit == job.Commit);
        Check(head >= 0, $"{ids}: fires for {job.Commit[..12]}, which has fired already, or after a newer one");
        lastHead[key] = head;
    }

    public void Sent(string queue, QueuedMessage message)
    {
        if (queue == "simchecks" && message.Dequeued == 0)
        {
            sent.UnionWith((message.Checks.Checks ?? []).Select(c => (c.Trigger, c.Source, c.Due)));
        }
    }

    /// <summary>A tick was recorded: everything due up to it was sent.</summary>
    public void TickRecorded(DateTimeOffset? before, DateTimeOffset time)
    {
        if (before is not { } from || changed > sim.Clock.Now - TimeSpan.FromSeconds(120))
        {
            return;
        }

        foreach (var (trigger, spec) in Triggers())
        {
            if (Schedule.Of(spec, trigger.Name.ToString()).LastIn(from > trigger.ScheduledSince ? from : trigger.ScheduledSince, time) is { } due)
            {
                Check(spec.Sources.Names.All(s => sent.Contains((trigger.Uid, s, due))), $"the tick {time:O} is recorded, but {trigger.Name} was due at {due:O} and not sent");
            }
        }
    }

    /// <summary>A message of checks was handled: each of its checks is answered, owed, or in a later message.</summary>
    public void Answered(QueuedMessage message, DateTimeOffset started)
    {
        if (changed > started - TimeSpan.FromSeconds(8))
        {
            // Which resources the process knew is not known here.
            return;
        }

        foreach (var (trigger, spec, row, _) in Watched())
        {
            foreach (var check in message.Checks.Checks ?? [])
            {
                var isOfRow = check.Trigger == trigger.Uid
                    && (row is null ? spec.Sources.Names.Count == 1 : ((string)row["source"]!).EndsWith("/" + check.Source, StringComparison.Ordinal));
                var isPending = row?["owed"] is true
                    || sim.Queues.Messages("simchecks").Concat(sim.Queues.Messages("simchecks-poison")).Any(m => m != message && IsAsked(m, trigger.Uid));
                if (!isOfRow || isPending)
                {
                    continue;
                }

                if (!spec.Sources.OnChangeOnly)
                {
                    Check(row?["due"] is DateTimeOffset fired && fired >= check.Due, $"{trigger.Name} {check.Source}: the message for {check.Due:O} is handled, but nothing fired or is owed");
                    continue;
                }

                var heads = sim.Remotes.Branches[(check.Source, spec.Sources.Reference.Name)].Heads;
                var then = heads.FindLastIndex(h => h.Since <= started - Lag);

                // A check that finds an old commit back writes nothing, so another one that saw the commit between a moment ago may still write it; the next check fires.
                var isBack = then > 0 && heads.FindIndex(h => h.Commit == heads[then].Commit) < then && heads[then].Since > started - Lag - AnswerIsWritten;
                Check(
                    isBack || heads.FindLastIndex(h => h.Commit == (string?)row?["commit"]) >= then,
                    $"{trigger.Name} {check.Source}: the message for {check.Due:O} is handled, but {heads[Math.Max(0, then)].Commit[..12]} has neither fired nor is it owed");
            }
        }
    }

    /// <summary>The last instant before the faults stopped has fired.</summary>
    public void CheckAlwaysFiring()
    {
        foreach (var (trigger, spec, row, due) in Watched())
        {
            if (!spec.Sources.OnChangeOnly && row?["owed"] is not true && due < sim.Clock.Now - TimeSpan.FromMinutes(3))
            {
                Check(row?["due"] is DateTimeOffset fired && fired >= due, $"the instant {due:O} of {trigger.Name} has not fired, and nothing owes it: {row?["due"]}");
            }
        }
    }

    /// <summary>The commit that stood at the last instant of each trigger has fired, and no check is owed.</summary>
    public void CheckEnd()
    {
        foreach (var (trigger, spec, row, due) in Watched())
        {
            if (!spec.Sources.OnChangeOnly)
            {
                continue;
            }

            Check(row is not null, $"a source of {trigger.Name} was never checked");
            var remote = (string)row!["source"]!;
            var heads = sim.Remotes.Branches[(remote[(remote.LastIndexOf('/') + 1)..], spec.Sources.Reference.Name)].Heads;
            var then = heads.FindLastIndex(h => h.Since <= due - Lag);
            var now = heads.FindLastIndex(h => h.Commit == (string?)row["commit"]);
            Check(now >= then, $"{trigger.Name} was due at {due:O}, when {remote} was at {heads[Math.Max(then, 0)].Commit[..12]}; but it has seen {row["commit"]} ({row["error"]})");
            Check(row["owed"] is false && row["error"] is null, $"{remote} still has '{row["error"]}' for {trigger.Name}, and owed is {row["owed"]}");
        }
    }

    private static bool IsAsked(QueuedMessage message, string trigger) =>
        message.Text.Contains(trigger, StringComparison.Ordinal) && (message.Checks.Checks ?? []).Any(c => c.Trigger == trigger);

    private IEnumerable<(Resource Trigger, ScheduleTriggerSpec Spec)> Triggers() => AllTriggers().Where(t => !t.Spec.Suspend);

    /// <summary>The triggers as they are stored.</summary>
    public IReadOnlyList<(Resource Trigger, ScheduleTriggerSpec Spec)> AllTriggers()
    {
        // They are read once for each change: the book-keeper asks at every message.
        if (triggers is null)
        {
            triggers = [];
            foreach (var row in sim.Tables.Rows("simresources"))
            {
                if (ResourceRow.TryRead(row.ToTableEntity(), out var trigger) && trigger.Spec is ScheduleTriggerSpec spec)
                {
                    triggers.Add((trigger, spec));
                }
            }
        }

        return triggers;
    }

    private IEnumerable<(Resource Trigger, ScheduleTriggerSpec Spec, Entity? Row, DateTimeOffset Due)> Watched()
    {
        foreach (var (trigger, spec) in Triggers())
        {
            // What was due a moment ago may still be under way.
            var until = sim.Clock.Now - TimeSpan.FromMinutes(3);
            var since = trigger.ScheduledSince;
            var due = until > since ? Schedule.Of(spec, trigger.Name.ToString()).LastIn(since, until) ?? since : since;
            foreach (var source in spec.Sources.Names)
            {
                yield return (trigger, spec, sim.Tables.Find("simlive", "live", SourceState.KeyOf(trigger.Uid, spec.Sources.Kind, source, spec.Sources.Reference)), due);
            }
        }
    }

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            sim.Clock.Tell("ledger", $"VIOLATION: {otherwise}");
            throw new ViolationException(otherwise);
        }
    }
}
