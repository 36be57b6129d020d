using System.Globalization;
using NCrontab;

namespace Microsoft.Azure.Functions.Worker.Timers;

/// <summary>A schedule as Functions reads it: NCRONTAB with six fields (or five, without seconds), or an interval. All times are UTC.</summary>
internal sealed class TimerSchedule
{
    private static readonly DateTime SomeDay = new(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private readonly CrontabSchedule? _cron;
    private readonly TimeSpan _interval;

    private TimerSchedule(string text, CrontabSchedule? cron, TimeSpan interval)
    {
        Text = text;
        _cron = cron;
        _interval = interval;
    }

    /// <summary>The schedule as it was written.</summary>
    public string Text { get; }

    /// <summary>True where it occurs more often than once a minute, at least at times: such a schedule is not recorded.</summary>
    public bool IsFrequent
    {
        get
        {
            // As the real host does: a look at the first occurrences.
            var at = SomeDay;
            for (var i = 0; i < 5 && Next(at) is { } first && Next(first) is { } second; i++)
            {
                if (second - first < TimeSpan.FromMinutes(1))
                {
                    return true;
                }

                at = second;
            }

            return false;
        }
    }

    /// <summary>The schedule, or null where the text is none.</summary>
    public static TimerSchedule? TryParse(string text)
    {
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        if (fields is 5 or 6 && CrontabSchedule.TryParse(text, new CrontabSchedule.ParseOptions { IncludingSeconds = fields == 6 }) is { } cron)
        {
            return new TimerSchedule(text, cron, TimeSpan.Zero);
        }

        return fields == 1 && text.Contains(':', StringComparison.Ordinal)
            && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero
            ? new TimerSchedule(text, null, interval)
            : null;
    }

    /// <summary>The first occurrence after a time, or null where there is none.</summary>
    public DateTime? Next(DateTime after)
    {
        if (_cron is null)
        {
            return after + _interval;
        }

        var next = _cron.GetNextOccurrence(after);
        return next == DateTime.MaxValue ? null : DateTime.SpecifyKind(next, DateTimeKind.Utc);
    }
}
