using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Jobs.Live;
using Pushcart.Jobs.Views;
using Pushcart.Storage;
using Pushcart.Telemetry;

namespace Pushcart.Jobs.Finished;

/// <summary>
/// Moves ended jobs to history. Each step can be repeated, so a crash between any two loses nothing:
/// read the log's tail; insert history; set the TTL of all the job's runs; tell the provider of its commit (<see cref="Reporting"/>); delete the row (line 26).
/// A report that fails keeps the row, which holds no slot, for a day at most.
/// A registered worker's runs are where only that worker sees them, with their logs and TTLs: of these the tail is what the worker has sent.
/// </summary>
public sealed class Archiving(Table live, History history, IExecutor executor, Reporting reporting, RunOutput output, TimeProvider time, ILogger<Archiving> log)
{
    /// <summary>How long a pass works on archives and reports. 10 s.</summary>
    public static TimeSpan Budget { get; } = TimeSpan.FromSeconds(10);

    private const int AtOnce = 16;
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Archives what has ended. What is not done in time waits for the next pass.</summary>
    /// <param name="all">All live jobs, with the ETags of their rows.</param>
    /// <param name="reports">True where providers are told; otherwise jobs whose report is owed are left to the pass that tells.</param>
    /// <param name="until">When no more is begun.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public async Task ArchiveAsync(IReadOnlyList<Job> all, bool reports, DateTimeOffset until, CancellationToken cancellation)
    {
        var owed = new List<Job>();
        var fresh = new List<Job>();
        foreach (var job in all.Where(j => j.State == JobState.Ended && j.ETag != default && j.Attempt >= 0))
        {
            if (job.Archived == true)
            {
                owed.Add(job);
            }
            else if (!reporting.IsOwed(job) || (reports && !reporting.MayStillTell(job)))
            {
                fresh.Add(job);
            }
        }

        // What has no report must not wait for those of others.
        foreach (var some in fresh.Chunk(AtOnce))
        {
            if (time.GetUtcNow() > until)
            {
                break;
            }

            var tails = await Task.WhenAll(some.Select(j => TailAsync(j, cancellation))).ConfigureAwait(false);
            await history.InsertAsync([.. some.Zip(tails)], cancellation).ConfigureAwait(false);
            var done = new List<Job>();
            foreach (var job in some)
            {
                if (await SetTtlsAsync(job, cancellation).ConfigureAwait(false))
                {
                    (reporting.IsOwed(job) ? owed : done).Add(job);
                }
            }

            await DeleteAsync(done, cancellation).ConfigureAwait(false);
        }

        if (reports)
        {
            var told = await reporting.TellEndsAsync([.. owed.OrderBy(j => j.Id, StringComparer.Ordinal)], all, until, cancellation).ConfigureAwait(false);
            await DeleteAsync([.. told], cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Tells that a job is finished, by its record in the log and by metrics: once, for each job has one pass that takes its row away, or notes that only its report is missing.</summary>
    internal static void TellFinished(ILogger log, Job job)
    {
        using var span = Traces.Begin("archive", job.TraceParent);
        span?.SetTag("pushcart.job", job.Id);
        Measures.Ended(job.Outcome.ToString()!.ToLowerInvariant());
        if (job is { StartedAt: { } started, EndedAt: { } ended })
        {
            Measures.Ran(ended - started);
        }

        FinishedJobRecord.Tell(log, job);
    }

    private async Task<string?> TailAsync(Job job, CancellationToken cancellation)
    {
        if (job.Attempt == 0)
        {
            return null;
        }

        if (job.IsRegistered)
        {
            return await output.TailAsync(job.Id, job.Run, cancellation).ConfigureAwait(false);
        }

        using var timer = new CancellationTokenSource(LogTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await executor.ReadLogTailAsync(RunNames.Of(job), JobSettings.LogTailBytes, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            log.LogWarning("job {Id}: its log was not read within {Timeout} and is left out of its history", job.Id, LogTimeout);
            return null;
        }
    }

    private async Task<bool> SetTtlsAsync(Job job, CancellationToken cancellation)
    {
        for (var run = 1; run <= job.Run && job.Attempt > 0 && !job.IsRegistered; run++)
        {
            var answer = await executor.SetTtlAsync(RunNames.Of(job, run), job.Ttl, cancellation).ConfigureAwait(false);
            if (!answer.Done)
            {
                log.LogWarning("job {Id}: the TTL of run {Run} could not be set, the next pass tries again: {Message}", job.Id, run, answer.Message);
                return false;
            }
        }

        return true;
    }

    private async Task DeleteAsync(List<Job> done, CancellationToken cancellation)
    {
        while (done.Count > 0)
        {
            var answer = await live.WriteAsync(
                [.. done.Take(Table.MaximumChanges).Select(j => Change.Delete(JobRow.Partition, JobRow.Key(j.Id), j.ETag))], cancellation).ConfigureAwait(false);
            if (answer.Applied)
            {
                var gone = done.Take(Table.MaximumChanges).ToList();
                foreach (var job in gone.Where(j => j.Archived != true))
                {
                    TellFinished(log, job);
                }

                done.RemoveRange(0, gone.Count);
                continue;
            }

            // Another pass was faster with one of them, or has changed it: that one is left to it.
            done.RemoveAt(Math.Max(0, answer.ConflictAt));
        }
    }
}
