using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>
/// Writes what a check decided: one decision, one transaction. "The check is answered, the commit is seen, the job exists" cannot come apart.
/// </summary>
public sealed class Answering(
    LiveSources live,
    JobStore jobs,
    Submission submission,
    SourceEndpoints endpoints,
    GitClient git,
    CheckQueue queue,
    JobHints hints,
    CheckSettings settings,
    JobSettings jobSettings,
    TimeProvider time,
    ILogger<Answering> log)
{
    // Of a transaction's bytes, what new jobs may take.
    private const int JobBytes = Table.MaximumBytes / 4 * 3;

    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(2);
    private readonly Failing _failing = new(live, settings, jobSettings, time, log);

    /// <summary>Writes a decision.</summary>
    /// <param name="read">The source, with its rows as they were read.</param>
    /// <param name="decision">The decision.</param>
    /// <param name="endpoint">Its remote; null where it has none that can be asked.</param>
    /// <param name="catalog">The resources.</param>
    /// <param name="began">When the check of the source began.</param>
    /// <param name="cancellation">Ends the call; the write may have happened.</param>
    internal async Task<Written> WriteAsync(ReadItem read, Decision decision, GitEndpoint? endpoint, Catalog catalog, DateTimeOffset began, CancellationToken cancellation)
    {
        // A schedule's check that finds nothing is no trace of its own: there is one a minute of each source.
        var traced = read.Events.Select(e => e.TraceParent).OfType<string>().ToList();
        using var span = traced.Count > 0 || decision is not Decision.Nothing ? Traces.Begin("check", traced.FirstOrDefault(), ActivityKind.Consumer, began, traced.Skip(1)) : null;
        var written = await WriteAsync(read, decision, endpoint, catalog, cancellation).ConfigureAwait(false);
        span?.SetTag("pushcart.result", written.Applied ? written.Result ?? Word(decision) : "conflict");
        return written;
    }

    private async Task<Written> WriteAsync(ReadItem read, Decision decision, GitEndpoint? endpoint, Catalog catalog, CancellationToken cancellation)
    {
        if (read.Events.Any(e => e.Pushed))
        {
            // Noted wherever the row is written, and never for its own sake.
            read = read with { State = read.State with { Pushed = true } };
        }

        if (read.State.Owed && read.Task is null)
        {
            // The mark and the task change together; one without the other was read in between.
            return new(decision is Decision.Nothing);
        }

        var written = decision switch
        {
            Decision.Settle settle => await SettleAsync(read, read.State, settle, cancellation).ConfigureAwait(false),
            Decision.Fire fire => await ChangedAsync(read, fire, endpoint, catalog, cancellation).ConfigureAwait(false),
            Decision.Fail fail => new(await _failing.FailAsync(read, fail, cancellation).ConfigureAwait(false)),
            Decision.Postpone => new(await _failing.PostponeAsync(read, cancellation).ConfigureAwait(false)),
            _ => new(true),
        };
        if (written.Applied)
        {
            Measures.Checked(written.Result ?? Word(decision));
            await LookAgainAsync(read, decision, catalog, cancellation).ConfigureAwait(false);
        }

        return written;
    }

    private static string Word(Decision decision) => decision switch
    {
        Decision.Settle { Outcome: Delivery.Suspended } => "suspended",
        Decision.Fail => "failed",
        Decision.Postpone => "postponed",
        Decision.LookAgain or Decision.Confirm => "again",
        _ => "unchanged",
    };

    /// <summary>Sends what is to be looked at again. These messages are hints: the events' tasks stay, and the schedule's next instant follows.</summary>
    private async Task LookAgainAsync(ReadItem read, Decision decision, Catalog catalog, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var confirm = decision switch
        {
            Decision.Confirm confirmed => Decision.Look(read.State, confirmed.Commit),
            Decision.Fire { Moves: false } fire when read.Item.Spec.Sources.OnChangeOnly => Decision.Look(read.State, fire.Commit),
            _ => null,
        };
        if (confirm is not null && read.DueBy(now) is { } due)
        {
            await queue.SendAsync(catalog, [new DueCheck(read.Item.Trigger.Uid, read.Item.SourceName.Name, due, confirm)], settings.ConfirmAfter, cancellation).ConfigureAwait(false);
        }

        if (decision.Waiting.Count > 0)
        {
            // For an announced commit after 2, 4, 8 … s: as long again as it has been looked for already.
            var age = now - decision.Waiting.Max(e => e.CreatedAt);
            var after = confirm is not null ? settings.ConfirmAfter : age > LookAfter ? age : LookAfter;
            await queue.SendTasksAsync(catalog.Generation, decision.Waiting.Select(e => new OwedHint(e.Key, confirm)), after, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes a task whose trigger is gone or looks elsewhere, and the mark on its source's row with it.</summary>
    public async Task DropTaskAsync(OwedTask task, CancellationToken cancellation)
    {
        var changes = new List<Change> { task.Delete() };
        if (task.Event is not null)
        {
            changes.Add(Delivery.Outcome(task, Delivery.TriggerDeleted, null, time.GetUtcNow()));
        }
        else
        {
            var key = SourceState.Prefix + task.Key[(OwedTask.Prefix.Length + "s-".Length)..].Split('|')[0];
            if (await live.FindAsync(key, cancellation).ConfigureAwait(false) is { } state)
            {
                changes.Add((state with { Owed = false }).Write());
            }
        }

        if ((await live.WriteAsync(changes, cancellation).ConfigureAwait(false)).Applied)
        {
            log.LogInformation("a check of {Source} is owed no more: its trigger is gone, or looks elsewhere", task.Source);
        }
    }

    private async Task<Written> ChangedAsync(ReadItem read, Decision.Fire fire, GitEndpoint? endpoint, Catalog catalog, CancellationToken cancellation)
    {
        // Watched files decide whether a new commit fires; the first check, and a trigger that always fires, fire anyway.
        var (item, state, _, _) = read;
        var watched = await WatchedChange.OfAsync(git, endpoint, read, fire, cancellation).ConfigureAwait(false);
        if (watched.Failure is { } failure)
        {
            return new(await _failing.FailAsync(read, new(failure.Message, BackOff: true), cancellation).ConfigureAwait(false)) { Result = "failed" };
        }

        if (watched.Same && !Decision.FiresAnyway(read))
        {
            log.LogInformation("{Source} {Reference} is at {Commit}; no watched file of {Trigger} changed", item.SourceName, item.Reference, Short(fire.Commit), item.Trigger.Name);
            return await SettleAsync(read, Seen(state, fire.Commit, watched.Hash), new() { Waiting = fire.Waiting }, cancellation).ConfigureAwait(false) with { Result = "not_watched" };
        }

        var changed = fire.Moves && fire.Commit != state.Commit && !watched.Same;
        return await FireAsync(read, fire, changed, watched.Hash, catalog, cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Submits: one job for a change, whoever asked; one for each that fires whatever has changed, the first of which answers the others too.
    /// What does not fit the transaction is left for another round.
    /// </summary>
    private async Task<Written> FireAsync(ReadItem read, Decision.Fire fire, bool changed, string? hash, Catalog catalog, CancellationToken cancellation)
    {
        var (item, state, task, _) = read;
        var ns = item.Trigger.Name.Namespace!;
        var source = catalog.Find(item.SourceName)!;
        var action = catalog.Find(Catalog.ActionName(item.Spec.Action, ns))!;
        (Resource, string)? instead = null;
        if (((ActionSpec)action.Spec!).Override is { } other)
        {
            var otherSource = catalog.Find(Catalog.SourceName(other.Kind, ns, other.Name))!;
            var (otherCommit, error) = await ReferenceCommit.FindAsync(endpoints, git, ns, otherSource, other.Reference, cancellation).ConfigureAwait(false);
            if (otherCommit is null)
            {
                return new(await _failing.FailAsync(read, new(error!, BackOff: true), cancellation).ConfigureAwait(false)) { Result = "failed" };
            }

            instead = (otherSource, otherCommit);
        }

        // 1. The jobs.
        var now = time.GetUtcNow();
        var answered = read.Events.Except(fire.Waiting).ToList();
        var runs = answered.Where(item.Runs).ToList();
        Job NewJob(string? cause) => submission.New(
            new(item.Trigger, source, action, item.Reference, fire.Commit, state.Commit == fire.Commit ? state.Previous : state.Commit, instead, cause ?? "poll"), catalog.Settings, now);
        // A change that is shown while another commit is looked for is brought about by that event too.
        var isChange = item.Spec.Sources.OnChangeOnly;
        List<Job> jobsNow = [NewJob(runs.Concat(answered).Concat(isChange ? read.Events : []).FirstOrDefault()?.Cause)];
        var fit = Math.Max(1, JobBytes / Rows.Size(JobRow.New(jobsNow[0])));
        jobsNow.AddRange(runs.Take(fit).Skip(1).Select(e => NewJob(e.Cause) with { TraceParent = e.TraceParent }));
        var left = runs.Skip(fit).ToList();

        // 2. The source. Where a replica may lag, its commit and what else is owed wait for the second look.
        var settles = fire.Moves || !item.Spec.Sources.OnChangeOnly;
        var due = read.DueBy(now) ?? task?.Due;
        var next = Settled(fire.Moves ? Seen(state, fire.Commit, hash) : state) with { LastJob = jobsNow[^1].Id, Owed = state.Owed && !settles };
        if (settles && due is not null && !(due <= state.Due))
        {
            next = next with { Due = due };
        }

        // 3. What is answered.
        List<Change> changes = [next.Write(), .. jobsNow.Select(job => Change.Insert(JobRow.New(job)))];
        if (settles && task is not null)
        {
            changes.Add(task.Delete());
        }

        foreach (var owed in answered.Except(left))
        {
            var job = item.Runs(owed) ? jobsNow[runs.IndexOf(owed)] : changed ? jobsNow[0] : null;
            changes.Add(owed.Delete());
            changes.Add(Delivery.Outcome(owed, job is null ? Delivery.Unchanged : Delivery.Submitted, job?.Id, now));
        }

        if (((ActionSpec)action.Spec).Job.Concurrency is { CancelSuperseded: true } && item.Reference.Type == ReferenceType.Branch && !jobsNow[0].IsAskedFor)
        {
            changes.AddRange((await jobs.SupersedeAsync(jobsNow[0], now, cancellation).ConfigureAwait(false)).Take(Table.MaximumChanges - changes.Count));
        }

        var answer = await live.WriteAsync(changes, cancellation).ConfigureAwait(false);

        // Where it was our own write whose answer was lost, the rows' versions are not known: the claimer reads them.
        if (!answer.Applied && (await live.FindAsync(state.Key, cancellation).ConfigureAwait(false))?.LastJob != jobsNow[^1].Id)
        {
            return new(false);
        }

        foreach (var (n, job) in jobsNow.Index())
        {
            Measures.Submitted(job.Cause);
            log.LogInformation(
                "job {Id} submitted: {Source} {Reference} is at {Commit}, {Trigger} runs {Action}",
                job.Id, item.SourceName, item.Reference, Short(fire.Commit), item.Trigger.Name, action.Name);
            await hints.SendAsync(answer.Applied ? job with { ETag = answer.ETags[n + 1] } : job with { Snapshots = null }, cancellation).ConfigureAwait(false);
        }

        TellRecovery(item, state);
        return new(true) { Left = left, Result = "fired" };
    }

    private void TellRecovery(CheckItem item, SourceState before)
    {
        if (before.Error is not null)
        {
            log.LogInformation("{Source} answers again", item.SourceName);
        }

        if (before.Failures >= Failing.Unhealthy)
        {
            Measures.Recovered();
        }
    }

    private async Task<Written> SettleAsync(ReadItem read, SourceState state, Decision.Settle settle, CancellationToken cancellation)
    {
        // A source that was never seen has nothing to settle but the events themselves.
        List<Change> changes = state.ETag == default && state.Commit is null ? [] : [Settled(state).Write()];
        if (read.Task is { } task)
        {
            changes.Add(task.Delete());
        }

        foreach (var owed in read.Events.Except(settle.Waiting).Except(settle.Left))
        {
            changes.Add(owed.Delete());
            changes.Add(Delivery.Outcome(owed, settle.Outcome, null, time.GetUtcNow()));
        }

        var answer = await live.WriteAsync(changes, cancellation).ConfigureAwait(false);
        if (answer.Applied && !read.Item.Spec.Suspend)
        {
            TellRecovery(read.Item, state);
        }

        return new(answer.Applied) { Left = settle.Left };
    }

    private SourceState Seen(SourceState state, string commit, string? hash) => commit == state.Commit
        ? state with { FileHash = hash }
        : state with { Commit = commit, Previous = state.Commit, FileHash = hash, ChangedAt = time.GetUtcNow() };

    private static SourceState Settled(SourceState state) => state with { Owed = false, Error = null, Failures = 0, NextAttempt = null, Denied = false };

    private static string Short(string commit) => commit[..Math.Min(12, commit.Length)];
}

/// <summary>What became of a decision.</summary>
/// <param name="Applied">False where the rows have changed since they were read: decide again, from the start.</param>
internal readonly record struct Written(bool Applied)
{
    /// <summary>Events that are decided on in another round.</summary>
    public IReadOnlyList<OwedTask> Left { get; init; } = [];

    /// <summary>What came of it, in a word, where the decision does not say so itself.</summary>
    public string? Result { get; init; }
}
