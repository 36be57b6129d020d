using System.Diagnostics.CodeAnalysis;
using Quartz;

namespace Pushcart.Resources.Schedules;

/// <summary>
/// A cron expression. Quartz finds the next time on the clock of the wall; what that is in UTC is decided here, because it must not depend on Quartz's version:
/// <list type="number">
/// <item>A time that the clock skips in spring fires once, at the end of the gap.</item>
/// <item>A time that the clock shows twice in autumn fires once, the first time.</item>
/// <item>Where the hour is <c>*</c> or <c>*/n</c>, the expression means elapsed time, not a time of day: it then fires in both hours of autumn, and skipped times are skipped.</item>
/// </list>
/// </summary>
internal sealed class CronSchedule : Schedule
{
    // Where day of month and day of week are both restricted, cron means either: several expressions, whose union is meant.
    private readonly IReadOnlyList<CronExpression> _expressions;
    private readonly TimeZoneInfo _zone;
    private readonly bool _everyHour;

    private CronSchedule(IReadOnlyList<CronExpression> expressions, TimeZoneInfo zone, bool everyHour) =>
        (_expressions, _zone, _everyHour) = (expressions, zone, everyHour);

    /// <summary>Reads an expression; with <paramref name="now"/>, one that never fires after it is refused.</summary>
    public static bool TryRead(string text, DateTimeOffset? now, [NotNullWhen(true)] out CronSchedule? schedule, [NotNullWhen(false)] out string? error)
    {
        schedule = null;
        if (!CronText.TryRead(text, out var cron, out error))
        {
            return false;
        }

        var read = new CronSchedule([.. cron.Expressions.Select(expression => new CronExpression(expression) { TimeZone = TimeZoneInfo.Utc })], cron.Zone, cron.EveryHour);
        if (now is { } time && read.NextAfter(time) is null)
        {
            error = $"{Wording.Quote(text)} can never fire again; look at its day, month and year";
            return false;
        }

        schedule = read;
        return true;
    }

    public override DateTimeOffset? NextAfter(DateTimeOffset after)
    {
        // Times on the wall never go back here, instants may: where the clock shows `after` twice, begin far enough back to see what its second showing holds.
        var wall = TimeZoneInfo.ConvertTime(after, _zone).DateTime;
        if (_zone.IsAmbiguousTime(wall))
        {
            var offsets = _zone.GetAmbiguousTimeOffsets(wall);
            wall -= offsets.Max() - offsets.Min();
        }

        DateTimeOffset? first = null;
        while (NextOnWall(wall) is { } next)
        {
            var instants = Instants(next);
            foreach (var instant in instants)
            {
                first = instant > after && !(first <= instant) ? instant : first;
            }

            if (instants.Count > 0 && instants[0] > after)
            {
                break;
            }

            wall = next;
        }

        return first;
    }

    private DateTime? NextOnWall(DateTime wall)
    {
        DateTime? first = null;
        foreach (var expression in _expressions)
        {
            if (expression.GetTimeAfter(new DateTimeOffset(wall, TimeSpan.Zero)) is { } next && !(first <= next.DateTime))
            {
                first = next.DateTime;
            }
        }

        return first;
    }

    /// <summary>The instants at which the clock shows a time and the schedule fires, in order.</summary>
    private IReadOnlyList<DateTimeOffset> Instants(DateTime wall)
    {
        if (_zone.IsInvalidTime(wall))
        {
            return _everyHour ? [] : [InUtc(EndOfGap(wall))];
        }

        if (!_zone.IsAmbiguousTime(wall))
        {
            return [InUtc(wall)];
        }

        var offsets = _zone.GetAmbiguousTimeOffsets(wall).OrderDescending().Select(offset => new DateTimeOffset(wall, offset).ToUniversalTime());
        return [.. _everyHour ? offsets : offsets.Take(1)];
    }

    private DateTimeOffset InUtc(DateTime wall) => new DateTimeOffset(wall, _zone.GetUtcOffset(wall)).ToUniversalTime();

    // Clocks change on whole minutes. A gap is an hour as a rule; a zone that crosses the date line skips a day.
    private DateTime EndOfGap(DateTime wall)
    {
        var end = wall.AddTicks(-(wall.Ticks % TimeSpan.TicksPerMinute));
        while (_zone.IsInvalidTime(end))
        {
            end = end.AddMinutes(1);
        }

        return end;
    }
}
