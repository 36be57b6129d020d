using Azure.Data.Tables;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>Timers on a clock that the test moves; their rows are in a real table.</summary>
[Collection("azurite")]
public sealed class TimerTests(AzuriteFixture azurite)
{
    private readonly string _prefix = TestHost.NewName();
    private readonly ManualTime _time = new();

    [Fact]
    public async Task It_runs_at_its_times_and_the_row_tells_the_last_and_the_next()
    {
        var record = new Record();
        await using var host = await StartAsync<Noting>(record);
        await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        await RunUntilAsync(() => record.Lines.Count == 1, TimeSpan.FromMinutes(1.5));
        await RowAsync(row => row.GetDateTimeOffset("last") == At(1) && row.GetDateTimeOffset("next") == At(2), "the first run");
        await RunUntilAsync(() => record.Lines.Count == 2, TimeSpan.FromMinutes(1));
        Assert.Equal(["00:01 False next 00:01", "00:02 False next 00:02"], record.Lines);
    }

    [Fact]
    public async Task One_missed_while_nothing_ran_is_made_up_for_once_and_says_so()
    {
        var record = new Record();
        await using (await StartAsync<Noting>(record))
        {
            await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        }

        _time.Advance(TimeSpan.FromMinutes(10.5));
        await using var host = await StartAsync<Noting>(record);
        await Eventually.TrueAsync(() => record.Lines.Count == 1, "the missed run");
        await RowAsync(row => row.GetDateTimeOffset("next") == At(11), "the next occurrence");
        Assert.Equal("00:10 True next 00:01", record.Lines.Single());
    }

    [Fact]
    public async Task It_never_overlaps_itself_and_runs_once_at_once_for_all_that_went_by_while_it_ran()
    {
        var record = new Record();
        await using var host = await StartAsync<Waiting>(record);
        await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        await RunUntilAsync(() => record.Running.Now == 1, TimeSpan.FromMinutes(2));
        await RunUntilAsync(() => false, TimeSpan.FromMinutes(3));
        Assert.Equal((1, 1), record.Running);
        record.Gate.SetResult();
        await Eventually.TrueAsync(() => record.Lines.Count == 2, "the run that makes up for those at minutes 2, 3 and 4");
        var after = _time.GetUtcNow();
        await RowAsync(row => row.GetDateTimeOffset("next") is { } next && next > after && next <= after.AddMinutes(1), "the occurrence after it");
        Assert.Equal((0, 1), record.Running);
        Assert.Equal(["False", "False"], record.Lines);
    }

    [Fact]
    public async Task One_that_is_not_monitored_records_nothing_and_makes_up_for_nothing()
    {
        var record = new Record();
        await using (await StartAsync<Unmonitored>(record))
        {
            await RowAsync(row => row.GetString("owner")!.Length > 0, "an owner");
        }

        _time.Advance(TimeSpan.FromMinutes(10.5));
        await using var host = await StartAsync<Unmonitored>(record);
        await RowAsync(row => row.GetString("owner")!.Length > 0, "an owner again");
        await RunUntilAsync(() => !record.Lines.IsEmpty, TimeSpan.FromMinutes(1.5));
        Assert.Equal(["False True"], record.Lines);
        Assert.Equal((null, null), ((await RowAsync(_ => true, "a row")).GetDateTimeOffset("last"), (await RowAsync(_ => true, "a row")).GetDateTimeOffset("next")));
    }

    [Fact]
    public async Task One_whose_schedule_has_changed_has_missed_nothing_of_the_new_one()
    {
        var record = new Record();
        await using (await StartAsync<Noting>(record))
        {
            await RunUntilAsync(() => record.Lines.Count == 1, TimeSpan.FromMinutes(1.5));
            await RowAsync(row => row.GetDateTimeOffset("last") == At(1), "the first run");
        }

        _time.Advance(TimeSpan.FromMinutes(30.5));
        await using var host = await StartAsync<Hourly>(record);
        var row = await RowAsync(one => one.GetDateTimeOffset("next") == At(60), "the first occurrence of the new schedule");
        Assert.Null(row.GetDateTimeOffset("last"));
        Assert.Single(record.Lines);
    }

    [Fact]
    public async Task One_that_runs_on_startup_runs_then_and_by_its_schedule_afterwards()
    {
        var record = new Record();
        await using var host = await StartAsync<OnStartup>(record);
        await Eventually.TrueAsync(() => record.Lines.Count == 1, "the run at the start");
        await RowAsync(row => row.GetDateTimeOffset("next") == At(60), "the next occurrence");
        Assert.Equal(["00:00 False"], record.Lines);
    }

    [Fact]
    public async Task A_run_that_is_under_way_when_the_host_stops_ends_before_the_timer_is_handed_over()
    {
        var record = new Record();
        var host = await StartAsync<Waiting>(record);
        await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        await RunUntilAsync(() => record.Running.Now == 1, TimeSpan.FromMinutes(2));
        var stopping = host.StopAsync();
        await Eventually.TrueAsync(() => host.Stopping, "the host stops");
        Assert.NotEmpty((await RowAsync(_ => true, "a row")).GetString("owner")!);
        Assert.False(stopping.IsCompleted);
        record.Gate.SetResult();
        await stopping;
        var row = await RowAsync(_ => true, "a row");
        Assert.Equal((string.Empty, At(1)), (row.GetString("owner"), row.GetDateTimeOffset("last")));
        await host.DisposeAsync();
    }

    [Fact]
    public async Task It_goes_on_after_an_exception()
    {
        var record = new Record();
        await using var host = await StartAsync<Failing>(record);
        await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        await RunUntilAsync(() => record.Lines.Count == 2, TimeSpan.FromMinutes(5));
        Assert.Contains(record.Log, line => line.StartsWith("Function Timer failed: InvalidOperationException", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_two_instances_one_runs_it_and_the_other_takes_over_within_a_minute_after_it_has_died()
    {
        var first = new Record();
        var second = new Record();
        var dead = new DeadTime(_time);
        await using var one = await StartAsync<Noting>(first, dead);
        await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence");
        var owner = (await RowAsync(row => row.GetString("owner")!.Length > 0, "an owner")).GetString("owner");
        await using var two = await StartAsync<Noting>(second);
        await RunUntilAsync(() => first.Lines.Count == 2, TimeSpan.FromMinutes(3));
        Assert.Empty(second.Lines);

        // It dies as a killed process does: nothing of it happens any more.
        dead.Dead = true;
        var died = _time.GetUtcNow();
        await RunUntilAsync(() => RowAsync(_ => true, "a row").Result.GetString("owner") != owner, TimeSpan.FromMinutes(1));
        Assert.NotEqual(owner, (await RowAsync(_ => true, "a row")).GetString("owner"));
        Assert.InRange(_time.GetUtcNow() - died, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
        await RunUntilAsync(() => !second.Lines.IsEmpty, TimeSpan.FromMinutes(2));
        Assert.NotEmpty(second.Lines);
        dead.Dead = false;
    }

    [Fact]
    public async Task An_instance_that_ends_hands_over_at_once()
    {
        var second = new Record();
        var one = await StartAsync<Noting>(new Record());
        var owner = (await RowAsync(row => row.GetDateTimeOffset("next") == At(1), "the first occurrence")).GetString("owner");
        await using var two = await StartAsync<Noting>(second);
        await one.DisposeAsync();

        // Given up, or already taken by the other, which may look in this very moment.
        Assert.NotEqual(owner, (await RowAsync(_ => true, "a row")).GetString("owner"));
        await RunUntilAsync(() => RowAsync(_ => true, "a row").Result.GetString("owner") is { Length: > 0 } now && now != owner, TimeSpan.FromSeconds(16));
    }

    [Fact]
    public async Task One_that_occurs_more_than_once_a_minute_is_not_recorded()
    {
        var record = new Record();
        await using var host = await StartAsync<Frequent>(record);
        await RowAsync(row => row.GetString("owner")!.Length > 0, "an owner");
        await RunUntilAsync(() => record.Lines.Count >= 3, TimeSpan.FromMinutes(2));
        Assert.All(record.Lines, line => Assert.Equal("False True", line));
        Assert.Null((await RowAsync(_ => true, "a row")).GetDateTimeOffset("last"));
    }

    private static DateTimeOffset At(int minute) => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddMinutes(minute);

    private Task<TestHost> StartAsync<T>(Record record, TimeProvider? time = null) =>
        TestHost.StartAsync(azurite.ConnectionString, typeof(T), record, [("Storage:Prefix", _prefix)], time ?? _time);

    private async Task<TableEntity> RowAsync(Func<TableEntity, bool> condition, string what)
    {
        var table = new TableClient(azurite.ConnectionString, _prefix + "ticks");
        TableEntity? row = null;
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    row = (await table.GetEntityAsync<TableEntity>("timer", "Timer")).Value;
                    return condition(row);
                }
                catch (Azure.RequestFailedException e) when (e.Status == 404)
                {
                    return false;
                }
            },
            what);
        return row!;
    }

    /// <summary>Moves the clock on in steps, with real time in between for the answers of storage, until the condition holds or the time is over.</summary>
    private async Task RunUntilAsync(Func<bool> condition, TimeSpan atMost)
    {
        for (var passed = TimeSpan.Zero; passed < atMost && !condition(); passed += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System);
        }
    }

    public sealed class Noting(Record record, TimeProvider time)
    {
        [Function("Timer")]
        public void Note([TimerTrigger("0 * * * * *")] TimerInfo timer) =>
            record.Lines.Enqueue($"{time.GetUtcNow():HH:mm} {timer.IsPastDue} next {timer.ScheduleStatus!.Next:HH:mm}");
    }

    public sealed class Waiting(Record record)
    {
        [Function("Timer")]
        public async Task WaitAsync([TimerTrigger("00:01:00")] TimerInfo timer)
        {
            record.Enter();
            await record.Gate.Task;
            record.Leave();
            record.Lines.Enqueue($"{timer.IsPastDue}");
        }
    }

    public sealed class Unmonitored(Record record)
    {
        [Function("Timer")]
        public void Note([TimerTrigger("0 * * * * *", UseMonitor = false)] TimerInfo timer) => record.Lines.Enqueue($"{timer.IsPastDue} {timer.ScheduleStatus is null}");
    }

    public sealed class Hourly(Record record)
    {
        [Function("Timer")]
        public void Note([TimerTrigger("0 0 * * * *")] TimerInfo timer) => record.Lines.Enqueue($"hourly {timer.IsPastDue}");
    }

    public sealed class OnStartup(Record record, TimeProvider time)
    {
        [Function("Timer")]
        public void Note([TimerTrigger("0 0 * * * *", RunOnStartup = true)] TimerInfo timer) => record.Lines.Enqueue($"{time.GetUtcNow():HH:mm} {timer.IsPastDue}");
    }

    public sealed class Failing(Record record)
    {
        [Function("Timer")]
        public void Fail([TimerTrigger("0 * * * * *")] TimerInfo timer)
        {
            record.Lines.Enqueue($"{timer.IsPastDue}");
            throw new InvalidOperationException("no");
        }
    }

    public sealed class Frequent(Record record)
    {
        [Function("Timer")]
        public void Note([TimerTrigger("*/15 * * * * *")] TimerInfo timer) => record.Lines.Enqueue($"{timer.IsPastDue} {timer.ScheduleStatus is null}");
    }

    /// <summary>A clock whose timers do not fire any more once it is dead.</summary>
    private sealed class DeadTime(TimeProvider inner) : TimeProvider
    {
        public bool Dead { get; set; }

        public override long TimestampFrequency => inner.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => inner.GetUtcNow();

        public override long GetTimestamp() => inner.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            inner.CreateTimer(
                argument =>
                {
                    if (!Dead)
                    {
                        callback(argument);
                    }
                },
                state,
                dueTime,
                period);
    }
}
