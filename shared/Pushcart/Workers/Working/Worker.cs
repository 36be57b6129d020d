using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pushcart.Workers.Working.Membership;
using Pushcart.Workers.Working.Runs;

namespace Pushcart.Workers.Working;

/// <summary>
/// A registered worker at work: checks in, claims, keeps what it has claimed; and, asked to end, takes nothing more, gives its runs time to end, and leaves the others to the next process.
/// </summary>
public sealed class Worker(
    WorkerSettings settings,
    Standing standing,
    Claims claims,
    RunKeeping keeping,
    RunReports reports,
    OrphanRuns orphans,
    HeldJobs held,
    Wake claimWake,
    Wake passWake,
    ChannelReader<string>? ended,
    TimeProvider time,
    ILogger<Worker> log)
{
    private static readonly TimeSpan s_soon = TimeSpan.FromMilliseconds(200);
    private readonly Wake _standingWake = new(time);

    /// <summary>When its loop last went round.</summary>
    public DateTimeOffset LastPass { get; private set; }

    /// <summary>Works until it is asked to end and has nothing left, or its grace is over.</summary>
    /// <param name="drain">Asks it to end.</param>
    /// <param name="now">Ends it at once.</param>
    /// <returns>Null; or why it cannot work at all, for a person.</returns>
    public async Task<string?> RunAsync(CancellationToken drain, CancellationToken now)
    {
        using var all = CancellationTokenSource.CreateLinkedTokenSource(now);
        using var noMore = CancellationTokenSource.CreateLinkedTokenSource(all.Token, drain);
        await using var told = drain.Register(Drain).ConfigureAwait(false);
        LastPass = time.GetUtcNow();
        var loops = new[]
        {
            LoopAsync("checking in", _standingWake, StandAsync, all.Token),
            LoopAsync("claiming", claimWake, claims.StepAsync, noMore.Token),
            LoopAsync("looking at runs", passWake, PassAsync, all.Token),
            LoopAsync("looking for runs without a job", new(time), orphans.StepAsync, noMore.Token),
            WatchEndsAsync(all.Token),
        };
        try
        {
            await EndAsync(drain, all.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (now.IsCancellationRequested)
        {
            log.LogWarning("ends at once; {Count} runs go on, and the next process of this name and cluster adopts them", held.Count);
        }

        all.Cancel();
        await Task.WhenAll(loops).ConfigureAwait(false);
        await Task.WhenAll(held.All.Select(j => j.Work)).ConfigureAwait(false);
        return standing.Wrong;
    }

    private async Task EndAsync(CancellationToken drain, CancellationToken cancellation)
    {
        while (standing.Wrong is null && !drain.IsCancellationRequested)
        {
            await Task.Delay(s_soon, time, cancellation).ConfigureAwait(false);
        }

        var until = time.GetUtcNow() + settings.Grace;
        while (standing.Wrong is null && held.Count > 0 && time.GetUtcNow() < until)
        {
            await Task.Delay(s_soon, time, cancellation).ConfigureAwait(false);
        }

        if (held.Count > 0)
        {
            log.LogWarning(
                "the grace time is over: {Count} runs go on ({Jobs}), and the next process of this name and cluster adopts them", held.Count, string.Join(", ", held.All.Select(j => j.Id)));
        }
    }

    private void Drain()
    {
        standing.Ending = true;
        log.LogInformation("asked to end: takes nothing new; {Count} jobs have {Grace} to finish", held.Count, settings.Grace);
        foreach (var job in held.All)
        {
            job.HandBack = true;
        }

        _standingWake.Now();
        passWake.Now();
    }

    private async Task<TimeSpan> StandAsync(CancellationToken cancellation)
    {
        var wasMember = standing.IsMember;
        var wait = await standing.StepAsync(cancellation).ConfigureAwait(false);
        if (standing.IsMember && !wasMember)
        {
            claimWake.Now();
        }

        return wait;
    }

    private async Task<TimeSpan> PassAsync(CancellationToken cancellation)
    {
        LastPass = time.GetUtcNow();
        var begun = await keeping.PassAsync(cancellation).ConfigureAwait(false);
        await reports.KeepAllAsync(cancellation).ConfigureAwait(false);

        // A slow answer for one claim delays no look at the others.
        await Task.WhenAny(begun, Task.Delay(settings.Look, time, cancellation)).ConfigureAwait(false);
        return held.All.Any(j => j.Phase == HoldPhase.Ending) ? Shorter(settings.Look, TimeSpan.FromSeconds(1)) : settings.Look;
    }

    private async Task WatchEndsAsync(CancellationToken cancellation)
    {
        try
        {
            while (ended is not null && await ended.WaitToReadAsync(cancellation).ConfigureAwait(false))
            {
                while (ended.TryRead(out _))
                {
                    // One pass sees them all.
                }

                passWake.Now();
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            log.LogDebug("ends of runs are no longer watched");
        }
    }

    private async Task LoopAsync(string what, Wake wake, Func<CancellationToken, Task<TimeSpan>> step, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await wake.WaitAsync(await step(cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                // The worker must go on with its runs, whatever a single step met.
                log.LogError(e, "{What} failed; it goes on", what);
                await Task.Delay(s_soon, time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
