using Pushcart.Jobs;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// Keeps book of events: each is accepted once, each of its checks ends in one outcome, in the transaction that deletes its task; a manual run has a job of its own;
/// what was announced has fired where an outcome says so; and all of it goes after its time.
/// </summary>
internal sealed class EventBook(Simulation sim)
{
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(8);
    private readonly Dictionary<string, Event> events = [];
    private readonly Dictionary<string, (string Remote, string Branch, int Head)?> announced = [];
    private readonly HashSet<string> ownJobs = [];

    private sealed class Event
    {
        public required int Checks { get; init; }

        public Dictionary<string, Entity> Tasks { get; } = [];

        public Dictionary<string, string> Outcomes { get; } = [];

        public DateTimeOffset LastOutcome { get; set; }

        public bool IsForgotten { get; set; }
    }

    /// <summary>An event is about to be sent; it announces that head of a branch.</summary>
    public void Announces(string id, (string Remote, string Branch, int Head)? head) => announced[id] = head;

    /// <summary>An event was answered as accepted, now or before.</summary>
    public void Accepted(string id) => Check(events.ContainsKey(id), $"{id} was answered as accepted, but it is not there");

    /// <summary>A transaction on the live rows.</summary>
    public void Committed(IReadOnlyList<RowChange> changes)
    {
        foreach (var change in changes)
        {
            var parts = (change.Before ?? change.After)!.Row.Split('|');
            switch (parts)
            {
                case ["delivery", var id] when !sim.World.Requests.Committed(change, changes):
                    EventChanges(id, change, changes);
                    break;
                case ["delivery", _]:
                    break;
                case ["delivery", var id, var number]:
                    OutcomeChanges(id, number, change, changes);
                    break;
                case ["task", var source, "0"] when source.StartsWith("s-", StringComparison.Ordinal):
                    ScheduleOwes(source["s-".Length..], change, changes);
                    break;
                case ["task", var id, var number]:
                    TaskChanges(id, number, change, changes);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>How many checks of an event ended without a job.</summary>
    public int WithoutJob(string id) => events[id].Outcomes.Values.Count(o => o != Delivery.Submitted);

    /// <summary>All is idle: every check of every event has its outcome.</summary>
    public void CheckEnd()
    {
        foreach (var (id, what) in events)
        {
            Check(what.IsForgotten || what.Outcomes.Count == what.Checks, $"{id} was accepted with {what.Checks} checks, and has {what.Outcomes.Count} outcomes");
        }
    }

    private void EventChanges(string id, RowChange change, IReadOnlyList<RowChange> changes)
    {
        if (change.Before is null)
        {
            Check(!events.TryGetValue(id, out var before) || before.IsForgotten, $"{id} is accepted a second time");
            var checks = (int)change.After!["checks"]!;
            events[id] = new() { Checks = checks };
            var tasks = changes.Count(c => c is { Before: null, After: { } after } && after.Row.StartsWith($"task|{id}|", StringComparison.Ordinal));
            var isWhole = changes.Any(c => c.After?.Row == $"task|{id}|all");
            Check(isWhole ? tasks == 1 : tasks == checks, $"{id} is accepted with {checks} checks, but {tasks} are owed");
            return;
        }

        var what = events[id];
        Check(change.After is null, $"the event {id} is changed");
        Check(what.Outcomes.Count == what.Checks, $"{id} is forgotten with {what.Outcomes.Count} of {what.Checks} outcomes");
        CheckIsOld(id, what);
        what.IsForgotten = true;
    }

    private void CheckIsOld(string id, Event what) =>
        Check(sim.Clock.Now - what.LastOutcome >= sim.CheckSettings.DeliveriesKept - ClocksApart, $"{id} is forgotten too early: its last outcome is of {what.LastOutcome:O}");

    private void TaskChanges(string id, string number, RowChange change, IReadOnlyList<RowChange> changes)
    {
        Check(events.TryGetValue(id, out var what), $"task {number} of {id} is owed to an event that is not there");
        if (change.After is { } after)
        {
            Check(change.Before is not null || (!what!.Outcomes.ContainsKey(number) && !what.Tasks.ContainsKey(number)), $"task {number} of {id} is owed a second time");
            what!.Tasks[number] = after;
        }
        else if (number == "all")
        {
            Check(what!.Tasks.Count - 1 == what.Checks, $"{id} has {what.Tasks.Count - 1} tasks of {what.Checks} when the whole goes");
        }
        else
        {
            Check(changes.Any(c => c is { Before: null, After: { } o } && o.Row == $"delivery|{id}|{number}"), $"task {number} of {id} goes without an outcome");
        }
    }

    private void OutcomeChanges(string id, string number, RowChange change, IReadOnlyList<RowChange> changes)
    {
        Check(events.TryGetValue(id, out var what), $"{id} has an outcome, but is not there");
        if (change.Before is not null)
        {
            Check(change.After is null && what!.Outcomes.Count == what.Checks, $"the outcome {number} of {id} is changed, or goes before all are there");
            CheckIsOld(id, what!);
            return;
        }

        var outcome = (string)change.After!["outcome"]!;
        Check(what!.Outcomes.TryAdd(number, outcome), $"{id} has a second outcome for {number}: {outcome}");
        what.LastOutcome = sim.Clock.Now;
        var task = changes.FirstOrDefault(c => c.Before?.Row == $"task|{id}|{number}" && c.After is null)?.Before;
        Check(task is not null, $"{id} has an outcome for {number}, but its task stays");
        var forced = task!["force"] is true;
        var age = sim.Clock.Now - (DateTimeOffset)task["createdAt"]!;
        switch (outcome)
        {
            case Delivery.Submitted:
                var job = changes.FirstOrDefault(c => c is { Before: null, After: { } j } && j.Row == JobRow.Prefix + change.After["detail"])?.After;
                Check(job is not null, $"{id}: the outcome of {number} names {change.After["detail"]}, which is not submitted with it");
                Check(!forced || ((string)job!["cause"]! == (string)task["cause"]! && ownJobs.Add(job.Row)), $"the manual run {id} has no job of its own: {job!.Row} is of '{job["cause"]}'");
                Announced(id, task, (string)job!["commit"]!, age, changes);
                break;
            case Delivery.Unchanged:
                Check(!forced, $"the manual run {id} ends as {outcome}");
                if (Source(changes)?.After?["commit"] is string seen)
                {
                    Announced(id, task, seen, age, changes);
                }

                break;
            case Delivery.Suspended:
                Check(!forced, $"the manual run {id} ends as {outcome}");
                break;
            case Delivery.TriggerDeleted:
                Check(!sim.Ledger.Triggers().Exists(t => t.Uid == (string)task["triggerUid"]! && t.Spec.Sources.Names.Contains((string)task["source"]!)), $"{id} ends as {outcome}, but its trigger is there");
                break;
            default:
                Check(outcome == Delivery.GivenUp && age > sim.CheckSettings.Owed - ClocksApart, $"{id} ends as '{outcome}' after {age}");
                break;
        }
    }

    // The commit that was announced, or a newer one, has fired; or nobody has seen it for as long as it is looked for.
    private void Announced(string id, Entity task, string commit, TimeSpan age, IReadOnlyList<RowChange> changes)
    {
        if (announced[id] is not { } head || task["announced"] is not string wanted)
        {
            return;
        }

        var heads = sim.Remotes.Branches[(head.Remote, head.Branch)].Heads;
        bool IsSeen(string? c) => c is not null && heads.FindLastIndex(h => h.Commit == c) >= head.Head;
        var before = Source(changes)?.Before;
        Check(
            IsSeen(commit) || IsSeen((string?)before?["commit"]) || (string?)before?["previous"] == wanted || age >= sim.CheckSettings.LookFor - ClocksApart,
            $"{id} announced {wanted[..12]}, and is answered by {commit[..12]}, which is older");
    }

    private static RowChange? Source(IReadOnlyList<RowChange> changes) =>
        changes.FirstOrDefault(c => (c.After ?? c.Before)!.Row.StartsWith(SourceState.Prefix, StringComparison.Ordinal));

    // The schedule's task and the mark on its source go together.
    private void ScheduleOwes(string hash, RowChange change, IReadOnlyList<RowChange> changes)
    {
        var key = SourceState.Prefix + hash;
        var source = changes.FirstOrDefault(c => (c.After ?? c.Before)!.Row == key)?.After;
        if (change.Before is null)
        {
            Check(source?["owed"] is true, $"a check is owed, but its source is not marked: {key}");
        }
        else if (change.After is null)
        {
            Check(source is null ? sim.Tables.Find("simlive", JobRow.Partition, key) is null : source["owed"] is false, $"a check is owed no more, but its source is marked: {key}");
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
