using Microsoft.Extensions.Logging;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;

namespace Pushcart.Workers.Working.Runs;

/// <summary>Calls about one claim, in the name of this worker; and what a refusal of one means for it.</summary>
public sealed class WorkerCalls(WorkerSettings settings, string instance, ITokens tokens, ServerLink link, HeldJobs held, ILogger<WorkerCalls> log)
{
    /// <summary>Asks whether the run may be created now.</summary>
    public Task<LinkAnswer<StartAnswer>> StartAsync(HeldJob job, bool anew, CancellationToken cancellation) =>
        link.StartAsync(tokens, job.Id, new(settings.Name, instance, job.Job.Attempt, job.Claim.Key, anew, job.Job.Run), cancellation);

    /// <summary>Renews the claim.</summary>
    public Task<LinkAnswer<RenewAnswer>> RenewAsync(HeldJob job, string? progress, CancellationToken cancellation) =>
        link.RenewAsync(tokens, job.Id, new(settings.Name, instance, job.Job.Attempt, progress, job.Job.Run), cancellation);

    /// <summary>Reports.</summary>
    public Task<LinkAnswer<ReportAnswer>> ReportAsync(HeldJob job, ReportRequest report, CancellationToken cancellation) => link.ReportAsync(tokens, job.Id, report, cancellation);

    /// <summary>Sends a piece of output.</summary>
    public Task<LinkAnswer<LogAnswer>> LogAsync(HeldJob job, int number, string text, CancellationToken cancellation) =>
        link.LogAsync(tokens, job.Id, new(settings.Name, job.Job.Attempt, job.Job.Run, number, text), cancellation);

    /// <summary>A report of this claim.</summary>
    public ReportRequest Report(HeldJob job, string what, string? message = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        return new(settings.Name, instance, job.Job.Attempt, job.Job.Run, what, message is { Length: > 2000 } ? message[..2000] : message);
    }

    /// <summary>
    /// One refusal ends a claim here, where it says that the claim is not the worker's any more. Any other refusal, of the token say, changes nothing: the run goes on until its deadline.
    /// </summary>
    /// <returns>True where the claim was ended.</returns>
    public bool Judge(HeldJob job, string? reason)
    {
        ArgumentNullException.ThrowIfNull(job);
        switch (reason)
        {
            case ConflictReasons.Ended or ConflictReasons.Requeued or ConflictReasons.Unknown or ConflictReasons.OtherWorker:
                log.LogWarning("job {Id}: not this worker's any more ({Reason}); {Run} is deleted, where it is there", job.Id, reason, job.Key.Name);
                job.Phase = HoldPhase.Removing;
                return true;
            case ConflictReasons.TakenOver:
                log.LogWarning("job {Id}: another process of this name has taken {Run} over; it is let go", job.Id, job.Key.Name);
                Done(job);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Nothing is left to do for it here.</summary>
    public void Done(HeldJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        job.Phase = HoldPhase.Done;
        held.Remove(job);
    }
}
