using System.Globalization;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>Something that must never be, found by a simulation.</summary>
internal sealed class ViolationException(string message) : Exception(message);

/// <summary>
/// The time of one simulation and everything that is going to happen in it, in the order of time, ties broken by the seed. All of it happens on the thread
/// that runs the simulation: what continues on another thread would make a run impossible to repeat, and is an error.
/// </summary>
internal sealed class VirtualClock(Dice dice, bool tracing)
{
    private readonly PriorityQueue<Action, (long At, ulong Order)> events = new();
    private readonly int thread = Environment.CurrentManagedThreadId;

    // At another time of day each: schedules by the hour fall into some lives.
    private readonly DateTimeOffset start = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) + dice.Seconds(0, 86400);
    private DateTimeOffset? now;

    public DateTimeOffset Now
    {
        get => now ?? start;
        private set => now = value;
    }

    public List<string> Trace { get; } = [];

    public long Happened { get; private set; }

    /// <summary>What went wrong where it could not be thrown: inside of the product, which may catch it.</summary>
    public Exception? Failure { get; private set; }

    public bool IsTracing => tracing;

    public void After(TimeSpan delay, Action action)
    {
        CheckThread();
        events.Enqueue(action, ((Now + delay).Ticks, dice.Next()));
    }

    public void RunUntil(DateTimeOffset end)
    {
        while (events.TryPeek(out _, out var next) && next.At <= end.Ticks)
        {
            var action = events.Dequeue();
            Now = new(Math.Max(Now.Ticks, next.At), TimeSpan.Zero);
            Happened++;
            action();
            if (Failure is { } failure)
            {
                throw failure is ViolationException ? failure : new ViolationException($"an exception that nobody expects: {failure}");
            }
        }

        Now = end;
    }

    public void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != thread)
        {
            throw new ViolationException("something continued on another thread than the simulation's");
        }
    }

    public void Fail(Exception failure) => Failure ??= failure;

    public void Tell(string who, string what)
    {
        if (tracing)
        {
            Trace.Add(string.Create(CultureInfo.InvariantCulture, $"{(Now - start).TotalSeconds,11:0.000}  {who,-8} {what}"));
        }
    }
}

/// <summary>The clock of one process: a little off, and silent once the process is dead.</summary>
/// <param name="clock">True time.</param>
/// <param name="off">How far this one is off.</param>
/// <param name="now">True where the process can go on now; where it stands still it is given again later.</param>
internal sealed class ProcessTime(VirtualClock clock, TimeSpan off, Func<Action, bool> now) : TimeProvider
{
    /// <summary>Makes waits longer that would cost more than they show; null: none.</summary>
    public Func<TimeSpan, TimeSpan>? Stretch { get; init; }

    /// <summary>How many calls of <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/> wait now.</summary>
    public int Delays { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => clock.Now + off;

    public override long GetTimestamp() => clock.Now.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        // The timer of a Task.Delay has that task as its state.
        var isDelay = state is Task;
        Delays += isDelay ? 1 : 0;
        var timer = new VirtualTimer(clock, now, () => callback(state), () => Delays -= isDelay ? 1 : 0);
        timer.Change(Stretch?.Invoke(dueTime) ?? dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(VirtualClock clock, Func<Action, bool> now, Action callback, Action disposed) : ITimer
    {
        // Let go when it is disposed: its event may be due only in minutes, and would keep all that a call was.
        private Action? callback = callback;
        private int version;
        private bool isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var mine = ++version;
            if (dueTime >= TimeSpan.Zero)
            {
                void Fire()
                {
                    if (mine == version && now(Fire))
                    {
                        if (period > TimeSpan.Zero)
                        {
                            Change(period, period);
                        }

                        callback?.Invoke();
                    }
                }

                clock.After(dueTime, Fire);
            }

            return true;
        }

        public void Dispose()
        {
            version++;
            callback = null;
            if (!isDisposed)
            {
                isDisposed = true;
                disposed();
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
