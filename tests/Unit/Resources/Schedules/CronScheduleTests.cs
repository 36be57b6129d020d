using System.Globalization;
using Pushcart.Resources.Schedules;

namespace Pushcart.Tests.Unit.Resources.Schedules;

public sealed class CronScheduleTests
{
    // Thursday.
    private static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 30, TimeSpan.Zero);

    [Theory]
    [InlineData("*/5 * * * *", "2026-01-15 12:05:00", "2026-01-15 12:10:00")]
    [InlineData("30 4 * * *", "2026-01-16 04:30:00", "2026-01-17 04:30:00")]
    [InlineData("15 30 4 * * *", "2026-01-16 04:30:15", "2026-01-17 04:30:15")]
    [InlineData("0 0 0 1 1 ? 2028", "2028-01-01 00:00:00", null)]
    [InlineData("0 0 0 1 1 * 2027-2031/2", "2027-01-01 00:00:00", "2029-01-01 00:00:00")]
    [InlineData("0 9-17/4 * * *", "2026-01-15 13:00:00", "2026-01-15 17:00:00")]
    [InlineData("10/20 12 * * *", "2026-01-15 12:10:00", "2026-01-15 12:30:00")]
    [InlineData("0 22-2 * * *", "2026-01-15 22:00:00", "2026-01-15 23:00:00")]
    [InlineData("0 0 1 jan,JUL *", "2026-07-01 00:00:00", "2027-01-01 00:00:00")]
    [InlineData("0 0 1 NOV-FEB *", "2026-02-01 00:00:00", "2026-11-01 00:00:00")]
    [InlineData("@hourly", "2026-01-15 13:00:00", "2026-01-15 14:00:00")]
    [InlineData("@daily", "2026-01-16 00:00:00", "2026-01-17 00:00:00")]
    [InlineData("@midnight", "2026-01-16 00:00:00", "2026-01-17 00:00:00")]
    [InlineData("@weekly", "2026-01-18 00:00:00", "2026-01-25 00:00:00")]
    [InlineData("@monthly", "2026-02-01 00:00:00", "2026-03-01 00:00:00")]
    [InlineData("@yearly", "2027-01-01 00:00:00", "2028-01-01 00:00:00")]
    [InlineData("@annually", "2027-01-01 00:00:00", "2028-01-01 00:00:00")]
    public void Fields_names_and_words(string cron, string first, string? second) => Check(cron, first, second);

    [Theory]
    [InlineData("0 0 * * 0", "2026-01-18 00:00:00", "2026-01-25 00:00:00")]
    [InlineData("0 0 * * 7", "2026-01-18 00:00:00", "2026-01-25 00:00:00")]
    [InlineData("0 0 * * 1-5", "2026-01-16 00:00:00", "2026-01-19 00:00:00")]
    [InlineData("0 0 * * 5-7", "2026-01-16 00:00:00", "2026-01-17 00:00:00")]
    [InlineData("0 0 * * 6-1", "2026-01-17 00:00:00", "2026-01-18 00:00:00")]
    [InlineData("0 0 * * FRI-MON", "2026-01-16 00:00:00", "2026-01-17 00:00:00")]
    [InlineData("0 0 * * */3", "2026-01-17 00:00:00", "2026-01-18 00:00:00")]
    [InlineData("0 0 * * 1,sat", "2026-01-17 00:00:00", "2026-01-19 00:00:00")]
    [InlineData("0 0 * * 5L", "2026-01-30 00:00:00", "2026-02-27 00:00:00")]
    [InlineData("0 0 * * FRIL", "2026-01-30 00:00:00", "2026-02-27 00:00:00")]
    [InlineData("0 0 * * 1#2", "2026-02-09 00:00:00", "2026-03-09 00:00:00")]
    [InlineData("0 0 * * 0#1,7#3", "2026-01-18 00:00:00", "2026-02-01 00:00:00")]
    [InlineData("0 0 * * FRI#5", "2026-01-30 00:00:00", "2026-05-29 00:00:00")]
    [InlineData("0 0 * * 3,5L", "2026-01-21 00:00:00", "2026-01-28 00:00:00")]
    public void Days_of_the_week_count_as_in_unix(string cron, string first, string second) => Check(cron, first, second);

    [Theory]
    [InlineData("0 0 L * *", "2026-01-31 00:00:00", "2026-02-28 00:00:00")]
    [InlineData("0 0 L-2 * ?", "2026-01-29 00:00:00", "2026-02-26 00:00:00")]
    [InlineData("0 0 LW * *", "2026-01-30 00:00:00", "2026-02-27 00:00:00")]
    [InlineData("0 0 17W * *", "2026-01-16 00:00:00", "2026-02-17 00:00:00")]
    [InlineData("0 0 1W 2 *", "2026-02-02 00:00:00", "2027-02-01 00:00:00")]
    [InlineData("0 0 20,L * *", "2026-01-20 00:00:00", "2026-01-31 00:00:00")]
    [InlineData("0 0 31 * *", "2026-01-31 00:00:00", "2026-03-31 00:00:00")]
    [InlineData("0 0 29 2 *", "2028-02-29 00:00:00", "2032-02-29 00:00:00")]
    public void Days_of_the_month(string cron, string first, string second) => Check(cron, first, second);

    [Theory]
    [InlineData("0 0 20 * MON", "2026-01-19 00:00:00", "2026-01-20 00:00:00")]
    [InlineData("0 0 16 * 5", "2026-01-16 00:00:00", "2026-01-23 00:00:00")]
    [InlineData("0 0 1 6 5L", "2026-06-01 00:00:00", "2026-06-26 00:00:00")]
    [InlineData("0 0 20 * ?", "2026-01-20 00:00:00", "2026-02-20 00:00:00")]
    [InlineData("0 0 ? * MON", "2026-01-19 00:00:00", "2026-01-26 00:00:00")]
    public void Where_both_kinds_of_day_are_restricted_either_fires(string cron, string first, string second) => Check(cron, first, second);

    [Theory]
    [InlineData("61 * * * *", "minute \"61\": \"61\" is nothing from 0 to 59")]
    [InlineData("* 24 * * *", "hour \"24\"")]
    [InlineData("* * 0 * *", "day of month \"0\"")]
    [InlineData("* * * 13 *", "month \"13\": \"13\" is nothing from 1 to 12 or JAN to DEC")]
    [InlineData("* * * * 8", "day of week \"8\": \"8\" is nothing from 0 to 7 or SUN to SAT")]
    [InlineData("60 * * * * *", "second \"60\"")]
    [InlineData("* * * * * * 1969", "year \"1969\"")]
    [InlineData("* * * * MOND", "day of week \"MOND\"")]
    [InlineData("*/0 * * * *", "the step \"0\" is no number from 1 to 60")]
    [InlineData("*/90 * * * *", "the step \"90\"")]
    [InlineData("*/x * * * *", "the step \"x\"")]
    [InlineData("1- * * * *", "minute \"1-\"")]
    [InlineData("1,,2 * * * *", "minute \"1,,2\"")]
    [InlineData("*5 * * * *", "minute \"*5\"")]
    [InlineData("? * * * *", "minute \"?\"")]
    [InlineData("* L * * *", "hour \"L\"")]
    [InlineData("* * 32W * *", "day of month \"32W\"")]
    [InlineData("* * L-31 * *", "day of month \"L-31\"")]
    [InlineData("* * 20-10 * *", "the range 20-10 runs backwards")]
    [InlineData("* * * * L", "day of week \"L\"")]
    [InlineData("* * * * 1#6", "day of week \"1#6\"")]
    [InlineData("* * * *", "has 4 fields")]
    [InlineData("* * * * * * * *", "has 8 fields")]
    [InlineData("", "has 0 fields")]
    [InlineData("@often", "\"@often\" is none of @hourly")]
    [InlineData("TZ=Europe/Nowhere @daily", "TZ=\"Europe/Nowhere\" is no known time zone")]
    [InlineData("TZ=../../../etc/localtime @daily", "is no known time zone")]
    [InlineData("TZ= @daily", "is no known time zone")]
    [InlineData("0 0 30 2 *", "can never fire again")]
    [InlineData("0 0 31 4,6 *", "can never fire again")]
    [InlineData("0 0 0 1 1 ? 2025", "can never fire again")]
    [InlineData("0 0 0 15 1 ? 2026", "can never fire again")]
    public void What_is_wrong_names_field_and_value(string cron, string message)
    {
        Assert.False(Schedule.TryCron(cron, Now, out _, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_zone_moves_the_instants_and_utc_is_the_default()
    {
        Check("TZ=Europe/Kyiv 0 7 * * *", "2026-01-16 05:00:00", "2026-01-17 05:00:00");
        Check("TZ=Europe/Kyiv 0 7 1 7 *", "2026-07-01 04:00:00", "2027-07-01 04:00:00");
        Check("TZ=Asia/Kolkata @daily", "2026-01-15 18:30:00", "2026-01-16 18:30:00");
        Check("TZ=UTC 0 7 * * *", "2026-01-16 07:00:00", "2026-01-17 07:00:00");
    }

    // Berlin: 02:00 to 03:00 is skipped on 29 March 2026 (at 01:00 UTC), and shown twice on 25 October (00:00 to 02:00 UTC).
    [Fact]
    public void A_time_that_the_clock_skips_fires_once_at_the_end_of_the_gap()
    {
        Assert.Equal(["03-28 01:30", "03-29 01:00", "03-30 00:30"], From("TZ=Europe/Berlin 30 2 * * *", "2026-03-28 00:00:00", 3));
        Assert.Equal(["03-29 00:59", "03-29 01:00", "03-30 00:00"], From("TZ=Europe/Berlin */1 1-2 * * *", "2026-03-29 00:58:30", 2).Append("03-30 00:00"));
        Assert.Equal(["03-29 00:00", "03-29 01:00", "03-29 02:00"], From("TZ=Europe/Berlin 0 1,2,3,4 * * *", "2026-03-28 23:59:00", 3));
    }

    [Fact]
    public void A_time_that_the_clock_shows_twice_fires_once_the_first_time()
    {
        Assert.Equal(["10-24 00:30", "10-25 00:30", "10-26 01:30"], From("TZ=Europe/Berlin 30 2 * * *", "2026-10-24 00:00:00", 3));
        Assert.Equal(["10-26 01:30"], From("TZ=Europe/Berlin 30 2 * * *", "2026-10-25 01:10:00", 1));
    }

    [Fact]
    public void Where_every_hour_is_meant_it_is_hours_that_pass()
    {
        Assert.Equal(["03-29 00:07", "03-29 01:07", "03-29 02:07"], From("TZ=Europe/Berlin 7 * * * *", "2026-03-28 23:30:00", 3));
        Assert.Equal(["10-24 23:07", "10-25 00:07", "10-25 01:07", "10-25 02:07"], From("TZ=Europe/Berlin 7 * * * *", "2026-10-24 22:30:00", 4));
        Assert.Equal(["10-25 00:40", "10-25 01:00", "10-25 01:20", "10-25 01:40", "10-25 02:00"], From("TZ=Europe/Berlin */20 * * * *", "2026-10-25 00:20:00", 5));
    }

    [Fact]
    public void A_gap_of_half_an_hour_keeps_its_order() =>
        // Lord Howe Island: 02:00 becomes 02:30 on 4 October 2026 (at 15:30 UTC on the 3rd).
        Assert.Equal(["10-03 15:30", "10-03 15:35"], From("TZ=Australia/Lord_Howe 10,20,35 2 * * *", "2026-10-03 12:00:00", 2));

    [Theory]
    [InlineData("* * * * * *")]
    [InlineData("*/7 * * * *")]
    [InlineData("30 2 * * *")]
    [InlineData("0 0 13 * 5")]
    [InlineData("TZ=Europe/Berlin 30 2 * * *")]
    [InlineData("TZ=Europe/Berlin */20 * * * *")]
    public void The_last_instant_of_a_range_is_the_one_that_counting_finds(string cron)
    {
        var schedule = Schedule.Cron(cron);
        var from = new DateTimeOffset(2026, 10, 24, 20, 0, 0, TimeSpan.Zero);
        foreach (var minutes in new[] { 0, 1, 59, 300, 720 })
        {
            var upTo = from.AddMinutes(minutes).AddMilliseconds(250);
            DateTimeOffset? counted = null;
            for (var next = schedule.NextAfter(from); next <= upTo; next = schedule.NextAfter(next.Value))
            {
                counted = next;
            }

            Assert.Equal(counted, schedule.LastIn(from, upTo));
        }
    }

    [Fact]
    public void A_tick_missed_fires_once_on_return_with_the_last_instant_whatever_the_range()
    {
        Assert.Equal(At("2026-01-15 12:00:00"), Schedule.Cron("* * * * * *").LastIn(At("2025-01-15 12:00:00"), At("2026-01-15 12:00:00")));
        Assert.Equal(At("2026-01-15 00:00:00"), Schedule.Cron("@daily").LastIn(At("2026-01-10 00:00:00"), At("2026-01-15 12:00:00")));
        Assert.Null(Schedule.Cron("@daily").LastIn(At("2026-01-15 00:00:00"), At("2026-01-15 23:59:59")));
    }

    private static DateTimeOffset At(string text) => DateTimeOffset.ParseExact(text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static void Check(string cron, string first, string? second)
    {
        Assert.True(Schedule.TryCron(cron, Now, out var schedule, out var error), error);
        var next = schedule.NextAfter(Now);
        Assert.Equal(At(first), next);
        Assert.Equal(second is null ? null : At(second), schedule.NextAfter(next!.Value));
    }

    private static List<string> From(string cron, string start, int count)
    {
        var schedule = Schedule.Cron(cron);
        var times = new List<string>();
        for (var next = schedule.NextAfter(At(start)); times.Count < count; next = schedule.NextAfter(next!.Value))
        {
            times.Add(next!.Value.ToString("MM-dd HH:mm", CultureInfo.InvariantCulture));
        }

        return times;
    }
}
