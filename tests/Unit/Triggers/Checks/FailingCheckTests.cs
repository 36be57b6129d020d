using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Jobs;
using Pushcart.Tests.Unit.Storage;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers.Checks;

/// <summary>What a check that fails writes: the error, the next attempt, and that it is owed.</summary>
public sealed class FailingCheckTests : IDisposable
{
    private readonly ManualTime _time = new(Start.AddMinutes(1));
    private readonly FakeStorage _storage = new(_ => FakeStorage.Written("W/\"2\"", "W/\"3\""));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(5, 16)]
    [InlineData(6, 30)]
    [InlineData(7, 30)]
    [InlineData(1000, 30)]
    public async Task The_back_off_doubles_to_at_most_30_minutes_and_is_at_most_a_fifth_shorter(int failures, int minutes)
    {
        // Whatever the name, which the jitter is drawn from.
        foreach (var name in Enumerable.Range(0, 50).Select(n => $"app{n}"))
        {
            var item = Item(Trigger()) with { SourceName = App.Name with { Name = name } };

            await WriteAsync(new(item, item.NewState() with { Failures = failures - 1 }, null, []), new Decision.Fail("away", BackOff: true));

            var wait = Written("nextAttempt") - _time.GetUtcNow();
            Assert.InRange(wait, TimeSpan.FromMinutes(minutes * 0.8), TimeSpan.FromMinutes(minutes));
            Assert.Equal(Written("nextAttempt"), Written("sendAt"));
        }
    }

    [Fact]
    public async Task A_failure_is_owed_with_its_instant_in_one_transaction()
    {
        var item = Item(Trigger(), Start);

        Assert.True(await WriteAsync(new(item, item.NewState(), null, []), new Decision.Fail("away", BackOff: true)));

        var body = Assert.Single(_storage.Requests).Body;
        Assert.Contains("\"owed\":true", body, StringComparison.Ordinal);
        Assert.Contains("\"failures\":1", body, StringComparison.Ordinal);
        Assert.Contains("\"error\":\"away\"", body, StringComparison.Ordinal);
        Assert.Contains($"\"RowKey\":\"{item.NewState().TaskKey}\"", body, StringComparison.Ordinal);
        Assert.Equal(Start, Written("due"));
    }

    [Fact]
    public async Task A_wrong_configuration_is_owed_without_back_off_of_the_remote()
    {
        var item = Item(Trigger());

        await WriteAsync(new(item, item.NewState() with { Failures = 2 }, null, []), new Decision.Fail("WrongConfig: ...", BackOff: false));

        var body = Assert.Single(_storage.Requests).Body;
        Assert.Contains("\"failures\":2", body, StringComparison.Ordinal);
        Assert.DoesNotContain("nextAttempt", body, StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow().AddMinutes(1), Written("sendAt"));
    }

    [Fact]
    public async Task After_three_days_it_is_given_up()
    {
        var item = Item(Trigger());
        var state = item.NewState() with { Owed = true, Error = "away", ETag = new("W/\"1\"") };
        var task = new OwedTask { Key = state.TaskKey, TriggerUid = "uid", Source = "app", Action = "a", CreatedAt = _time.GetUtcNow().AddDays(-3), ETag = new("W/\"1\"") };

        await WriteAsync(new(item, state, task, []), new Decision.Fail("still away", BackOff: true));
        Assert.Contains("\"owed\":true", _storage.Requests[^1].Body, StringComparison.Ordinal);

        _time.Advance(TimeSpan.FromTicks(1));
        await WriteAsync(new(item, state, task, []), new Decision.Fail("still away", BackOff: true));
        Assert.Contains("\"owed\":false", _storage.Requests[^1].Body, StringComparison.Ordinal);
        Assert.Contains("given up after 3 days: still away", _storage.Requests[^1].Body, StringComparison.Ordinal);
        Assert.Contains("DELETE ", _storage.Requests[^1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_without_its_task_was_read_in_between_and_is_read_again()
    {
        var item = Item(Trigger());
        var read = new ReadItem(item, item.NewState() with { Owed = true }, null, []);

        Assert.False(await WriteAsync(read, new Decision.Settle()));
        Assert.True(await WriteAsync(read, new Decision.Nothing()));
        Assert.Empty(_storage.Requests);
    }

    public void Dispose() => _storage.Dispose();

    private async Task<bool> WriteAsync(ReadItem read, Decision decision)
    {
        _storage.Requests.Clear();
        var jobs = new JobStore(_storage.Table, new(new JobSettings()), NullLogger<JobStore>.Instance);
        var answering = new Answering(
            new(_storage.Table),
            jobs,
            new(new(), new SeededChance(1)),
            null!,
            new GitClient(_time),
            new(_storage.Clients.Queue("checks")),
            new(_storage.Clients.Queue("jobs"), new(_time)),
            new(),
            new(),
            _time,
            NullLogger<Answering>.Instance);
        return (await answering.WriteAsync(read, decision, null, Catalog(Trigger()), _time.GetUtcNow(), default)).Applied;
    }

    private DateTimeOffset Written(string name)
    {
        var body = _storage.Requests[^1].Body;
        var from = body.IndexOf($"\"{name}\":\"", StringComparison.Ordinal) + name.Length + 4;
        return DateTimeOffset.Parse(body[from..body.IndexOf('"', from)], System.Globalization.CultureInfo.InvariantCulture);
    }
}
