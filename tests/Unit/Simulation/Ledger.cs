using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Tests.Unit.Simulation.Workers;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// Keeps book of one simulation and says what must never be: at each transaction, each create, each expiry, and at the end.
/// The rules are those of docs/architecture.md, "Invariants"; none of the product's own decisions is asked.
/// </summary>
internal sealed class Ledger
{
    private const string LiveTable = "simlive";
    private const string HistoryTable = "simhistory";
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(8);
    private readonly Simulation sim;
    private readonly Dictionary<string, Job> jobs = [];
    private readonly Dictionary<string, string> slots = [];
    private readonly LimitBook limits;
    private readonly Dictionary<string, Facts> facts = [];
    private readonly Firings firings;
    private readonly EventBook events;
    private readonly WorkerBook workers;

    public Ledger(Simulation sim)
    {
        this.sim = sim;
        firings = new(sim);
        events = new(sim);
        limits = new(sim);
        workers = new(sim, Check, () => jobs.Values);
        sim.Tables.Committed = Committed;
    }

    /// <summary>Jobs that have not ended.</summary>
    public IReadOnlyList<Job> Live => [.. jobs.Values.Where(j => j.State != JobState.Ended).OrderBy(j => j.Id, StringComparer.Ordinal)];

    /// <summary>True where nothing is left to do: also no run of a job that was ended by force, which Observe finds as an orphan.</summary>
    public bool IsIdle => sim.Tables.Rows(LiveTable).All(IsAtRest) && !sim.RunsThere.Any(run => run.IsWorking);

    public int Submitted => facts.Count;

    /// <summary>The jobs there ever were, oldest first.</summary>
    public IReadOnlyList<string> Ids => [.. facts.Keys];

    /// <summary>All triggers there are now, also suspended ones.</summary>
    public List<(string Uid, ScheduleTriggerSpec Spec)> Triggers() => [.. firings.AllTriggers().Select(t => (t.Trigger.Uid, t.Spec))];

    public void Announces(string id, (string Remote, string Branch, int Head)? head) => events.Announces(id, head);

    public void Accepted(string id) => events.Accepted(id);

    private static bool IsAtRest(Entity row) =>
        row.Row.StartsWith(SourceState.Prefix, StringComparison.Ordinal) || row.Row.StartsWith(Delivery.Prefix, StringComparison.Ordinal);

    private sealed class Facts
    {
        public required Job Job { get; set; }

        public bool Cancelled { get; set; }

        public bool Forced { get; set; }

        public bool Refused { get; set; }

        public bool InHistory { get; set; }

        public HashSet<int> SeenRunning { get; } = [];
    }

    public void Cancels(string id, bool force)
    {
        facts[id].Cancelled = true;
        facts[id].Forced |= force;
    }

    /// <summary>A cancel was answered: the job has ended, or is being stopped.</summary>
    public void CheckCancelled(string id) => Check(
        !jobs.TryGetValue(id, out var job) || job.State == JobState.Ended || job.Stop == JobStop.Cancel, $"a cancel was answered, but the job is {Show(jobs.GetValueOrDefault(id))}");

    public void Refused(RunSpec spec) => facts[spec.Key.JobId].Refused = true;

    /// <summary>A run is about to be created.</summary>
    public void Creates(ClusterRun run, Machine by)
    {
        var key = run.Spec.Key;
        Check(jobs.TryGetValue(key.JobId, out var job) && job.IsActive && job.Run == key.Run, $"{key.Name} is created, but its job is {Show(job)}");
        workers.Creates(run, job!);
        foreach (var before in sim.Clusters.SelectMany(c => c.Ever.GetValueOrDefault(key.Name) ?? []))
        {
            // A registered worker's job is running from before its create. A process that does not know of the run may start it anew where somebody has deleted it: the one before took what it knew with it.
            var wasSeen = by is WorkerProcess worker ? worker.WasShown(before) : facts[key.JobId].SeenRunning.Contains(key.Run);
            Check(before.WasTampered && !wasSeen, $"{key.Name} is created a second time");
        }
    }

    /// <summary>A run goes because its TTL is over.</summary>
    public void Expires(ClusterRun run)
    {
        var key = run.Spec.Key;
        Check(
            !jobs.TryGetValue(key.JobId, out var job) || job.State == JobState.Ended || job.Run > key.Run || run.Ttl >= JobSettings.UnrecordedTtl,
            $"{key.Name} goes by its TTL of {run.Ttl} before its end is on record: {Show(job)}");
    }

    /// <summary>Without faults: what a registered worker has started, and is gone, ends by its time.</summary>
    public void CheckTakeovers() => workers.CheckTakeovers();

    public void Sent(string queue, QueuedMessage message) => firings.Sent(queue, message);

    public void Answered(QueuedMessage message, DateTimeOffset started) => firings.Answered(message, started);

    public void CheckAlwaysFiring() => firings.CheckAlwaysFiring();

    public void CheckEnd(bool queuesAreEmpty)
    {
        foreach (var row in sim.Tables.Rows(LiveTable))
        {
            Check(IsAtRest(row), $"{row.Row} is left when all is idle");
        }

        Check(queuesAreEmpty, "a queue does not become empty");
        foreach (var (id, fact) in facts)
        {
            Check(fact.InHistory, $"job {id} is in neither live nor history");
        }

        foreach (var run in sim.RunsThere)
        {
            Check(!run.IsWorking, $"{run.Spec.Key.Name} is still at work when all is idle");
            var ttl = facts[run.Spec.Key.JobId].Job.Ttl;
            Check(run.Ttl == ttl || workers.MayKeepTtl(run), $"{run.Spec.Key.Name} keeps a TTL of {run.Ttl}, not {ttl}");
        }

        sim.Reports.CheckEnd([.. facts.Values.Select(f => f.Job)]);
        firings.CheckEnd();
        events.CheckEnd();
        sim.Budget?.CheckEnd(facts.Values.Select(f => (f.Job.Id, IsSuperseded(f.Job))), events.WithoutJob);
    }

    /// <summary>The time of all events is over: none is kept.</summary>
    public void CheckForgotten()
    {
        foreach (var row in sim.Tables.Rows(LiveTable))
        {
            Check(!row.Row.StartsWith(Delivery.Prefix, StringComparison.Ordinal), $"{row.Row} is kept after its time");
        }
    }

    private static bool IsSuperseded(Job job) =>
        job.StopBy?.StartsWith("superseded", StringComparison.Ordinal) == true || job.Reason?.StartsWith("superseded", StringComparison.Ordinal) == true;

    private void Committed(string table, IReadOnlyList<RowChange> changes)
    {
        if (table == "simresources")
        {
            firings.ResourcesChanged();
            limits.Changed(changes);
        }

        if (table == "simticks" && changes[0].After is { Row: "poll" } tick)
        {
            firings.TickRecorded((DateTimeOffset?)changes[0].Before?["time"], (DateTimeOffset)tick["time"]!);
        }

        if (table == HistoryTable)
        {
            foreach (var change in changes)
            {
                History(change);
            }
        }

        if (table != LiveTable)
        {
            return;
        }

        events.Committed(changes);
        firings.Committed(changes);
        var touched = new HashSet<string>();
        foreach (var change in changes)
        {
            var key = (change.Before ?? change.After)!.Row;
            if (key.StartsWith(JobRow.Prefix, StringComparison.Ordinal))
            {
                touched.Add(key[JobRow.Prefix.Length..]);
                JobChanges(change);
            }
            else if (key.StartsWith(Slot.Prefix, StringComparison.Ordinal))
            {
                if (change.After is { } after)
                {
                    slots[key] = (string)after["job"]!;
                    touched.Add(slots[key]);
                    Check(change.Before is not null || limits.Allow(key), $"{key} is given out, above every limit that may have been in force");
                }
                else
                {
                    touched.Add((string)change.Before!["job"]!);
                    slots.Remove(key);
                }
            }
        }

        foreach (var id in touched)
        {
            Slots(id);
        }
    }

    // Slots = claimed and running rows, and every limit is kept.
    private void Slots(string id)
    {
        var job = jobs.GetValueOrDefault(id);
        var held = slots.Where(s => s.Value == id).Select(s => s.Key).Order(StringComparer.Ordinal).ToList();
        var due = job is { IsActive: true } ? Slot.HeldBy(job).Order(StringComparer.Ordinal).ToList() : [];
        Check(held.SequenceEqual(due), $"job {id} holds the slots [{string.Join(", ", held)}], but should hold [{string.Join(", ", due)}]: {Show(job)}");
        if (job is { IsActive: true })
        {
            Check(job.Group is null || job.GroupSlot < job.GroupLimit, $"job {id} has a slot above the limit of its group: {job.GroupSlot}");
            Check(job.Slot is not null && (job.Group is null) == (job.GroupSlot is null), $"job {id} lacks a slot");
            var group = jobs.Values.Count(j => j.IsActive && j.Group is not null && j.Group == job.Group);
            Check(group <= job.GroupLimit, $"{group} jobs of the group {job.Group} are claimed or running; its limit is {job.GroupLimit}");
        }
    }

    private void JobChanges(RowChange change)
    {
        var before = change.Before?.Job;
        var after = change.After?.Job;
        if (after is null)
        {
            jobs.Remove(before!.Id);
            Check(before.State == JobState.Ended && facts[before.Id].InHistory, $"the row of job {before.Id} goes before it is in history: {Show(before)}");
            return;
        }

        jobs[after.Id] = after;
        sim.World.Changed(after);
        if (before is null)
        {
            Check(facts.TryAdd(after.Id, new() { Job = after }), $"job {after.Id} is submitted twice");
            sim.Budget?.Runs("submit");
            Check(after is { State: JobState.Queued, Attempt: 0, Run: 1 }, $"a new job is {Show(after)}");
            sim.Clock.Tell("ledger", $"job {after.Id} submitted for {after.TriggerName} {after.SourceName} {after.ReferenceName} {after.Commit[..12]}");
            return;
        }

        if (sim.Clock.IsTracing)
        {
            sim.Clock.Tell("ledger", $"job {Show(before)} → {Show(after)}");
        }

        var fact = facts[after.Id];
        fact.Job = after;
        workers.Changed(before, after);
        if (before.State == JobState.Ended)
        {
            // Only what is noted of its report.
            var noted = before with { ReportAt = after.ReportAt, FailedReports = after.FailedReports, Archived = after.Archived, ETag = after.ETag };
            Check(noted == after && after.Archived == true && fact.InHistory, $"job {after.Id} had ended and is changed: {Show(before)} → {Show(after)}");
            return;
        }

        Check(after.Attempt >= before.Attempt && after.Run >= before.Run && after.Run <= after.Retries + 1, $"job {after.Id} goes from {Show(before)} to {Show(after)}");
        if (after.State == JobState.Running)
        {
            fact.SeenRunning.Add(after.Run);
        }

        if (before.IsActive && !after.IsActive)
        {
            SlotFreed(before, after, fact);
        }

        if (after.State == JobState.Ended)
        {
            Ended(before, after, fact);
        }
    }

    private void SlotFreed(Job before, Job after, Facts fact)
    {
        var run = sim.FindRun(RunNames.Of(before).Name);
        Check(run is not { IsWorking: true } || fact.Forced, $"job {before.Id} gives its slot back while its run is at work: {Show(before)} → {Show(after)}");
        if (after.State == JobState.Queued && after.Run == before.Run)
        {
            Check(run is null, $"job {before.Id} is queued for the same run again, which exists: {Show(before)} → {Show(after)}");
        }

        if (after.Run > before.Run)
        {
            var last = sim.LastRun(RunNames.Of(before).Name);
            Check(
                last?.View.Phase == RunPhase.Failed || last is { WasStopped: true } || (last is { WasTampered: true } && before.Stop == JobStop.PendingLimit) || (after.OnLost == OnLost.Retry && (last?.View.Phase != RunPhase.Succeeded || last.WasTampered || workers.TookTooLong(before))),
                $"job {before.Id} gets a second run, but its first has not failed: {Show(before)} → {Show(after)}");
        }
    }

    private void Ended(Job before, Job job, Facts fact)
    {
        var last = sim.LastRun(RunNames.Of(job).Name);
        var fits = job.Outcome switch
        {
            JobOutcome.Succeeded => last?.View.Phase == RunPhase.Succeeded,
            JobOutcome.Failed => last?.View.Phase == RunPhase.Failed || fact.Refused || (last is { WasStopped: true } or { WasTampered: true } && before.Stop == JobStop.PendingLimit)
                || (last is null && before.LostClaims >= JobSettings.LostClaimsMost),
            JobOutcome.Cancelled => fact.Cancelled || IsSuperseded(job) || last is { WasTampered: true },
            JobOutcome.Expired => before.State == JobState.Queued && sim.Clock.Now - before.WaitingSince > before.WaitingLimit - ClocksApart,
            JobOutcome.Lost => last is { WasTampered: true } || workers.TookTooLong(before) || (before.State == JobState.Claimed && sim.Clock.Now - before.Lease > JobSettings.AbsenceProves - ClocksApart)
                || (last is { IsThere: false } && sim.Clock.Now - last.View.EndedAt >= JobSettings.UnrecordedTtl),
            _ => false,
        };
        if (IsSuperseded(job))
        {
            var by = ((job.StopBy is { Length: > 0 } stop ? stop : job.Reason)!).Split(' ')[^1];
            Check(job.TriggerUid is not null && facts[by].Job.TriggerUid == job.TriggerUid, $"job {job.Id} of trigger {job.TriggerUid} is superseded by {by} of {facts[by].Job.TriggerUid}");
        }

        Check(fits, $"job {job.Id} ended as {job.Outcome} ({job.Reason}), but its run is {last?.View.Phase.ToString() ?? "not there"}: {Show(before)}");
    }

    private void History(RowChange change)
    {
        var id = (change.Before ?? change.After)!.Row[^JobId.Length..];
        var fact = facts[id];
        if (change.Before is null)
        {
            Check(!fact.InHistory, $"job {id} is in history twice");
            Check(jobs.GetValueOrDefault(id) is { State: JobState.Ended }, $"job {id} is in history before its end is decided: {Show(jobs.GetValueOrDefault(id))}");
            Check((string?)change.After!["outcome"] == jobs[id].Outcome.ToString(), $"job {id} is in history as {change.After["outcome"]}, but ended as {jobs[id].Outcome}");
            fact.InHistory = true;
        }
        else
        {
            Check(change.After is null, $"the history of job {id} is changed");
            Check(!jobs.ContainsKey(id), $"the history of job {id} goes, but its row is still alive");
            Check(sim.Clock.Now - (DateTimeOffset)change.Before["endedAt"]! > sim.HistorySettings.Expiration - ClocksApart, $"the history of job {id} goes too early");
        }
    }

    private static string Show(Job? job) => job is null ? "not there"
        : $"{job.Id} {job.State} attempt {job.Attempt} run {job.Run}{(job.Stop == JobStop.None ? "" : $" stop {job.Stop}")}{(job.Outcome is { } outcome ? $" {outcome} ({job.Reason})" : "")}";

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            sim.Clock.Tell("ledger", $"VIOLATION: {otherwise}");
            throw new ViolationException(otherwise);
        }
    }
}
