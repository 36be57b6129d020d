using Pushcart.Resources;
using Pushcart.Resources.Schedules;

namespace Pushcart.Tests.Unit.Resources.Schedules;

public sealed class IntervalScheduleTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly Schedule Hourly = Schedule.Interval(TimeSpan.FromHours(1), "team/nightly");

    [Fact]
    public void After_a_restart_one_minute_after_the_last_run_the_next_is_in_59()
    {
        var run = Hourly.NextAfter(Start)!.Value;
        var restarted = Schedule.Interval(TimeSpan.FromHours(1), "team/nightly");
        Assert.Equal(run.AddHours(1), restarted.NextAfter(run.AddMinutes(1)));
    }

    [Fact]
    public void The_phase_is_a_hash_of_the_name_and_the_same_on_every_machine()
    {
        // Fixed on purpose: a change of the hash would move every schedule of every installation.
        Assert.Equal("12:17:38", Hourly.NextAfter(Start)!.Value.ToString("HH:mm:ss", null));
        var phases = Enumerable.Range(0, 200).Select(i => Schedule.Interval(TimeSpan.FromHours(1), $"team/{i}").NextAfter(Start)!.Value.Minute).Distinct().Count();
        Assert.True(phases > 45, $"200 names fall on {phases} minutes of the hour");
    }

    [Fact]
    public void An_instant_is_not_after_itself_and_is_in_the_range_that_it_ends()
    {
        var instant = Hourly.NextAfter(Start)!.Value;
        Assert.Equal(instant.AddHours(1), Hourly.NextAfter(instant));
        Assert.Equal(instant, Hourly.NextAfter(instant.AddTicks(-1)));
        Assert.Equal(instant, Hourly.LastIn(instant.AddTicks(-1), instant));
        Assert.Null(Hourly.LastIn(instant, instant.AddMinutes(59)));
    }

    [Fact]
    public void Of_many_missed_instants_the_last_one_fires()
    {
        var instant = Hourly.NextAfter(Start)!.Value;
        Assert.Equal(instant.AddHours(99), Hourly.LastIn(Start, instant.AddHours(99).AddMinutes(30)));
    }

    [Fact]
    public void It_also_holds_before_1970()
    {
        var before = new DateTimeOffset(1969, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var next = Hourly.NextAfter(before)!.Value;
        Assert.InRange(next, before.AddSeconds(1), before.AddHours(1));
        Assert.Equal(next.AddHours(1), Hourly.NextAfter(next));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1.5)]
    [InlineData(-1)]
    public void Less_than_a_second_or_a_part_of_one_is_refused(double seconds) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Schedule.Interval(TimeSpan.FromSeconds(seconds), "x"));

    [Fact]
    public void The_schedule_of_a_trigger_is_by_its_interval_or_its_cron()
    {
        static ScheduleTriggerSpec Spec(string? interval, string? cron) =>
            new() { Sources = new SourcesSpec { Names = ["a"] }, Action = new ActionRef(ResourceKind.Action, "b"), Interval = interval, Cron = cron };
        Assert.Equal(Hourly.NextAfter(Start), Schedule.Of(Spec("1h", null), "team/nightly").NextAfter(Start));
        Assert.Equal(Start.AddHours(12), Schedule.Of(Spec(null, "@daily"), "team/nightly").NextAfter(Start));
    }
}
