using System.Diagnostics.CodeAnalysis;
using Azure;
using Pushcart.Execution;
using Pushcart.Storage;

namespace Pushcart.Health;

/// <summary>Whether one part of a host can do its work.</summary>
/// <param name="Name"><c>storage</c>, <c>executor</c>, or <c>timer</c> and its key.</param>
/// <param name="Ready">True where it can.</param>
/// <param name="Reason">Why not, for anybody: no address, no name, no secret. Null where it can; but where there is no executor, that is said though nothing is wrong.</param>
/// <param name="LastTick">Of a timer: when it last ticked, in whichever instance, RFC 3339; null where it never has, or nobody can tell.</param>
public sealed record PartHealth(string Name, bool Ready, string? Reason, [property: StringSyntax("date-time")] string? LastTick = null);

/// <summary>Whether a host can do its work.</summary>
/// <param name="Ready">True where all its parts can.</param>
/// <param name="Parts">Its parts.</param>
public sealed record HostHealth(bool Ready, IReadOnlyList<PartHealth> Parts);

/// <summary>
/// Looks whether this host can do its work: storage and executor answer in time, and no timer has stopped. Timers may tick in other instances, so their recorded ticks tell.
/// An old tick proves nothing where nothing could have ticked since: a timer is judged from its last tick, but not from before this host started; or, where Observe goes on, not from before
/// Observe began to tick without a gap, so that a young instance too sees that another timer has stopped. So a new installation is ready at once, and not for ever.
/// Whoever asks, and however often, what is found is kept for <see cref="HealthSettings.ReadyKept"/>, and looked for once at a time.
/// </summary>
public sealed class Readiness(TimerTicks ticks, IExecutor executor, IReadOnlyList<TimerPlan> timers, TimeProvider time)
{
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly Lock _lock = new();
    private Task<HostHealth>? _look;
    private long _begun;

    /// <summary>What was found a moment ago, or is found now. Whoever stops waiting stops no look, so that nobody can make one follow another.</summary>
    public Task<HostHealth> LookAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_look is null || (_look.IsCompleted && time.GetElapsedTime(_begun) >= HealthSettings.ReadyKept))
            {
                _begun = time.GetTimestamp();
                _look = Task.Run(LookAsync, CancellationToken.None);
            }

            return _look.WaitAsync(cancellation);
        }
    }

    private async Task<HostHealth> LookAsync()
    {
        var storage = ReadAsync();
        var runs = ReachAsync();
        var (recorded, away) = await storage.ConfigureAwait(false);
        List<PartHealth> parts = [new("storage", away is null, away), await runs.ConfigureAwait(false), .. timers.Select(timer => Judge(timer, recorded))];
        return new(parts.TrueForAll(part => part.Ready), parts);
    }

    private PartHealth Judge(TimerPlan timer, RecordedTicks? recorded)
    {
        var name = $"timer {timer.Key}";
        if (recorded is null)
        {
            return new(name, false, "its ticks cannot be read");
        }

        var now = time.GetUtcNow();
        DateTimeOffset? last = recorded.Last.TryGetValue(timer.Key, out var at) ? at : null;

        // One that never ticked may be new to this installation, however long Observe ticks.
        var alive = last is not null && recorded.TickingSince < _started && !Plan(TimerTicks.Observe).HasStopped(recorded.Last[TimerTicks.Observe], now) ? recorded.TickingSince.Value : _started;
        var since = last > alive ? last.Value : alive;
        var told = last is { } tick ? Rfc3339.Text(tick) : null;
        return timer.HasStopped(since, now)
            ? new(name, false, last is null ? "it has not ticked since this host started" : "it has stopped", told)
            : new(name, true, null, told);
    }

    private TimerPlan Plan(string key) => timers.First(timer => timer.Key == key);

    private async Task<(RecordedTicks? Recorded, string? Away)> ReadAsync()
    {
        using var timer = new CancellationTokenSource(HealthSettings.AnswerWithin, time);
        try
        {
            return (await ticks.ReadAsync(timer.Token).ConfigureAwait(false), null);
        }
        catch (RequestFailedException e) when (e.Status is >= 400 and < 500 and not 408 and not 429)
        {
            return (null, $"it answered {e.Status}");
        }
        catch (Exception e) when (e is OperationCanceledException || StorageFailure.IsAway(e, CancellationToken.None))
        {
            return (null, "it does not answer");
        }
    }

    private async Task<PartHealth> ReachAsync()
    {
        using var timer = new CancellationTokenSource(HealthSettings.AnswerWithin, time);
        try
        {
            // Without one the rest of the host does its work: it is said, and nothing is refused for it.
            var why = executor is NoExecutor ? null : await executor.ReachAsync(timer.Token).ConfigureAwait(false);
            return new("executor", why is null, executor is NoExecutor ? NoExecutor.Why : why);
        }
        catch (OperationCanceledException)
        {
            return new("executor", false, "it does not answer");
        }
    }
}
