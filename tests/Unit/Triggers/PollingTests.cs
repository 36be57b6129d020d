using Pushcart.Resources;
using Pushcart.Resources.Schedules;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers;

public sealed class PollingTests
{
    private const string Daily = "\"cron\":\"0 0 * * *\"";
    private static readonly Resource s_old = Trigger(since: Start.AddDays(-30));

    // The instants of the hourly trigger: its phase is a hash of its name.
    private static readonly DateTimeOffset s_instant = Schedule.Of((ScheduleTriggerSpec)s_old.Spec!, s_old.Name.ToString()).NextAfter(Start)!.Value;

    [Fact]
    public void A_webhook_trigger_that_fires_on_a_change_is_looked_at_once_in_the_time_of_resync_and_not_when_it_is_new()
    {
        var hooked = Webhook(since: Start);
        var first = Schedule.Interval(TimeSpan.FromHours(1), hooked.Name.ToString()).NextAfter(Start)!.Value;

        Assert.Equal([first], Instants(null, first, hooked));
        Assert.Equal([first], Instants(first.AddSeconds(-1), first.AddMinutes(59), hooked));
        Assert.Empty(Due(first, first.AddMinutes(59), hooked));
        Assert.Empty(Due(Start.AddMinutes(-1), first.AddSeconds(-1), hooked));
        Assert.Empty(Due(null, first.AddDays(1), Webhook(onChangeOnly: false)));
        Assert.Empty(Due(null, first.AddDays(1), Webhook(suspend: true)));
        Assert.Empty(Polling.Due(Catalog(hooked), null, first.AddDays(1), TimeSpan.Zero));
    }

    [Fact]
    public void A_new_trigger_is_due_at_once() =>
        Assert.Equal([new(s_old.Uid, "app", Start)], Due(Start.AddSeconds(-30), Start.AddSeconds(30), Trigger(schedule: Daily)));

    [Fact]
    public void The_first_tick_ever_finds_what_is_new_and_what_was_missed()
    {
        Assert.Equal([Start], Instants(null, Start.AddSeconds(30), Trigger(schedule: Daily)));
        Assert.Equal([Start.AddHours(12)], Instants(null, Start.AddDays(1), Trigger(schedule: Daily)));
    }

    [Theory]
    [InlineData(119, true)]
    [InlineData(120, false)]
    public void A_trigger_that_was_written_late_is_found_within_two_minutes(int seconds, bool found) =>
        Assert.Equal(found ? [Start] : [], Instants(Start.AddSeconds(seconds), Start.AddSeconds(seconds + 60), Trigger(schedule: Daily)));

    [Fact]
    public void A_trigger_of_the_future_waits_for_it() =>
        Assert.Empty(Due(Start.AddMinutes(-2), Start.AddMinutes(-1), Trigger(schedule: "\"interval\":\"1s\"")));

    [Fact]
    public void After_a_restart_a_minute_after_the_last_run_the_next_one_is_59_minutes_later()
    {
        var restart = s_instant.AddMinutes(1);

        Assert.Equal([s_instant], Instants(s_instant.AddSeconds(-30), s_instant, s_old));
        Assert.Empty(Due(s_instant, restart, s_old));
        Assert.Empty(Due(restart, restart.AddMinutes(59).AddTicks(-1), s_old));
        Assert.Equal([s_instant.AddHours(1)], Instants(restart, restart.AddMinutes(59), s_old));
    }

    [Fact]
    public void Missed_ticks_fire_once_with_the_last_instant()
    {
        Assert.Equal([s_instant.AddHours(5)], Instants(s_instant.AddMinutes(-1), s_instant.AddHours(5).AddMinutes(10), s_old));
        Assert.Equal([Start.AddHours(12)], Instants(Start, Start.AddDays(1), Trigger(schedule: Daily, since: Start.AddDays(-9))));
    }

    [Fact]
    public void The_range_is_open_at_the_recorded_tick_and_closed_now()
    {
        Assert.Empty(Due(s_instant, s_instant.AddMinutes(1), s_old));
        Assert.Equal([s_instant], Instants(s_instant.AddTicks(-1), s_instant, s_old));
    }

    [Fact]
    public void An_interval_below_the_period_fires_once_a_tick() =>
        Assert.Equal([Start.AddMinutes(1)], Instants(Start, Start.AddMinutes(1), Trigger(schedule: "\"interval\":\"1s\"", since: Start.AddDays(-1))));

    [Fact]
    public void A_suspended_trigger_is_not_due()
    {
        Assert.Empty(Due(null, Start.AddDays(1), Trigger(suspend: true)));
        Assert.NotEmpty(Due(null, Start.AddDays(1), Trigger()));
    }

    [Fact]
    public void Each_source_is_due_and_none_but_those_of_schedules() =>
        Assert.Equal(["app", "tools"], Due(null, Start, Trigger(sources: ["app", "tools"])).Select(d => d.Source));

    [Fact]
    public void An_invalid_trigger_stops_no_other()
    {
        var invalid = Trigger("broken") with { Spec = null, Error = "spec.schedule: is missing" };

        Assert.Equal([s_old.Uid], Due(null, Start, invalid, Trigger()).Select(d => d.Trigger));
    }

    [Fact]
    public void A_cron_that_has_ended_is_due_no_more() =>
        Assert.Empty(Due(Start.AddMinutes(-1), Start, Trigger(schedule: "\"cron\":\"0 0 0 1 1 ? 2020\"", since: Start.AddDays(-30))));

    private static IEnumerable<DueCheck> Due(DateTimeOffset? recorded, DateTimeOffset now, params Resource[] triggers) => Polling.Due(Catalog(triggers), recorded, now, TimeSpan.FromHours(1));

    private static IEnumerable<DateTimeOffset> Instants(DateTimeOffset? recorded, DateTimeOffset now, params Resource[] triggers) => Due(recorded, now, triggers).Select(d => d.Due);
}
