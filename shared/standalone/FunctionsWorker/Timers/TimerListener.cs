using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;

namespace Microsoft.Azure.Functions.Worker.Timers;

/// <summary>Runs one timer by its schedule while its lease is held. A run is awaited before the next is due, so it never overlaps itself.</summary>
internal sealed class TimerListener(TimerFunction function, FunctionRunner runner, Func<TimerLease> makeLease, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(1);

    private bool _startupRun = function.RunOnStartup;

    /// <summary>Runs the timer until the token fires, then waits for a run that is under way.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            using var lease = makeLease();
            if (!await lease.AcquireAsync(stopping).ConfigureAwait(false))
            {
                return;
            }

            using var ended = new CancellationTokenSource();
            using var held = CancellationTokenSource.CreateLinkedTokenSource(stopping, lease.Lost);
            var renewal = lease.RenewAsync(ended.Token);
            await FollowAsync(lease, held.Token).ConfigureAwait(false);
            await ended.CancelAsync().ConfigureAwait(false);
            await renewal.ConfigureAwait(false);
            await lease.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task FollowAsync(TimerLease lease, CancellationToken held)
    {
        var next = await BeginAsync(lease).ConfigureAwait(false);
        var pastDue = next < Now();
        if (_startupRun)
        {
            _startupRun = false;
            var began = Now();
            await FireAsync(lease, pastDue).ConfigureAwait(false);
            next = await GoOnAsync(lease, began).ConfigureAwait(false);
            pastDue = false;
        }

        while (await WaitUntilAsync(next, held).ConfigureAwait(false))
        {
            // One run makes up for all that went by: what is late by a whole occurrence counts as of now.
            var due = function.Schedule.Next(next!.Value) <= Now() ? Now() : next.Value;
            await FireAsync(lease, pastDue).ConfigureAwait(false);
            pastDue = false;
            next = await GoOnAsync(lease, due).ConfigureAwait(false);
        }
    }

    /// <summary>The first occurrence to wait for; one in the past was missed while nothing ran.</summary>
    private async Task<DateTime?> BeginAsync(TimerLease lease)
    {
        if (!function.Monitored)
        {
            return function.Schedule.Next(Now());
        }

        if (lease.Row.Schedule == function.Schedule.Text && lease.Row.Next is { } recorded)
        {
            return recorded.UtcDateTime;
        }

        // New, or of another schedule: that one's occurrences say nothing about what this one has missed.
        var next = function.Schedule.Next(Now());
        await lease.RecordAsync(function.Schedule.Text, last: null, next).ConfigureAwait(false);
        return next;
    }

    /// <summary>Records that an occurrence ran; answers the next. One that went by while it ran is next, and due at once, as under the real host.</summary>
    private async Task<DateTime?> GoOnAsync(TimerLease lease, DateTime due)
    {
        var next = function.Schedule.Next(due);
        if (function.Monitored)
        {
            await lease.RecordAsync(function.Schedule.Text, due, next).ConfigureAwait(false);
        }

        return next;
    }

    private async Task FireAsync(TimerLease lease, bool pastDue)
    {
        var info = new TimerInfo
        {
            IsPastDue = pastDue,
            ScheduleStatus = function.Monitored
                ? new ScheduleStatus
                {
                    Last = lease.Row.Last?.UtcDateTime ?? default,
                    Next = lease.Row.Next?.UtcDateTime ?? default,
                    LastUpdated = lease.Row.Last?.UtcDateTime ?? default,
                }
                : null,
        };
        await runner.RunAsync(function.Method, new TriggerInput { Forms = [info] }).ConfigureAwait(false);
    }

    /// <summary>Waits for an occurrence, in steps, so that a clock that jumps is noticed. False: the lease is lost or the host stops.</summary>
    private async Task<bool> WaitUntilAsync(DateTime? occurrence, CancellationToken held)
    {
        while (!held.IsCancellationRequested)
        {
            var wait = occurrence is { } at ? at - Now() : LongestWait;
            if (wait <= TimeSpan.Zero)
            {
                return true;
            }

            await Task.Delay(wait < LongestWait ? wait : LongestWait, time, held).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private DateTime Now() => time.GetUtcNow().UtcDateTime;
}
