using System.Globalization;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Resources;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>How a claim was answered.</summary>
/// <param name="Claim">The job; null where there is none.</param>
/// <param name="RetryAfter">When to ask again, where there is none.</param>
public sealed record ClaimOutcome(ClaimAnswer? Claim, TimeSpan RetryAfter);

/// <summary>
/// Gives jobs to registered workers, by the lines of the table that the built-in one uses too.
/// <list type="number">
/// <item>Claims that the worker gives back are queued again.</item>
/// <item>One range of storage tells the worker's own jobs and those that ask for a worker. Asked with the key of a claim that stands: that one again.</item>
/// <item>The oldest job that it may run, with a slot of the worker below its limit and one of the job's group: line 3. A slot that another claim was faster with: all is read again.</item>
/// <item>None: the claim waits, where it may, and asks storage nothing, until somebody in this process tells of a job.</item>
/// </list>
/// </summary>
public sealed class Claims(
    JobStore jobs,
    WorkerStore workers,
    Admission admission,
    Claiming claiming,
    WaitingClaims waiting,
    Installation installation,
    WorkerSettings settings,
    TimeProvider time,
    ILogger<Claims> log)
{
    // Each conflict means that another claim got something.
    private const int MostConflicts = 20;
    private static readonly TimeSpan s_retryAfter = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryAfterWait = TimeSpan.FromSeconds(1);

    /// <summary>Claims one job.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="gone">Fires when the worker hangs up: nothing is claimed for one that does not listen.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Answer<ClaimOutcome>> ClaimAsync(ClaimRequest request, Caller caller, CancellationToken gone, CancellationToken cancellation)
    {
        if ((WireRules.Claim(request) ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false) ?? Unregistered(caller)) is { } refusal)
        {
            return refusal;
        }

        // Where there is nothing to give, what is kept of the worker may be older: what another instance has changed is told by the next check-in.
        var known = await KnownAsync(request.Worker, request.Instance, WorkerStore.Idle, cancellation).ConfigureAwait(false);
        if (known.Refusal is { } unknown)
        {
            return unknown;
        }

        // 1. What is given back.
        await GiveBackAsync(request, caller, cancellation).ConfigureAwait(false);

        var labels = known.Value!.GivenLabels is null ? request.Labels : known.Value.Labels;
        var wait = settings.LongPoll && request.Wait is { } wanted ? TimeSpan.FromTicks(Math.Min(wanted.Ticks, WorkerSettings.LongestWait.Ticks)) : TimeSpan.Zero;
        var since = time.GetTimestamp();
        using var seat = waiting.Enter(request.Worker, labels, caller.Namespaces);
        while (true)
        {
            var (found, full) = await FindAsync(request, caller, labels, cancellation).ConfigureAwait(false);
            if (found.Refusal is not null || found.Value is not { Claim: null } || full)
            {
                return found;
            }

            // 4. The wait.
            if (!await seat.WaitAsync(wait - time.GetElapsedTime(since), gone, cancellation).ConfigureAwait(false))
            {
                return new ClaimOutcome(null, wait > TimeSpan.Zero ? s_retryAfterWait : s_retryAfter);
            }
        }
    }

    /// <summary>Gives a new process the started jobs of its name in its cluster: line 24, for each.</summary>
    public async Task<Answer<ReturnAnswer>> ReturnAsync(ReturnRequest request, Caller caller, CancellationToken cancellation)
    {
        if ((WireRules.Worker(request.Worker) ?? WireRules.Instance(request.Instance) ?? WireRules.Cluster(request.Cluster) ?? WireRules.Key(request.Key)
            ?? await admission.RefusalAsync(caller, request.Worker, cancellation).ConfigureAwait(false) ?? Unregistered(caller)) is { } refusal)
        {
            return refusal;
        }

        var known = await KnownAsync(request.Worker, request.Instance, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        if (known.Refusal is { } unknown)
        {
            return unknown;
        }

        // A request that arrives late, of a process whose place another one has taken since.
        if (known.Value!.Process is { } last && ClaimKeys.ProcessOf(request.Key) is { } asks && asks != last)
        {
            return new Refusal(RefusalCodes.NotCheckedIn, $"another process of {request.Worker} has checked in since; check in first");
        }

        var name = WorkerNames.NameOf(request.Worker);
        var family = await ActiveAsync(TableClient.CreateQueryFilter($"(worker eq {name} or (worker ge {name + "/"} and worker lt {name + "0"}))"), cancellation).ConfigureAwait(false);
        var held = family.Where(job => job.Worker == request.Worker).Select(job => job.Slot).ToHashSet();
        var returned = new List<ClaimAnswer>();
        foreach (var job in family.Where(job => caller.Namespaces.Has(job.Namespace)))
        {
            if (await ReturnAsync(job, request, held, cancellation).ConfigureAwait(false) is { } mine)
            {
                held.Add(mine.Slot);
                returned.Add(await AnswerAsync(mine, cancellation).ConfigureAwait(false));
            }
        }

        return new ReturnAnswer(returned);
    }

    private async Task<Job?> ReturnAsync(Job job, ReturnRequest request, HashSet<int?> held, CancellationToken cancellation)
    {
        if (job.ClaimKey == request.Key && job.Worker == request.Worker)
        {
            return job;
        }

        // Another pod is asked after only where its job is silent: it may have just started.
        if (job.State != JobState.Running || job.Cluster != request.Cluster
            || (job.Worker != request.Worker && (job.Lease > time.GetUtcNow() || !await IsAwayAsync(job.Worker!, cancellation).ConfigureAwait(false))))
        {
            return null;
        }

        for (var n = 0; n < MostConflicts; n++)
        {
            // It keeps the slot that it has; otherwise the lowest that is free, also above the limit.
            var slot = job.Worker == request.Worker ? job.Slot!.Value : Enumerable.Range(0, held.Count + 1).First(number => !held.Contains(number));
            var (result, now) = await jobs.ApplyAsync(job, new Returned(time.GetUtcNow(), request.Worker, request.Cluster, request.Key, slot, job.Attempt), null, cancellation).ConfigureAwait(false);
            if (result == Applied.Changed)
            {
                log.LogInformation("job {Id} goes on with {Worker}, which has returned, as attempt {Attempt}", now!.Id, now.Worker, now.Attempt);
                return now;
            }

            if (result != Applied.SlotTaken)
            {
                return null;
            }

            held.Add(slot);
            job = now!;
        }

        return null;
    }

    private async Task GiveBackAsync(ClaimRequest request, Caller caller, CancellationToken cancellation)
    {
        var freed = false;
        foreach (var back in request.Return ?? [])
        {
            if (JobId.IsValid(back.Job) && await jobs.FindAsync(back.Job, cancellation).ConfigureAwait(false) is { } job
                && job.Worker == request.Worker && job.Attempt == back.Attempt && caller.Namespaces.Has(job.Namespace))
            {
                freed |= (await jobs.ApplyAsync(job, new HandedBack(time.GetUtcNow(), back.Attempt), null, cancellation).ConfigureAwait(false)).Result == Applied.Changed;
            }
        }

        if (freed)
        {
            await claiming.WakeAsync(cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Looks once. Full: there is no use in waiting.</summary>
    private async Task<(Answer<ClaimOutcome> Outcome, bool Full)> FindAsync(
        ClaimRequest request, Caller caller, IReadOnlyDictionary<string, string>? labels, CancellationToken cancellation)
    {
        var none = new ClaimOutcome(null, s_retryAfter);
        for (var n = 0; n < MostConflicts; n++)
        {
            // 2. What there is.
            var all = await jobs.AllAsync(TableClient.CreateQueryFilter($"state ne 'Ended' and (worker eq {request.Worker} or forWorker gt '' or forLabels gt '')"), cancellation).ConfigureAwait(false);
            var own = all.Where(job => job.IsActive && job.Worker == request.Worker).ToList();
            var now = time.GetUtcNow();
            if (own.Find(job => job.ClaimKey == request.Key && (job.State == JobState.Running || job.Lease > now)) is { } again)
            {
                return (new ClaimOutcome(await AnswerAsync(again, cancellation).ConfigureAwait(false), TimeSpan.Zero), true);
            }

            var held = own.Select(job => job.Slot).ToHashSet();
            if (own.Count >= request.MaxParallelJobs || FirstFree(held, request.MaxParallelJobs) is not { } slot)
            {
                return (none, true);
            }

            var candidates = all.Where(job => job is { State: JobState.Queued, IsRouted: true } && job.NotBefore <= now && job.Admits(request.Worker, labels) && caller.Namespaces.Has(job.Namespace)).ToList();
            if (candidates.Count == 0)
            {
                return (none, false);
            }

            // There is something to give: now it counts what another instance may have changed.
            var known = await KnownAsync(request.Worker, request.Instance, WorkerStore.Fresh, cancellation).ConfigureAwait(false);
            if (known.Refusal is { } refusal)
            {
                return (refusal, true);
            }

            if (known.Value!.Drain)
            {
                return (none, true);
            }

            // 3. The oldest.
            var (claimed, conflict) = await TakeAsync(candidates, request, labels, slot, cancellation).ConfigureAwait(false);
            if (claimed is not null)
            {
                return (new ClaimOutcome(await AnswerAsync(claimed, cancellation).ConfigureAwait(false), TimeSpan.Zero), true);
            }

            if (!conflict)
            {
                return (none, false);
            }
        }

        return (none, true);
    }

    private async Task<(Job? Claimed, bool Conflict)> TakeAsync(
        List<Job> candidates, ClaimRequest request, IReadOnlyDictionary<string, string>? labels, int slot, CancellationToken cancellation)
    {
        foreach (var job in candidates.OrderBy(job => job.Id, StringComparer.Ordinal))
        {
            List<Job> group = [];
            int? groupSlot = null;
            if (job.Group is { } name)
            {
                group = await jobs.GroupAsync(job.Namespace, name, cancellation).ConfigureAwait(false);
                if (!Startable.HasRoom(job, group) || Startable.IsBehind(job, group))
                {
                    continue;
                }

                groupSlot = Enumerable.Range(0, job.GroupLimit).First(number => !group.Any(other => other.GroupSlot == number));
            }

            var claim = new Claim(time.GetUtcNow(), request.Key, request.Worker, request.Executor, slot, groupSlot, request.Cluster, labels);
            var (result, now) = await jobs.ApplyAsync(job, claim, null, cancellation).ConfigureAwait(false);
            if (result == Applied.SlotTaken)
            {
                return (null, true);
            }

            if (result == Applied.Changed)
            {
                log.LogInformation("job {Id} claimed by {Worker}, attempt {Attempt}", now!.Id, now.Worker, now.Attempt);
                await claiming.WakeGroupAsync(now, group, cancellation).ConfigureAwait(false);
                return (now, false);
            }
        }

        return (null, false);
    }

    private async Task<ClaimAnswer> AnswerAsync(Job job, CancellationToken cancellation)
    {
        // Ranges are read without snapshots. A job that is gone meanwhile is answered without: its worker hears of it at the start.
        var whole = job.Snapshots is not null ? job : job with { Snapshots = (await jobs.FindAsync(job.Id, cancellation).ConfigureAwait(false))?.Snapshots };
        var left = job.Lease is { } lease && lease > time.GetUtcNow() ? lease - time.GetUtcNow() : TimeSpan.Zero;
        return new(whole, job.Attempt, job.Run, job.ClaimKey!, left, await installation.IdAsync(cancellation).ConfigureAwait(false), RunCalls.WordOf(job.Stop));
    }

    private Task<List<Job>> ActiveAsync(string filter, CancellationToken cancellation) =>
        jobs.AllAsync(string.Create(CultureInfo.InvariantCulture, $"{filter} and (state eq 'Claimed' or state eq 'Running')"), cancellation);

    private async Task<bool> IsAwayAsync(string worker, CancellationToken cancellation) =>
        await workers.FindAsync(worker, TimeSpan.Zero, cancellation).ConfigureAwait(false) is not { } other || !other.IsLive(time.GetUtcNow());

    private Refusal? Unregistered(Caller caller) => settings.RequireRegistration && caller.Bound is null
        ? new(RefusalCodes.RegistrationRequired, "only registered workers claim here (Workers:RequireRegistration); an admin runs: pushcart workers add NAME")
        : null;

    /// <summary>The worker, where this process has its name and has checked in.</summary>
    private async Task<Answer<WorkerRecord>> KnownAsync(string name, string instance, TimeSpan oldest, CancellationToken cancellation)
    {
        var worker = await workers.FindAsync(name, oldest, cancellation).ConfigureAwait(false);
        if (worker is { IsKnown: true } && worker.Instance == instance)
        {
            return worker;
        }

        if (oldest > TimeSpan.Zero)
        {
            return await KnownAsync(name, instance, TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }

        return worker is { IsKnown: true } && worker.IsLive(time.GetUtcNow())
            ? Admission.InUse(worker)
            : new Refusal(RefusalCodes.NotCheckedIn, $"{name} has not checked in, so it claims nothing; check in first");
    }

    private static int? FirstFree(HashSet<int?> held, int limit) => Enumerable.Range(0, limit).Select(number => (int?)number).FirstOrDefault(number => !held.Contains(number));
}
