using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Membership;

namespace Pushcart.Workers.Working.Runs;

/// <summary>
/// Looks at the worker's runs, and moves each claim by what is seen:
/// <list type="number">
/// <item>List the runs, once for all claims. Where a run is missing, it is read by name.</item>
/// <item>Renew what is started. Failures of the link end nothing: the run's deadline does.</item>
/// <item>Stop what is to be stopped, until it is gone; start anew what surely is not there.</item>
/// <item>Report what has ended, with its output; set how long the run is kept.</item>
/// <item>Delete what is not the worker's any more.</item>
/// </list>
/// </summary>
public sealed class RunKeeping(
    WorkerSettings settings, WorkerCalls calls, IExecutor executor, HeldJobs held, RunStarting starting, RunReports reports, RunOutput output, Standing standing, TimeProvider time, ILogger<RunKeeping> log)
{
    // Of a run that was seen so lately somebody has deleted what is missing now; as long as Observe's own.
    private static readonly TimeSpan s_justSeen = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_outputEvery = TimeSpan.FromSeconds(15);
    private const int BadListsMost = 3;
    private int _badLists;

    /// <summary>Makes a pass. A claim that is still being seen to from the pass before is left to it.</summary>
    /// <returns>What was begun; it may go on for longer than until the next pass.</returns>
    public async Task<Task> PassAsync(CancellationToken cancellation)
    {
        var idle = held.All.Where(j => j.Work.IsCompleted).ToList();
        var namespaces = idle.Where(j => j.Phase is HoldPhase.Started or HoldPhase.Removing).Select(j => j.Key.Namespace).ToHashSet();

        // 1. What there is.
        var list = namespaces.Count == 0 ? new RunList(true, []) : await executor.ListAsync(namespaces, cancellation).ConfigureAwait(false);
        Note(list);
        foreach (var job in idle)
        {
            job.Work = GuardAsync(job, list, cancellation);
        }

        return Task.WhenAll(idle.Select(j => j.Work));
    }

    private async Task GuardAsync(HeldJob job, RunList list, CancellationToken cancellation)
    {
        try
        {
            await MoveAsync(job, list, cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.LogDebug("job {Id} is left as it is: the worker ends", job.Id);
        }
        catch (Exception e)
        {
            // One claim's fault must not stop the others, and the next pass sees to it again.
            log.LogError(e, "job {Id}: seeing to it failed; the next pass tries again", job.Id);
        }
    }

    private async Task MoveAsync(HeldJob job, RunList list, CancellationToken cancellation)
    {
        if (job.Phase is not (HoldPhase.Removing or HoldPhase.Done) && job.TakeVerdict() is { } verdict)
        {
            calls.Judge(job, verdict);
        }

        if (job.Phase == HoldPhase.Claimed)
        {
            await starting.StartAsync(job, anew: false, cancellation).ConfigureAwait(false);
        }
        else if (job.Phase == HoldPhase.Started)
        {
            await LookAsync(job, list, cancellation).ConfigureAwait(false);
        }

        if (job.Phase is HoldPhase.Started or HoldPhase.Ending && job.RenewAt <= time.GetUtcNow())
        {
            await RenewAsync(job, cancellation).ConfigureAwait(false);
        }

        if (job.Phase == HoldPhase.Ending)
        {
            await reports.SendAsync(job, cancellation).ConfigureAwait(false);
        }

        // 5. Not ours.
        if (job.Phase == HoldPhase.Removing)
        {
            await RemoveAsync(job, list, cancellation).ConfigureAwait(false);
        }
    }

    // 2. The sign of life; of what has ended too, while its report finds no way.
    private async Task RenewAsync(HeldJob job, CancellationToken cancellation)
    {
        var sent = time.GetUtcNow();
        var told = job.Progress == job.ToldProgress ? null : job.Progress;
        var answer = await calls.RenewAsync(job, told, cancellation).ConfigureAwait(false);
        if (answer.Value is { } value)
        {
            job.ToldProgress = told ?? job.ToldProgress;
            job.RenewAt = sent + (standing.Terms?.RenewEvery ?? value.Lease / 3);
            standing.SetDrain(value.Drain);
            if (value.Stop is { } stop && job.Stop != stop)
            {
                log.LogInformation("job {Id}: to be stopped ({Stop})", job.Id, stop);
                job.Stop = stop;
            }

            return;
        }

        // Sooner than a renewal would be due, so that a lease need not run out for one lost answer.
        job.RenewAt = sent + (answer.RetryAfter ?? settings.Look);
        if (answer.Refusal is not { } refusal || !calls.Judge(job, refusal.Reason))
        {
            log.LogWarning("job {Id}: it was not renewed, and goes on: {Why}", job.Id, answer.Why);
        }
    }

    // 3. The run.
    private async Task LookAsync(HeldJob job, RunList list, CancellationToken cancellation)
    {
        var view = list.Runs.FirstOrDefault(r => r.Key.Name == job.Key.Name && r.Key.Namespace == job.Key.Namespace);
        if (view is null)
        {
            var found = list.Whole ? await executor.FindAsync(job.Key, cancellation).ConfigureAwait(false) : new FindAnswer(false, null, list.Message);
            if (!found.Answered)
            {
                return;
            }

            view = found.Run;
        }

        if (view is null)
        {
            await MissingAsync(job, cancellation).ConfigureAwait(false);
            return;
        }

        if (!job.WasThere)
        {
            log.LogInformation("job {Id}: its run {Run} is there, and goes on", job.Id, job.Key.Name);
        }

        job.WasThere = true;
        if (view.Phase == RunPhase.Succeeded || view is { Phase: RunPhase.Failed, Alive: false })
        {
            job.Report = await reports.OfAsync(job, view, cancellation).ConfigureAwait(false);
            job.Phase = HoldPhase.Ending;
        }
        else if (view.Phase == RunPhase.Active)
        {
            job.SeenAt = time.GetUtcNow();
            await SeeToAsync(job, view, cancellation).ConfigureAwait(false);
        }
    }

    private async Task SeeToAsync(HeldJob job, RunView view, CancellationToken cancellation)
    {
        if (job.Stop is not null)
        {
            var answer = await executor.DeleteAsync(view, cancellation).ConfigureAwait(false);
            log.LogDebug("job {Id}: {Run} is being stopped: {Answer}", job.Id, job.Key.Name, answer.Message ?? "accepted");
            return;
        }

        if (view.AwaitsCredentials)
        {
            var (spec, error) = await starting.BuildAsync(job, cancellation).ConfigureAwait(false);
            error ??= await executor.EnsureCredentialsAsync(spec!, view, cancellation).ConfigureAwait(false);
            if (error is not null)
            {
                log.LogWarning("job {Id}: its run waits for credentials: {Error}", job.Id, error);
            }
        }

        if (view.ImageErrorSince is { } since && time.GetUtcNow() - since > job.Job.PendingLimit && !job.ImagesTold)
        {
            job.ImagesTold = await reports.TellImagesAsync(job, view, cancellation).ConfigureAwait(false);
            job.RenewAt = job.ImagesTold ? time.GetUtcNow() : job.RenewAt;
        }

        if (view.Reason is { } reason)
        {
            job.Progress = RunOutput.OneLine(view.Message is { } message ? $"{reason}: {message}" : reason);
        }
        else if (job.LogAt <= time.GetUtcNow())
        {
            job.LogAt = time.GetUtcNow() + s_outputEvery;
            await output.SendAsync(job, isLast: false, cancellation).ConfigureAwait(false);
        }
    }

    private async Task MissingAsync(HeldJob job, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (!job.WasThere && now < job.AnewAt)
        {
            return;
        }

        if (!job.WasThere && job.HandBack)
        {
            log.LogInformation("job {Id}: no run {Run} is there, and the worker ends: the next process of this name and cluster starts it anew", job.Id, job.Key.Name);
            calls.Done(job);
            return;
        }

        if (!job.WasThere && job.Stop is null)
        {
            log.LogInformation("job {Id}: no run {Run} is there, nor will one come of the start before; it is started anew", job.Id, job.Key.Name);
            await starting.StartAsync(job, anew: true, cancellation).ConfigureAwait(false);
            return;
        }

        job.Report = calls.Report(job, ReportWords.Gone) with { JustSeen = job.Stop is null && job.SeenAt is { } seen && now - seen <= s_justSeen };
        job.Phase = HoldPhase.Ending;
    }

    private async Task RemoveAsync(HeldJob job, RunList list, CancellationToken cancellation)
    {
        var view = list.Runs.FirstOrDefault(r => r.Key.Name == job.Key.Name && r.Key.Namespace == job.Key.Namespace);
        if (view is null)
        {
            var found = await executor.FindAsync(job.Key, cancellation).ConfigureAwait(false);
            if (found is { Answered: true, Run: null } && time.GetUtcNow() >= job.AnewAt)
            {
                log.LogInformation("job {Id}: nothing of {Run} is left", job.Id, job.Key.Name);
                calls.Done(job);
            }

            view = found.Run;
        }

        if (view is { Terminating: false })
        {
            var answer = await executor.DeleteAsync(view, cancellation).ConfigureAwait(false);
            log.LogDebug("job {Id}: {Run} is being deleted: {Answer}", job.Id, job.Key.Name, answer.Message ?? "accepted");
        }
    }

    private void Note(RunList list)
    {
        _badLists = list.Whole ? 0 : _badLists + 1;
        if (!list.Whole)
        {
            log.LogWarning("the {Executor} executor gave no whole list; nothing is concluded from what it lacks: {Message}", executor.Name, list.Message);
        }

        standing.Error = _badLists >= BadListsMost ? $"the {executor.Name} executor does not answer: {list.Message}" : null;
    }
}
