using Pushcart.Jobs;
using Pushcart.Jobs.Live;

namespace Pushcart.Tests.Unit.Jobs.Live;

public sealed class ObserverTickTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);
    private static readonly JobSettings s_settings = new();

    [Fact]
    public void It_is_up_after_60_s_without_a_gap()
    {
        var tick = new ObserverTick();
        foreach (var second in (int[])[0, 15, 30, 45])
        {
            tick = Next(tick, second);
            Assert.False(tick.IsUp(s_settings), $"up after {second} s");
        }

        Assert.True(Next(tick, 60).IsUp(s_settings));
        Assert.True(Next(Next(tick, 60), 105).IsUp(s_settings));
    }

    [Theory]
    [InlineData(45, true)]
    [InlineData(46, false)]
    public void A_gap_of_more_than_45_s_begins_anew(int pause, bool up)
    {
        var tick = Next(Up(), 60 + pause);

        Assert.Equal(up, tick.IsUp(s_settings));
        Assert.Equal(s_start.AddSeconds(up ? 0 : 60 + pause), tick.UpSince);
    }

    [Fact]
    public void A_list_that_is_not_whole_begins_anew()
    {
        var tick = Up().Next(s_start.AddSeconds(75), whole: false, s_settings);

        Assert.Equal((null, null, s_start.AddSeconds(75)), (tick.UpSince, tick.Listed, tick.Last));
        Assert.False(tick.IsUp(s_settings));
        Assert.False(Next(Next(tick, 90), 149 - 15).IsUp(s_settings));
        Assert.True(Next(Next(Next(tick, 90), 120), 150).IsUp(s_settings));
    }

    [Fact]
    public void It_ticks_whatever_its_lists_are_until_there_is_a_gap()
    {
        var tick = Up().Next(s_start.AddSeconds(75), whole: false, s_settings);

        Assert.Equal((false, true), (tick.IsUp(s_settings), tick.IsTicking(s_settings)));
        Assert.False(Next(tick, 75 + 46).IsTicking(s_settings));
        Assert.False((Up() with { TickingSince = null }).IsTicking(s_settings));
    }

    [Theory]
    [InlineData(59, true)]
    [InlineData(14, false)]
    public void A_clock_set_back_begins_anew(int second, bool kept) =>
        Assert.Equal(s_start.AddSeconds(kept ? 0 : second), Next(Up(), second).UpSince);

    [Fact]
    public void A_run_that_is_gone_was_deleted_just_now_only_where_the_last_pass_saw_it()
    {
        var recorded = Up();
        var seen = GivenJob.Running() with { SeenAt = s_start.AddSeconds(60) };

        Assert.True(recorded.SawRunning(seen, s_start.AddSeconds(105), s_settings));
        Assert.False(recorded.SawRunning(seen, s_start.AddSeconds(106), s_settings));
        Assert.False(recorded.SawRunning(seen with { SeenAt = s_start.AddSeconds(61) }, s_start.AddSeconds(75), s_settings));
        Assert.False(recorded.SawRunning(seen with { SeenAt = null }, s_start.AddSeconds(75), s_settings));
        Assert.False(recorded.Next(s_start.AddSeconds(75), whole: false, s_settings).SawRunning(seen, s_start.AddSeconds(76), s_settings));
    }

    private static ObserverTick Next(ObserverTick tick, int second) => tick.Next(s_start.AddSeconds(second), whole: true, s_settings);

    private static ObserverTick Up() => new[] { 0, 15, 30, 45, 60 }.Aggregate(new ObserverTick(), Next);
}
