using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Storage;

namespace Pushcart.Jobs;

/// <summary>
/// Moves ended jobs to history. Each step can be repeated, so a crash between any two loses nothing:
/// read the log's tail; insert history; set the TTL of all the job's runs; delete the row (line 26).
/// A registered worker's runs are where only that worker sees them, with their logs and TTLs.
/// </summary>
public sealed class Archiving(Table live, History history, IExecutor executor, TimeProvider time, ILogger<Archiving> log)
{
    private const int AtOnce = 16;
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LogTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Archives jobs. What does not fit into 10 s waits for the next pass.</summary>
    /// <param name="ended">Ended jobs, with the ETag of their rows.</param>
    /// <param name="cancellation">Ends the pass.</param>
    public async Task ArchiveAsync(IReadOnlyList<Job> ended, CancellationToken cancellation)
    {
        var until = time.GetUtcNow() + Budget;
        foreach (var some in ended.Where(j => j.ETag != default && j.Attempt >= 0).Chunk(AtOnce))
        {
            if (time.GetUtcNow() > until)
            {
                return;
            }

            var tails = await Task.WhenAll(some.Select(j => TailAsync(j, cancellation))).ConfigureAwait(false);
            await history.InsertAsync([.. some.Zip(tails)], cancellation).ConfigureAwait(false);
            var done = new List<Job>();
            foreach (var job in some)
            {
                if (await SetTtlsAsync(job, cancellation).ConfigureAwait(false))
                {
                    done.Add(job);
                }
            }

            await DeleteAsync(done, cancellation).ConfigureAwait(false);
        }
    }

    private async Task<string?> TailAsync(Job job, CancellationToken cancellation)
    {
        if (job.Attempt == 0 || job.IsRegistered)
        {
            return null;
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
                [.. done.Select(j => Change.Delete(JobRow.Partition, JobRow.Key(j.Id), j.ETag))], cancellation).ConfigureAwait(false);
            if (answer.Applied)
            {
                return;
            }

            // Another pass was faster with one of them, or has changed it: that one is left to it.
            done.RemoveAt(Math.Max(0, answer.ConflictAt));
        }
    }
}
