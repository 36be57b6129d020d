namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

/// <summary>A clock on which waits are over at once and remembered; the time-out of a try never comes.</summary>
internal sealed class WaitlessTime : TimeProvider
{
    private static readonly TimeSpan s_timeout = KubeLimitsTimeout;
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How long was waited, in order.</summary>
    public List<TimeSpan> Waits { get; } = [];

    private static TimeSpan KubeLimitsTimeout => Pushcart.Execution.Kubernetes.Client.KubeLimits.Default.TryTimeout;

    public override DateTimeOffset GetUtcNow() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero || dueTime == s_timeout)
        {
            return new Stopped();
        }

        Waits.Add(dueTime);
        _now += dueTime;
        return System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private sealed class Stopped : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
