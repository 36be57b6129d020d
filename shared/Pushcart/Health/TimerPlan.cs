using System.Globalization;

namespace Pushcart.Health;

/// <summary>A timer, and when it has to tick.</summary>
/// <param name="Key">Its key among the recorded ticks.</param>
/// <param name="Schedule">Its schedule as Functions reads it: NCRONTAB of six fields, or an interval.</param>
public sealed record TimerPlan(string Key, string Schedule)
{
    /// <summary>So many occurrences may be missed.</summary>
    private const int Missed = 3;

    private static readonly TimeSpan s_late = TimeSpan.FromMinutes(1);

    /// <summary>
    /// True where it has stopped: of the occurrences after <paramref name="since"/> the third was a minute ago or more. A schedule that Pushcart cannot read, or that has no more occurrences,
    /// proves nothing.
    /// </summary>
    /// <param name="since">Its last tick, or when it could first have ticked.</param>
    /// <param name="now">Now.</param>
    public bool HasStopped(DateTimeOffset since, DateTimeOffset now)
    {
        for (var n = 0; n < Missed; n++)
        {
            if (Next(since, now) is not { } next || next > now)
            {
                return false;
            }

            since = next;
        }

        return now - since >= s_late;
    }

    private DateTimeOffset? Next(DateTimeOffset after, DateTimeOffset now) =>
        Schedule.Contains(':', StringComparison.Ordinal) ? TimeSpan.TryParse(Schedule, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero ? after + interval : null
        : Resources.Schedules.Schedule.TryCron(Schedule, now, out var cron, out _) ? cron.NextAfter(after) : null;
}
