using Pushcart.Execution;
using Pushcart.Health;
using Pushcart.Jobs.Live;
using Pushcart.Storage;

namespace Pushcart.Tests.Unit.Health;

public sealed class ReadinessTests
{
    private static readonly string[] s_frequent = [TimerTicks.Poll, TimerTicks.Observe];

    [Fact]
    public async Task A_new_installation_is_ready_before_its_timers_have_ticked_and_not_for_ever()
    {
        using var given = await GivenHealth.StartAsync();
        var host = given.NewHost();

        Assert.True((await host.LookAsync(default)).Ready);
        given.Time.Advance(TimeSpan.FromSeconds(100));
        Assert.True((await host.LookAsync(default)).Ready);

        // Observe ticks every 15 s: of three periods and a minute nothing is left.
        given.Time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(("timer observe", "it has not ticked since this host started"), Fault(await host.LookAsync(default)));
    }

    [Theory]
    [InlineData(TimerTicks.Observe, 90, 105)]
    [InlineData(TimerTicks.Poll, 180, 195)]
    [InlineData(TimerTicks.CleanHistory, 10260, 10275)]
    [InlineData(TimerTicks.Hooks, 10845, 10860)]
    public async Task A_timer_that_stops_is_told_after_three_of_its_periods_and_a_minute(string timer, int notYet, int then)
    {
        using var given = await GivenHealth.StartAsync();
        var host = given.NewHost();
        string[] all = [TimerTicks.Poll, TimerTicks.Observe, TimerTicks.CleanHistory, TimerTicks.Hooks];
        await given.PassAsync(TimeSpan.FromMinutes(10), all);
        var others = all.Where(t => t != timer).ToArray();

        await given.PassAsync(TimeSpan.FromSeconds(notYet - 15), others);
        Assert.True((await host.LookAsync(default)).Ready);
        await given.PassAsync(TimeSpan.FromSeconds(then - notYet), others);
        var health = await host.LookAsync(default);

        Assert.Equal(($"timer {timer}", "it has stopped"), Fault(health));
        Assert.NotNull(health.Parts.Single(p => !p.Ready).LastTick);
        await given.PassAsync(TimeSpan.FromSeconds(15), all);
        Assert.True((await host.LookAsync(default)).Ready);
    }

    [Fact]
    public async Task After_a_night_in_which_nothing_ran_a_host_is_ready()
    {
        using var given = await GivenHealth.StartAsync();
        await given.PassAsync(TimeSpan.FromMinutes(5), TimerTicks.Poll, TimerTicks.Observe, TimerTicks.CleanHistory, TimerTicks.Hooks);
        given.Time.Advance(TimeSpan.FromHours(12));

        var host = given.NewHost();

        Assert.True((await host.LookAsync(default)).Ready);
    }

    [Fact]
    public async Task A_young_host_sees_that_another_timer_has_stopped_while_Observe_went_on()
    {
        using var given = await GivenHealth.StartAsync();
        await given.PassAsync(TimeSpan.FromMinutes(1), TimerTicks.Poll);
        var ticks = given.Storage.Clients.Table(TableNames.Ticks);
        for (var n = 0; n < 40; n++)
        {
            await (await ObserverTick.ReadAsync(ticks, default)).Next(given.Time.GetUtcNow(), true, new()).RecordAsync(ticks, default);
            given.Time.Advance(TimeSpan.FromSeconds(15));
        }

        var young = given.NewHost();

        Assert.Equal(("timer poll", "it has stopped"), Fault(await young.LookAsync(default)));

        // What never ticked may be new to the installation: it is judged from this host's start.
        Assert.True((await young.LookAsync(default)).Parts.Single(p => p.Name == "timer hooks").Ready);
    }

    [Fact]
    public async Task A_tick_that_sends_nothing_because_the_queue_is_full_is_a_tick_all_the_same()
    {
        using var given = await GivenHealth.StartAsync();
        var ticks = given.Storage.Clients.Table(TableNames.Ticks);
        var row = Rows.New("tick", TimerTicks.Poll);
        row["time"] = given.Time.GetUtcNow() - TimeSpan.FromHours(1);
        row["ran"] = given.Time.GetUtcNow();
        await ticks.WriteAsync([Change.Insert(row)], default);

        Assert.Equal(given.Time.GetUtcNow(), (await given.Ticks.ReadAsync(default)).Last[TimerTicks.Poll]);
    }

    [Fact]
    public async Task Storage_that_is_away_is_told_within_the_time_of_a_probe()
    {
        using var given = await GivenHealth.StartAsync();
        var host = given.NewHost();
        given.Storage.IsAway = true;

        var looking = host.LookAsync(default);
        var health = await given.PassUntilAsync(looking);
        Assert.False(health.Ready);
        Assert.Equal("it does not answer", health.Parts.Single(p => p.Name == "storage").Reason);
        Assert.All(health.Parts.Where(p => p.Name.StartsWith("timer", StringComparison.Ordinal)), p => Assert.Equal("its ticks cannot be read", p.Reason));
        Assert.True(health.Parts.Single(p => p.Name == "executor").Ready);
    }

    [Fact]
    public async Task An_executor_that_refuses_or_hangs_is_told()
    {
        using var given = await GivenHealth.StartAsync();
        var host = given.NewHost();
        given.Executor.Reach = _ => Task.FromResult<string?>("the cluster refuses the credentials, or there are none");
        Assert.Equal(("executor", "the cluster refuses the credentials, or there are none"), Fault(await host.LookAsync(default)));

        given.Time.Advance(TimeSpan.FromSeconds(6));
        given.Executor.Reach = async cancellation =>
        {
            await Task.Delay(TimeSpan.FromMinutes(1), given.Time, cancellation);
            return null;
        };
        var looking = host.LookAsync(default);
        var hanging = await given.PassUntilAsync(looking);
        Assert.Equal("it does not answer", hanging.Parts.Single(p => p.Name == "executor").Reason);
    }

    [Fact]
    public async Task A_host_without_an_executor_is_ready_and_says_so()
    {
        using var given = await GivenHealth.StartAsync();
        var health = await given.NewHost(new NoExecutor()).LookAsync(default);
        Assert.True(health.Ready);
        Assert.Contains("no job runs here", health.Parts.Single(p => p.Name == "executor").Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_asks_often_and_at_once_costs_one_look_in_five_seconds()
    {
        using var given = await GivenHealth.StartAsync();
        await given.PassAsync(TimeSpan.FromSeconds(15), s_frequent);
        var host = given.NewHost();
        var before = given.Storage.Calls;

        await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => host.LookAsync(default)));
        given.Time.Advance(HealthSettings.ReadyKept - TimeSpan.FromTicks(1));
        await host.LookAsync(default);
        Assert.Equal((1, 1), (given.Storage.Calls - before, given.Executor.Asked));

        given.Time.Advance(TimeSpan.FromTicks(1));
        await host.LookAsync(default);
        Assert.Equal((2, 2), (given.Storage.Calls - before, given.Executor.Asked));
    }

    [Fact]
    public async Task Whoever_hangs_up_makes_no_second_look_follow()
    {
        using var given = await GivenHealth.StartAsync();
        var host = given.NewHost();
        var answer = new TaskCompletionSource<string?>();
        given.Executor.Reach = _ => answer.Task;

        for (var n = 0; n < 10; n++)
        {
            using var hangsUp = new CancellationTokenSource();
            var looking = host.LookAsync(hangsUp.Token);
            await hangsUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => looking);
        }

        answer.SetResult(null);
        Assert.True((await host.LookAsync(default)).Ready);
        Assert.Equal(1, given.Executor.Asked);
    }

    [Theory]
    [InlineData("no schedule")]
    [InlineData("0 0 0 30 2 *")]
    [InlineData("00:00:00")]
    public void A_schedule_that_cannot_be_read_or_has_no_occurrences_proves_nothing(string schedule) =>
        Assert.False(new TimerPlan("poll", schedule).HasStopped(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch + TimeSpan.FromDays(9000)));

    private static (string Name, string? Reason) Fault(HostHealth health)
    {
        Assert.False(health.Ready);
        var part = Assert.Single(health.Parts, p => !p.Ready);
        return (part.Name, part.Reason);
    }
}
