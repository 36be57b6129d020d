using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Jobs.Finished;
using Pushcart.Resources.Stored;
using Pushcart.Storage;

namespace Pushcart.Jobs.Live;

/// <summary>
/// Looks at everything alive and moves it. Two passes at once do no harm: every move is a line of the table, on the row's ETag.
/// <list type="number">
/// <item>Read the recorded tick, the jobs, the slots (and, in <see cref="IOwedChecks"/>, the tasks). The rows come before the lists: what is missing in an older list proves nothing.</item>
/// <item>List runs, once for each namespace with active jobs of the built-in worker.</item>
/// <item>Move every active job by what was seen; stop what is to be stopped. A registered worker's job moves by its times only: its run is where only that worker looks.</item>
/// <item>End what waited too long; send what can start.</item>
/// <item>Send owed checks again.</item>
/// <item>Archive what has ended, and tell providers of it; then of what is queued or runs. The timer's pass alone tells, so that no older state overtakes a newer one.</item>
/// <item>From time to time, delete runs that have no row.</item>
/// <item>Record the tick, now that all rows were moved.</item>
/// </list>
/// It renews nothing: the run is the built-in worker's sign of life. Where the outside world does not answer, no row moves for want of a run.
/// </summary>
public sealed class Observing(
    JobStore jobs,
    IExecutor executor,
    IOwedChecks owed,
    Archiving archiving,
    Reporting reporting,
    Orphans orphans,
    ResourceStore resources,
    RunSpecs specs,
    JobHints hints,
    IKnownWorkers workers,
    Table ticks,
    JobSettings settings,
    TimeProvider time,
    ILogger<Observing> log)
{
    // What clocks may be apart, and what a start may take to be told.
    private static readonly TimeSpan Late = TimeSpan.FromMinutes(1);

    /// <summary>Makes the timer's pass.</summary>
    public Task PassAsync(CancellationToken cancellation) => PassAsync(reports: true, cancellation);

    /// <summary>Makes an extra pass, which tells no provider anything.</summary>
    public Task ExtraPassAsync(CancellationToken cancellation) => PassAsync(reports: false, cancellation);

    private async Task PassAsync(bool reports, CancellationToken cancellation)
    {
        // 1. What is recorded.
        var recorded = await ObserverTick.ReadAsync(ticks, cancellation).ConfigureAwait(false);
        var all = await jobs.AllAsync(filter: null, cancellation).ConfigureAwait(false);
        var slots = await jobs.SlotsAsync(cancellation).ConfigureAwait(false);

        // 2. What there is.
        var now = time.GetUtcNow();
        var namespaces = all.Where(j => j is { IsActive: true, IsRegistered: false }).Select(j => j.Namespace).ToHashSet();
        var list = namespaces.Count == 0 ? new RunList(true, []) : await executor.ListAsync(namespaces, cancellation).ConfigureAwait(false);
        if (!list.Whole)
        {
            log.LogWarning("the {Executor} executor gave no whole list; nothing moves for want of a run: {Message}", executor.Name, list.Message);
        }

        var tick = recorded.Next(now, list.Whole, settings);

        // 3. Moves.
        var whole = list.Whole;
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] is { IsActive: true, IsRegistered: true })
            {
                all[i] = await MoveAsync(all[i], slots, tick, cancellation).ConfigureAwait(false);
            }
            else if (all[i].IsActive)
            {
                (var answered, all[i]) = await MoveAsync(all[i], list, slots, recorded, tick, cancellation).ConfigureAwait(false);
                whole &= answered;
            }
        }

        // 4. What waits.
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i].State == JobState.Queued)
            {
                all[i] = await ApplyAsync(all[i], new Waited(now, await WhyAsync(all[i], now, cancellation).ConfigureAwait(false)), slots, cancellation).ConfigureAwait(false);
            }
        }

        var freed = slots.Values.Count(s => all.Find(j => j.Id == s.JobId) is not { IsActive: true });
        await StartAsync(all, freed, now, slots, cancellation).ConfigureAwait(false);

        // 5. Owed checks.
        await owed.SendDueAsync(now, cancellation).ConfigureAwait(false);

        // 6. What has ended.
        var until = time.GetUtcNow() + Archiving.Budget;
        await archiving.ArchiveAsync(all, reports, until, cancellation).ConfigureAwait(false);
        if (reports)
        {
            await reporting.TellPendingAsync(all, until, cancellation).ConfigureAwait(false);
        }

        // 7. Runs without a row.
        if (tick.Orphans is null || now - tick.Orphans >= settings.Orphans)
        {
            await orphans.DeleteAsync(cancellation).ConfigureAwait(false);
            tick = tick with { Orphans = now };
        }

        // 8. The record.
        await (whole ? tick : tick with { UpSince = null, Listed = null }).RecordAsync(ticks, cancellation).ConfigureAwait(false);
    }

    private async Task<(bool Answered, Job Job)> MoveAsync(
        Job job, RunList list, Dictionary<string, Slot> slots, ObserverTick recorded, ObserverTick tick, CancellationToken cancellation)
    {
        var key = RunNames.Of(job);
        var view = list.Runs.FirstOrDefault(r => r.Key.JobId == job.Id && r.Key.Run == job.Run);
        if (view is null)
        {
            // Only a whole list says that it is missing, and only a lease that is past lets a claimed job's run be missed.
            if (!list.Whole || (job.State == JobState.Claimed && (job.Lease > tick.Last || !tick.IsUp(settings))))
            {
                return (true, job);
            }

            var found = await executor.FindAsync(key, cancellation).ConfigureAwait(false);
            if (!found.Answered)
            {
                return (false, job);
            }

            view = found.Run;
        }

        var now = tick.Last!.Value;
        JobEvent? happened = view switch
        {
            null when job.State == JobState.Claimed => new RunAbsent(now, job.Attempt, tick.IsUp(settings)),
            null => new RunGone(now, job.Run, recorded.SawRunning(job, now, settings)),
            { Phase: RunPhase.Succeeded } => new RunSucceeded(now, view),
            { Phase: RunPhase.Failed, Alive: false } => new RunFailed(now, view),
            { Phase: RunPhase.Active } when job.State == JobState.Claimed => new RunSeen(now, view),
            { Phase: RunPhase.Active, ImageErrorSince: { } since } when now - since > job.PendingLimit => new ImagesMissing(now, job.Run, view.Reason ?? "its images cannot be had"),

            // Kubernetes counts the deadline from the start, and of a Job whose pod is refused it notes no start (seen on 1.20): it would wait for ever.
            { Phase: RunPhase.Active, StartedAt: null } when now - view.CreatedAt > job.Deadline + Late =>
                new ImagesMissing(now, job.Run, view.Message ?? view.Reason ?? $"it did not start within {job.Deadline}"),
            _ => null,
        };
        if (happened is not null)
        {
            var before = job;
            job = await ApplyAsync(job, happened, slots, cancellation).ConfigureAwait(false);
            if (job.Run > before.Run && view is not null)
            {
                await executor.SetTtlAsync(key, job.Ttl, cancellation).ConfigureAwait(false);
            }
        }

        if (job is { IsActive: true, Stop: JobStop.None } && view is { AwaitsCredentials: true })
        {
            await GiveCredentialsAsync(job, view, cancellation).ConfigureAwait(false);
        }

        if (job is { IsActive: true, Stop: not JobStop.None } && view is { Phase: RunPhase.Active })
        {
            var answer = await executor.DeleteAsync(view, cancellation).ConfigureAwait(false);
            log.LogDebug("job {Id}: {Run} is being stopped: {Answer}", job.Id, key.Name, answer.Message ?? "accepted");
        }

        return (true, job);
    }

    // Who created the run gives them right after; it may have died in between.
    private async Task GiveCredentialsAsync(Job job, RunView view, CancellationToken cancellation)
    {
        if (await jobs.FindAsync(job.Id, cancellation).ConfigureAwait(false) is not { ClaimKey: not null } whole || whole.Attempt != job.Attempt)
        {
            return;
        }

        var (spec, error) = await specs.BuildAsync(whole, cancellation).ConfigureAwait(false);
        error ??= await executor.EnsureCredentialsAsync(spec!, view, cancellation).ConfigureAwait(false);
        if (error is not null)
        {
            log.LogWarning("job {Id}: its run waits for credentials: {Error}", job.Id, error);
        }
    }

    /// <summary>Moves a registered worker's job whose worker is silent.</summary>
    private async Task<Job> MoveAsync(Job job, Dictionary<string, Slot> slots, ObserverTick tick, CancellationToken cancellation)
    {
        var (now, up) = (tick.Last!.Value, tick.IsTicking(settings));
        return job.State == JobState.Claimed
            ? job.Lease > now ? job : await ApplyAsync(job, new RunAbsent(now, job.Attempt, up), slots, cancellation).ConfigureAwait(false)
            : job.Takeover > now ? job : await ApplyAsync(job, new TakeoverPast(now, job.Attempt, up), slots, cancellation).ConfigureAwait(false);
    }

    private async Task StartAsync(List<Job> all, int freed, DateTimeOffset now, Dictionary<string, Slot> slots, CancellationToken cancellation)
    {
        if (all.TrueForAll(j => j.State != JobState.Queued))
        {
            return;
        }

        hints.Tell(Startable.Ready(all, now));
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        foreach (var job in Startable.Among(all, catalog.Settings.MaxRunningJobs, now))
        {
            if (job.SendAt <= now)
            {
                var (result, sent) = await jobs.ApplyAsync(job, new SendAgain(now), slots, cancellation).ConfigureAwait(false);
                if (result == Applied.Changed)
                {
                    await hints.SendAsync(sent!, cancellation).ConfigureAwait(false);
                }
            }
            else if (freed > 0)
            {
                // A slot that was freed wakes a job whose own time has not come.
                freed--;
                await hints.SendAsync(job, cancellation).ConfigureAwait(false);
            }
        }
    }

    // Asked only of one that ends by it.
    private async Task<string?> WhyAsync(Job job, DateTimeOffset now, CancellationToken cancellation) => job.IsRouted && now > job.WaitingSince + job.WaitingLimit
        ? await workers.WhyNoneAsync(job.ForWorker, job.ForLabels, job.Namespace, cancellation).ConfigureAwait(false)
        : null;

    private async Task<Job> ApplyAsync(Job job, JobEvent happened, Dictionary<string, Slot> slots, CancellationToken cancellation)
    {
        var answer = await jobs.ApplyAsync(job, happened, slots, cancellation).ConfigureAwait(false);

        // A row that is gone was archived by another pass: nothing is left to do for it here.
        return answer.Job ?? job with { State = JobState.Ended, Attempt = -1 };
    }
}
