using System.Diagnostics.CodeAnalysis;

namespace Pushcart.Resources.Schedules;

/// <summary>The instants at which a schedule is due, in UTC, on whole seconds.</summary>
public abstract class Schedule
{
    /// <summary>
    /// A schedule by interval. Its instants depend on the interval and on <paramref name="phaseSeed"/> only, so that every process on every machine has the same ones,
    /// a restart moves none, and triggers of one interval are spread over it.
    /// </summary>
    /// <param name="interval">Whole seconds, at least one.</param>
    /// <param name="phaseSeed">What the phase is a hash of: the trigger's name.</param>
    /// <exception cref="ArgumentOutOfRangeException">The interval is shorter than a second or no whole number of them.</exception>
    public static Schedule Interval(TimeSpan interval, string phaseSeed) => new IntervalSchedule(interval, phaseSeed);

    /// <summary>A schedule by cron expression.</summary>
    /// <exception cref="FormatException">The expression is wrong; the message names field and value.</exception>
    public static Schedule Cron(string text) =>
        CronSchedule.TryRead(text, null, out var schedule, out var error) ? schedule : throw new FormatException(error);

    /// <summary>A schedule by cron expression that still has a future.</summary>
    /// <param name="text">Five fields (minute first), six (second first) or seven (year last), or a word such as <c>@daily</c>; a prefix <c>TZ=Europe/Kyiv </c> is optional.</param>
    /// <param name="now">The time: an expression that never fires after it is refused.</param>
    /// <param name="schedule">The schedule.</param>
    /// <param name="error">What is wrong, naming field and value.</param>
    public static bool TryCron(string text, DateTimeOffset now, [NotNullWhen(true)] out Schedule? schedule, [NotNullWhen(false)] out string? error)
    {
        var read = CronSchedule.TryRead(text, now, out var cron, out error);
        schedule = cron;
        return read;
    }

    /// <summary>The schedule of a trigger.</summary>
    /// <param name="spec">The trigger's spec.</param>
    /// <param name="name">The trigger's name, with its namespace: the seed of an interval's phase.</param>
    /// <exception cref="FormatException">The spec did not come from a manifest: its interval or expression is wrong.</exception>
    public static Schedule Of(ScheduleTriggerSpec spec, string name)
    {
        if (spec.Interval is null)
        {
            return Cron(spec.Cron ?? "");
        }

        return Duration.TryParse(spec.Interval, out var interval, out var error) ? Interval(interval, name) : throw new FormatException(error);
    }

    /// <summary>The first instant after <paramref name="after"/>, or null where there is none any more.</summary>
    public abstract DateTimeOffset? NextAfter(DateTimeOffset after);

    /// <summary>
    /// The last instant in (<paramref name="after"/>, <paramref name="upTo"/>], or null: what a tick that covers the range fires, once, however many it missed.
    /// </summary>
    public virtual DateTimeOffset? LastIn(DateTimeOffset after, DateTimeOffset upTo)
    {
        if (NextAfter(after) is not { } last || last > upTo)
        {
            return null;
        }

        // Bisection to a second: a month of missed seconds costs as little as one.
        var (low, high) = (last, upTo);
        while (high - low > TimeSpan.FromSeconds(1))
        {
            var middle = low + ((high - low) / 2);
            if (NextAfter(middle) is { } next && next <= upTo)
            {
                (last, low) = (next, next);
            }
            else
            {
                high = middle;
            }
        }

        return NextAfter(low) is { } final && final <= upTo ? final : last;
    }
}
