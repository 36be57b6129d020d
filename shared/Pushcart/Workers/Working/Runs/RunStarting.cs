using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.Runs;

/// <summary>
/// Starts the run of a claim. Nothing is created before the server has said yes, and for each yes one create is sent, within the time that it names:
/// <list type="number">
/// <item>Ask; where nobody answers, again, as long as the claim lasts.</item>
/// <item>Build the run, with the secrets of this cluster.</item>
/// <item>Create it, once.</item>
/// <item>What create answered: there; refused or too busy, which is reported; or nobody can tell, and the run is looked for until a start anew is allowed.</item>
/// </list>
/// </summary>
public sealed class RunStarting(WorkerSettings settings, WorkerCalls calls, IExecutor executor, SourceEndpoints endpoints, TimeProvider time, ILogger<RunStarting> log)
{
    /// <summary>Starts it.</summary>
    /// <param name="job">The claim.</param>
    /// <param name="anew">True where it was started before, and no run is there.</param>
    /// <param name="cancellation">Ends it, by an exception.</param>
    public async Task StartAsync(HeldJob job, bool anew, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);

        // 1. The start.
        while (!HandsBack(job))
        {
            var sent = time.GetUtcNow();
            var answer = await calls.StartAsync(job, anew, cancellation).ConfigureAwait(false);
            if (answer.Value is { } yes)
            {
                job.BackOff.Reset();
                job.Phase = HoldPhase.Started;
                job.AnewAt = time.GetUtcNow() + yes.CreateWithin + settings.CreateTimeout;
                job.RenewAt = sent + (yes.Lease / 3);
                await CreateAsync(job, sent + yes.CreateWithin, cancellation).ConfigureAwait(false);
                return;
            }

            var now = time.GetUtcNow();
            if (answer.Refusal is { } refusal)
            {
                Refused(job, anew, refusal.Reason, refusal.ToString());
                if (job.Phase != HoldPhase.Claimed)
                {
                    return;
                }
            }

            var wait = job.BackOff.Next(answer.RetryAfter);
            log.LogWarning("job {Id}: whether it may start was not answered: {Why}", job.Id, answer.Why);
            if (anew || now + wait >= job.LeaseEnds)
            {
                // It may have been started all the same.
                job.Phase = HoldPhase.Started;
                job.AnewAt = now + (anew ? wait : settings.StartAnew);
                return;
            }

            await Task.Delay(wait, time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The run of a claim, with the secrets of this cluster.</summary>
    public async Task<(RunSpec? Spec, string? Error)> BuildAsync(HeldJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        return await new RunSpecs(endpoints, new Installation(job.Claim.Installation), new JobSettings()).BuildAsync(job.Job, cancellation).ConfigureAwait(false);
    }

    // A worker that ends gives back what it has not started: nothing was asked for yet, or nobody has answered.
    private bool HandsBack(HeldJob job)
    {
        if (job is { HandBack: true, Phase: HoldPhase.Claimed })
        {
            job.Report = calls.Report(job, ReportWords.HandedBack, "the worker ends");
            job.Phase = HoldPhase.Ending;
        }

        return job.Phase == HoldPhase.Ending;
    }

    private void Refused(HeldJob job, bool anew, string? reason, string why)
    {
        if (reason == ConflictReasons.Stopped && !anew)
        {
            job.Report = calls.Report(job, ReportWords.HandedBack, why);
            job.Phase = HoldPhase.Ending;
        }
        else if (reason == ConflictReasons.Stopped)
        {
            job.Stop ??= StopWords.Cancel;
            job.Phase = HoldPhase.Started;
        }
        else if (reason is ConflictReasons.Started or ConflictReasons.NotNow)
        {
            log.LogInformation("job {Id}: it was started before; its run is looked for: {Why}", job.Id, why);
            job.Phase = HoldPhase.Started;
            job.AnewAt = time.GetUtcNow() + (anew ? settings.StartAnew / 6 : settings.StartAnew);
        }
        else
        {
            calls.Judge(job, reason);
        }
    }

    private async Task CreateAsync(HeldJob job, DateTimeOffset before, CancellationToken cancellation)
    {
        // 2. The run.
        var (spec, error) = await BuildAsync(job, cancellation).ConfigureAwait(false);
        if (spec is null)
        {
            Conclude(job, ReportWords.Refused, error);
            return;
        }

        if (time.GetUtcNow() >= before)
        {
            log.LogWarning("job {Id}: it came too late for a create; it is started anew later", job.Id);
            return;
        }

        // 3. The create, by this machine's clock.
        var answer = await executor.CreateWithinAsync(spec with { CreateBefore = before }, settings.CreateTimeout, time, cancellation).ConfigureAwait(false);

        // 4. What follows.
        switch (answer.Result)
        {
            case CreateResult.Created or CreateResult.Exists:
                job.WasThere = true;
                log.LogInformation("job {Id} started: {Run} in {Namespace}, attempt {Attempt}", job.Id, job.Key.Name, job.Key.Namespace, job.Job.Attempt);
                break;
            case CreateResult.Refused:
                Conclude(job, ReportWords.Refused, answer.Message ?? "refused");
                break;
            case CreateResult.Busy:
                Conclude(job, ReportWords.Busy, answer.Message ?? "busy");
                break;
            default:
                log.LogWarning("job {Id}: nobody can tell whether {Run} was created: {Message}", job.Id, job.Key.Name, answer.Message);
                break;
        }
    }

    private void Conclude(HeldJob job, string what, string? message)
    {
        log.LogWarning("job {Id}: {Run} is not created, {What}: {Message}", job.Id, job.Key.Name, what, message);
        job.Report = calls.Report(job, what, message);
        job.Phase = HoldPhase.Ending;
    }
}
