using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;

namespace Pushcart.Triggers;

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
    MessageQueue jobQueue,
    CheckSettings settings,
    JobSettings jobSettings,
    TimeProvider time,
    ILogger<Answering> log)
{
    private const int Unhealthy = 3;
    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(2);

    /// <summary>Writes a decision.</summary>
    /// <returns>False where the rows have changed since they were read: decide again, from the start.</returns>
    internal async Task<bool> WriteAsync(ReadItem read, Decision decision, GitEndpoint? endpoint, Catalog catalog, CancellationToken cancellation)
    {
        if (read.State.Owed && read.Task is null)
        {
            // The mark and the task change together; one without the other was read in between.
            return decision is Decision.Nothing;
        }

        switch (decision)
        {
            case Decision.Settle settle:
                return await SettleAsync(read, read.State, settle.Outcome, cancellation).ConfigureAwait(false);
            case Decision.MoveOn moved:
                return await SettleAsync(read, Seen(read.State, moved.Commit, moved.FileHash), Delivery.Unchanged, cancellation).ConfigureAwait(false);
            case Decision.Fire fire:
                return await ChangedAsync(read, fire, endpoint, catalog, cancellation).ConfigureAwait(false);
            case Decision.Fail fail:
                return await FailAsync(read, fail, cancellation).ConfigureAwait(false);
            case Decision.Postpone when read.Event is { } owed:
                return (await live.WriteAsync([(owed with { SendAt = read.State.NextAttempt!.Value }).Write()], cancellation).ConfigureAwait(false)).Applied;
            case Decision.Postpone:
                return await OweAsync(read, read.State with { Owed = true }, read.State.NextAttempt!.Value, cancellation).ConfigureAwait(false);
            case Decision.LookAgain:
                // After 2, 4, 8 … s: as long again as it has been looked for already.
                var age = time.GetUtcNow() - read.Event!.CreatedAt;
                await queue.SendTasksAsync(catalog.Generation, [read.Event.Key], age > LookAfter ? age : LookAfter, cancellation).ConfigureAwait(false);
                return true;
            case Decision.Confirm when read.Event is { } owed:
                await queue.SendTasksAsync(catalog.Generation, [owed.Key], settings.ConfirmAfter, cancellation).ConfigureAwait(false);
                return true;
            case Decision.Confirm confirm:
                var again = new DueCheck(read.Item.Trigger.Uid, read.Item.SourceName.Name, read.Item.Due, confirm.Commit);
                await queue.SendAsync(catalog, [again], settings.ConfirmAfter, cancellation).ConfigureAwait(false);
                return true;
            default:
                return true;
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

    private async Task<bool> ChangedAsync(ReadItem read, Decision.Fire fire, GitEndpoint? endpoint, Catalog catalog, CancellationToken cancellation)
    {
        // Watched files decide whether a new commit fires; the first check, and a trigger that always fires, fire anyway.
        var (item, state, _, _) = read;
        string? hash = null;
        if (item.Spec.Sources.Files.Count > 0)
        {
            var watched = new WatchedHash(git, endpoint!, item.Spec.Sources.Files);
            var now = await watched.OfAsync(fire.Commit, item.Reference.FullName, state.Dialect, cancellation).ConfigureAwait(false);
            if (now.Failure is { } failure)
            {
                return await FailAsync(read, new(failure.Message, BackOff: true), cancellation).ConfigureAwait(false);
            }

            hash = now.Value;
            if (!Decision.FiresAnyway(read) && state.Commit is { } before
                && await watched.IsSameAsync(hash!, state.FileHash, before, state.Dialect, cancellation).ConfigureAwait(false))
            {
                log.LogInformation("{Source} {Reference} is at {Commit}; no watched file of {Trigger} changed", item.SourceName, item.Reference, Short(fire.Commit), item.Trigger.Name);
                return await WriteAsync(read, new Decision.MoveOn(fire.Commit, hash), endpoint, catalog, cancellation).ConfigureAwait(false);
            }
        }

        return await FireAsync(read, fire.Commit, hash, catalog, cancellation).ConfigureAwait(false);
    }

    private async Task<bool> FireAsync(ReadItem read, string commit, string? hash, Catalog catalog, CancellationToken cancellation)
    {
        var (item, state, task, owed) = read;
        var ns = item.Trigger.Name.Namespace!;
        var source = catalog.Find(item.SourceName)!;
        var action = catalog.Find(Catalog.ActionName(item.Spec.Action, ns))!;
        (Resource, string)? instead = null;
        if (((ActionSpec)action.Spec!).Override is { } other)
        {
            var otherSource = catalog.Find(Catalog.SourceName(other.Kind, ns, other.Name))!;
            var (otherCommit, error) = await CommitOfAsync(ns, otherSource, other.Reference, cancellation).ConfigureAwait(false);
            if (otherCommit is null)
            {
                return await FailAsync(read, new(error!, BackOff: true), cancellation).ConfigureAwait(false);
            }

            instead = (otherSource, otherCommit);
        }

        var now = time.GetUtcNow();
        var job = submission.New(
            new(item.Trigger, source, action, item.Reference, commit, state.Commit == commit ? state.Previous : state.Commit, instead, owed?.Cause ?? "poll"), now);

        // The instant moves on by a schedule's check, or where one was owed: an event has none.
        var due = owed is null ? read.Due : task?.Due;
        var next = Settled(Seen(state, commit, hash)) with { LastJob = job.Id, Due = state.Due >= due || due is null ? state.Due : due };
        var changes = new List<Change> { next.Write(), Change.Insert(JobRow.New(job)) };
        changes.AddRange(Answered(read, Delivery.Submitted, job.Id));

        if (((ActionSpec)action.Spec).Job.Concurrency is { CancelSuperseded: true } && item.Reference.Type == ReferenceType.Branch && owed?.Force != true)
        {
            changes.AddRange(await jobs.SupersedeAsync(job, now, cancellation).ConfigureAwait(false));
        }

        var answer = await live.WriteAsync(changes, cancellation).ConfigureAwait(false);
        if (answer.Applied)
        {
            job = job with { ETag = answer.ETags[1] };
        }
        else if ((await live.FindAsync(state.Key, cancellation).ConfigureAwait(false))?.LastJob == job.Id)
        {
            // Our own write, whose answer was lost. The row's version is not known: the claimer reads it.
            job = job with { Snapshots = null };
        }
        else
        {
            return false;
        }

        log.LogInformation(
            "job {Id} submitted: {Source} {Reference} is at {Commit}, {Trigger} runs {Action}",
            job.Id, item.SourceName, item.Reference, Short(commit), item.Trigger.Name, action.Name);
        if (state.Error is not null)
        {
            log.LogInformation("{Source} answers again", item.SourceName);
        }

        await jobQueue.SendAsync(JobMessage.Write(job), TimeSpan.Zero, cancellation).ConfigureAwait(false);
        return true;
    }

    private async Task<(string? Commit, string? Error)> CommitOfAsync(string ns, Resource source, GitReference reference, CancellationToken cancellation)
    {
        if (reference.FullName is not { } name)
        {
            return (reference.Name, null);
        }

        var (endpoint, error) = await endpoints.ResolveAsync(ns, source.Name, (GitRepoSpec)source.Spec!, cancellation).ConfigureAwait(false);
        if (endpoint is null)
        {
            return (null, error);
        }

        var answer = await git.ListRefsAsync(endpoint, [name], null, cancellation).ConfigureAwait(false);
        return answer.Failure is { } failure ? (null, failure.Message)
            : answer.Value!.Commits.TryGetValue(name, out var commit) ? (commit, null)
            : (null, $"{source.Name}: there is no {reference}");
    }

    private async Task<bool> SettleAsync(ReadItem read, SourceState state, string outcome, CancellationToken cancellation)
    {
        // A source that was never seen has nothing to settle but the event itself.
        Change[] settled = state.ETag == default && state.Commit is null ? [] : [Settled(state).Write()];
        List<Change> changes = [.. settled, .. Answered(read, outcome, null)];
        var answer = await live.WriteAsync(changes, cancellation).ConfigureAwait(false);
        if (answer.Applied && state.Error is not null && !read.Item.Spec.Suspend)
        {
            log.LogInformation("{Source} answers again", read.Item.SourceName);
        }

        return answer.Applied;
    }

    private async Task<bool> FailAsync(ReadItem read, Decision.Fail fail, CancellationToken cancellation)
    {
        var (item, state, _, owed) = read;
        var now = time.GetUtcNow();
        var failures = fail.BackOff ? state.Failures + 1 : state.Failures;
        var wait = fail.BackOff ? BackOff(item, failures) : jobSettings.SendAgain;
        var next = state with { Error = fail.Error, Failures = failures, NextAttempt = fail.BackOff ? now + wait : null, Denied = fail.Denied };
        var written = owed is null
            ? await OweAsync(read, next with { Owed = true }, now + wait, cancellation).ConfigureAwait(false)
            : await OweEventAsync(owed, next, now + wait, cancellation).ConfigureAwait(false);
        if (!written)
        {
            return false;
        }

        if (state.Error is null || failures == Unhealthy)
        {
            log.LogWarning(
                "{Source} cannot be checked for {Trigger}{Times}; next try in {Wait:0} s: {Error}",
                item.SourceName, item.Trigger.Name, failures == Unhealthy ? $", {failures} times in a row" : "", wait.TotalSeconds, fail.Error);
        }

        return true;
    }

    /// <summary>What the answer of a check takes away: the schedule's task, and the event's, whose outcome comes instead.</summary>
    private IEnumerable<Change> Answered(ReadItem read, string outcome, string? detail)
    {
        if (read.Task is { } task)
        {
            yield return task.Delete();
        }

        if (read.Event is { } owed)
        {
            yield return owed.Delete();
            yield return Delivery.Outcome(owed, outcome, detail, time.GetUtcNow());
        }
    }

    /// <summary>The check stays owed to its event, or is given up after its time.</summary>
    private async Task<bool> OweEventAsync(OwedTask owed, SourceState state, DateTimeOffset sendAt, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        Change[] changes = owed.CreatedAt + settings.Owed < now
            ? [state.Write(), owed.Delete(), Delivery.Outcome(owed, Delivery.GivenUp, state.Error, now)]
            : [state.Write(), (owed with { SendAt = sendAt }).Write()];
        return (await live.WriteAsync(changes, cancellation).ConfigureAwait(false)).Applied;
    }

    /// <summary>The check is owed from now on: the task and the mark on its source are one transaction, also where only the due instant moves on.</summary>
    private async Task<bool> OweAsync(ReadItem read, SourceState state, DateTimeOffset sendAt, CancellationToken cancellation)
    {
        var (item, _, task, _) = read;
        var now = time.GetUtcNow();
        if (task is not null && task.CreatedAt + settings.Owed < now)
        {
            var givenUp = state with { Owed = false, Error = $"given up after {settings.Owed.TotalDays:0.#} days: {state.Error}" };
            log.LogWarning("{Source}: the check for {Trigger} is given up: {Error}", item.SourceName, item.Trigger.Name, givenUp.Error);
            return (await live.WriteAsync([givenUp.Write(), task.Delete()], cancellation).ConfigureAwait(false)).Applied;
        }

        task ??= new()
        {
            Key = state.TaskKey,
            TriggerUid = item.Trigger.Uid,
            Source = item.SourceName.Name,
            Action = Applying.ActionOf(Catalog.ActionName(item.Spec.Action, item.Trigger.Name.Namespace!)),
            CreatedAt = now,
        };
        task = task with { Due = read.Due, SendAt = sendAt };
        return (await live.WriteAsync([state.Write(), task.Write()], cancellation).ConfigureAwait(false)).Applied;
    }

    private SourceState Seen(SourceState state, string commit, string? hash) => commit == state.Commit
        ? state with { FileHash = hash }
        : state with { Commit = commit, Previous = state.Commit, FileHash = hash, ChangedAt = time.GetUtcNow() };

    private static SourceState Settled(SourceState state) => state with { Owed = false, Error = null, Failures = 0, NextAttempt = null, Denied = false };

    // A fifth of jitter, downwards, for the longest wait is a promise. It is drawn from the source's name: triggers of one source are asked for together again.
    private TimeSpan BackOff(CheckItem item, int failures)
    {
        var ticks = Math.Min(settings.BackOffMost.Ticks, settings.BackOff.Ticks * Math.Pow(2, Math.Min(failures - 1, 30)));
        var jitter = item.SourceName.ToString().Aggregate(failures, (hash, c) => unchecked((hash * 31) + c)) & 0xff;
        return TimeSpan.FromTicks((long)(ticks * (1 - (0.2 * jitter / 255))));
    }

    private static string Short(string commit) => commit[..Math.Min(12, commit.Length)];
}
