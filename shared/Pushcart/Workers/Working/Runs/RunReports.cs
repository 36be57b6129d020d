using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.Runs;

/// <summary>Tells the server what became of runs: as often as it takes, for the run's record is kept for days.</summary>
public sealed class RunReports(WorkerCalls calls, IExecutor executor, RunOutput output, WorkerMetrics metrics, Wake claims, TimeProvider time, ILogger<RunReports> log)
{
    // The last output goes before the end, after which none is taken; but an end must not wait for it for long.
    private const int LastOutputTries = 3;
    private const int MostReason = 1000;
    private readonly List<HeldJob> _kept = [];

    /// <summary>The report of a run that has ended.</summary>
    public async Task<ReportRequest> OfAsync(HeldJob job, RunView view, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(view);
        var tail = await output.TailAsync(job, cancellation).ConfigureAwait(false);
        return calls.Report(job, view.Phase == RunPhase.Succeeded ? ReportWords.Succeeded : ReportWords.Failed, view.Message) with
        {
            ExitCode = view.ExitCode,
            Reason = view.Reason is { Length: > MostReason } reason ? reason[..MostReason] : view.Reason,
            StartedAt = view.StartedAt,
            EndedAt = view.EndedAt,
            Pods = view.Pods,
            RunUid = view.Uid,
            LogTail = tail,
        };
    }

    /// <summary>Tells that a run's images have not come.</summary>
    /// <returns>True where that was taken.</returns>
    public async Task<bool> TellImagesAsync(HeldJob job, RunView view, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(view);
        var report = calls.Report(job, ReportWords.ImagesMissing, view.Message) with { Reason = view.Reason ?? "its images cannot be had", RunUid = view.Uid, Pods = view.Pods };
        var answer = await calls.ReportAsync(job, report, cancellation).ConfigureAwait(false);
        if (answer.Value is null && !calls.Judge(job, answer.Refusal?.Reason))
        {
            log.LogWarning("job {Id}: that its images do not come was not told: {Why}", job.Id, answer.Why);
        }

        return answer.Value is not null;
    }

    /// <summary>Sends a claim's report, where it is due.</summary>
    public async Task SendAsync(HeldJob job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.ReportAt > time.GetUtcNow() || job.Report is not { } report)
        {
            return;
        }

        var hadRun = report.What is ReportWords.Succeeded or ReportWords.Failed;
        if (hadRun && job.LastOutputTries < LastOutputTries && !await output.SendAsync(job, isLast: true, cancellation).ConfigureAwait(false))
        {
            job.LastOutputTries++;
            job.ReportAt = time.GetUtcNow() + job.BackOff.Next();
            return;
        }

        var answer = await calls.ReportAsync(job, report, cancellation).ConfigureAwait(false);
        if (answer.Value is { } value)
        {
            metrics.Reported(report.What);
            log.LogInformation("job {Id}: {Run} {What}{Code}; the job is {State}", job.Id, job.Key.Name, report.What, report.ExitCode is { } code ? $" with exit code {code}" : "", value.Outcome ?? value.State);
            calls.Done(job);
            claims.Now();
            if (hadRun)
            {
                await KeepAsync(job, cancellation).ConfigureAwait(false);
            }

            return;
        }

        if (report.What == ReportWords.HandedBack && answer.Refusal is { Reason: ConflictReasons.NotNow })
        {
            // A start whose answer was lost was carried out after all.
            (job.Report, job.Phase) = (null, HoldPhase.Started);
            return;
        }

        job.ReportAt = time.GetUtcNow() + job.BackOff.Next(answer.RetryAfter);
        if (answer.Refusal is not { } refusal || !calls.Judge(job, refusal.Reason))
        {
            log.LogWarning("job {Id}: what became of {Run} ({What}) was not told, it will be told again: {Why}", job.Id, job.Key.Name, report.What, answer.Why);
        }
    }

    /// <summary>Sets how long runs are kept whose end is on record, where that did not work at once.</summary>
    public async Task KeepAllAsync(CancellationToken cancellation)
    {
        List<HeldJob> kept;
        lock (_kept)
        {
            kept = [.. _kept];
            _kept.Clear();
        }

        foreach (var job in kept)
        {
            await KeepAsync(job, cancellation).ConfigureAwait(false);
        }
    }

    private async Task KeepAsync(HeldJob job, CancellationToken cancellation)
    {
        var answer = await executor.SetTtlAsync(job.Key, job.Job.Ttl, cancellation).ConfigureAwait(false);
        if (!answer.Done)
        {
            log.LogDebug("job {Id}: the TTL of {Run} could not be set, the next pass tries again: {Message}", job.Id, job.Key.Name, answer.Message);
            lock (_kept)
            {
                _kept.Add(job);
            }
        }
    }
}
