using System.Globalization;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;

namespace Pushcart.Triggers.Status;

/// <summary>
/// Tells what a check of a trigger would do now, and why: it reads the rows, asks git and decides as a check does, by the same code, and writes nothing. A schedule trigger is looked at as
/// at an instant of its schedule, a webhook trigger as by a call of its URL.
/// </summary>
public sealed class Explaining(ResourceStore resources, LiveSources live, SourceEndpoints endpoints, GitClient git, CheckSettings settings, IKnownWorkers workers, TimeProvider time)
{
    private const int AtOnce = 8;
    private const string Nothing = "do nothing";

    /// <summary>Explains a trigger.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Answer<TriggerExplanation>> ExplainAsync(string kind, string ns, string name, CancellationToken cancellation)
    {
        var found = await TriggerSteering.FindAsync(resources, kind, ns, name, cancellation).ConfigureAwait(false);
        if (found.Refusal is { } refusal)
        {
            return refusal;
        }

        var (trigger, catalog) = found.Value!;
        var spec = (TriggerSpec)trigger.Spec!;
        var sources = new SourceExplanation[spec.Sources.Names.Count];
        await Parallel.ForAsync(0, sources.Length, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (n, stop) =>
            sources[n] = await ExplainAsync(CheckItem.Of(trigger, spec.Sources.Names[n]), catalog, stop).ConfigureAwait(false)).ConfigureAwait(false);
        var action = catalog.Find(Catalog.ActionName(spec.Action, ns))?.Spec as ActionSpec;
        return new TriggerExplanation(trigger.Name.ToString(), spec.Suspend, sources)
        {
            Worker = action?.Job is { Worker: var asked } ? await workers.WhyNoneAsync(asked?.Name, WorkerLabels.Write(asked?.Labels), ns, cancellation).ConfigureAwait(false) : null,
        };
    }

    private async Task<SourceExplanation> ExplainAsync(CheckItem item, Catalog catalog, CancellationToken cancellation)
    {
        ReadItem read;
        try
        {
            read = await ReadAsync(item, cancellation).ConfigureAwait(false);
        }
        catch (NewerRowException e)
        {
            return new(item.SourceName.ToString(), item.Reference.ToString(), Nothing, $"a later version of Pushcart keeps it: {e.Message}");
        }

        var (decision, refs) = await DecideAsync(read, catalog, cancellation).ConfigureAwait(false);
        var (would, why) = Words(read, decision);
        return new(item.SourceName.ToString(), item.Reference.ToString(), would, why)
        {
            LastCommit = read.State.Commit,
            Commit = refs?.Commits.GetValueOrDefault(item.Reference.FullName ?? "") ?? (decision as Decision.Fire)?.Commit,
            LastError = read.State.Error,
        };
    }

    private async Task<ReadItem> ReadAsync(CheckItem item, CancellationToken cancellation)
    {
        var state = await live.FindAsync(item.StateKey, cancellation).ConfigureAwait(false) ?? item.NewState();
        var task = state.Owed ? await live.FindTaskAsync(state.TaskKey, cancellation).ConfigureAwait(false) : null;
        var now = time.GetUtcNow();
        return item.Spec is ScheduleTriggerSpec
            ? new(item with { Due = now }, state, task, [])
            : new(item with { Due = null }, state, task, [new() { Key = "", TriggerUid = item.Trigger.Uid, Source = item.SourceName.Name, Action = "", Event = "", CreatedAt = now }]);
    }

    private async Task<(Decision Decision, GitRefs? Refs)> DecideAsync(ReadItem read, Catalog catalog, CancellationToken cancellation)
    {
        var decision = Decision.BeforeAsking(read, catalog, time.GetUtcNow());
        if (decision is not (Decision.Ask or Decision.Fire))
        {
            return (decision, null);
        }

        var spec = (GitRepoSpec)catalog.Find(read.Item.SourceName)!.Spec!;
        var (endpoint, error) = await endpoints.ResolveAsync(read.Item.Trigger.Name.Namespace!, read.Item.SourceName, spec, cancellation).ConfigureAwait(false);
        if (endpoint is null)
        {
            return (new Decision.Fail(error!, BackOff: true), null);
        }

        GitRefs? refs = null;
        if (decision is Decision.Ask)
        {
            var answer = await git.ListRefsAsync(endpoint, [read.Item.Reference.FullName!], read.State.Dialect, cancellation).ConfigureAwait(false);
            refs = answer.Value;
            read = refs is null ? read : read with { State = read.State with { Dialect = refs.Dialect } };
            decision = Decision.AfterAsking(read, answer, time.GetUtcNow(), settings);
        }

        if (decision is Decision.Fire fire)
        {
            var watched = await WatchedChange.OfAsync(git, endpoint, read, fire, cancellation).ConfigureAwait(false);
            decision = watched.Failure is { } failure ? new Decision.Fail(failure.Message, BackOff: true)
                : watched.Same && !Decision.FiresAnyway(read) ? new Decision.Settle("")
                : fire;
        }

        return (decision, refs);
    }

    private static (string Would, string Why) Words(ReadItem read, Decision decision)
    {
        var (item, state, _, _) = read;
        if (item.Spec.Suspend && decision is Decision.Nothing or Decision.Settle { Outcome: Delivery.Suspended })
        {
            return (Nothing, "the trigger is suspended: only a manual run fires");
        }

        return decision switch
        {
            Decision.Fire { Moves: false } fire => ("fire", $"{item.Reference} is at {fire.Commit}, the trigger fires at every run; so soon after a change the commit on record stays at {state.Commit}"),
            Decision.Fire fire when state.Commit is null => ("fire", $"it was never seen before; {item.Reference} is at {fire.Commit}"),
            Decision.Fire fire when fire.Commit == state.Commit => ("fire", $"{item.Reference} is still at {fire.Commit}, and the trigger fires at every run"),
            Decision.Fire fire => ("fire", $"{item.Reference} has gone from {state.Commit} to {fire.Commit}"),
            Decision.Confirm confirm => ("look again", $"{item.Reference} shows {confirm.Commit} soon after it went to {state.Commit}: a replica may lag, and a second look decides"),
            Decision.Settle { Outcome: "" } => ("record the commit", $"{item.Reference} has moved on from {state.Commit}, but no watched file has changed"),
            Decision.Postpone => ("wait", BacksOff(state)),
            Decision.Fail fail => ("fail", fail.Error),
            _ when item.Reference.Type == ReferenceType.Commit && state.Commit is not null => (Nothing, $"{item.Reference} never changes, and has fired"),
            _ when state.Error is not null && state.NextAttempt is not null && decision is Decision.Nothing => ("wait", BacksOff(state)),
            _ => (Nothing, $"{item.Reference} is still at {state.Commit}"),
        };
    }

    private static string BacksOff(SourceState state) => string.Create(
        CultureInfo.InvariantCulture, $"it has failed {state.Failures} times in a row, and is not asked before {Rfc3339.Text(state.NextAttempt)}: {state.Error}");
}
