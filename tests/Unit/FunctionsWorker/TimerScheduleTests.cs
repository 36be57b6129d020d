using Microsoft.Azure.Functions.Worker.Timers;

namespace Pushcart.Tests.Unit.FunctionsWorker;

public sealed class TimerScheduleTests
{
    private static readonly DateTime Noon = new(2026, 5, 1, 12, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("0 */5 * * * *", "2026-05-01T12:05:00Z")]
    [InlineData("*/15 * * * * *", "2026-05-01T12:00:15Z")]
    [InlineData("30 12 * * *", "2026-05-01T12:30:00Z")]
    [InlineData("0 0 3 * * 1", "2026-05-04T03:00:00Z")]
    [InlineData("01:30:00", "2026-05-01T13:30:00Z")]
    public void The_next_occurrence_is_after_the_time_given_and_in_UTC(string text, string next)
    {
        var answer = TimerSchedule.TryParse(text)!.Next(Noon);
        Assert.Equal(DateTime.Parse(next, null, System.Globalization.DateTimeStyles.AdjustToUniversal), answer);
        Assert.Equal(DateTimeKind.Utc, answer!.Value.Kind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hourly")]
    [InlineData("5")]
    [InlineData("0 0 25 * * *")]
    [InlineData("* * * *")]
    [InlineData("00:00:00")]
    [InlineData("-00:01:00")]
    public void What_is_no_schedule_is_none(string text) => Assert.Null(TimerSchedule.TryParse(text));

    [Theory]
    [InlineData("*/15 * * * * *", true)]
    [InlineData("00:00:30", true)]
    [InlineData("0 * * * * *", false)]
    [InlineData("00:01:00", false)]
    public void One_that_occurs_more_than_once_a_minute_is_frequent(string text, bool frequent) =>
        Assert.Equal(frequent, TimerSchedule.TryParse(text)!.IsFrequent);

    [Fact]
    public void A_schedule_that_never_occurs_has_no_next() => Assert.Null(TimerSchedule.TryParse("0 0 0 31 2 *")!.Next(Noon));
}
