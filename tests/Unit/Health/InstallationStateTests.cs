using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tests.Support;
using Pushcart.Tests.Unit.Jobs;

namespace Pushcart.Tests.Unit.Health;

public sealed class InstallationStateTests
{
    [Fact]
    public async Task What_storage_knows_is_shown_and_read_once_in_15_seconds()
    {
        using var given = await GivenHealth.StartAsync();
        var live = given.Storage.Clients.Table(TableNames.Live);
        foreach (var (state, n) in new[] { (JobState.Queued, 1), (JobState.Queued, 2), (JobState.Running, 3) })
        {
            await live.WriteAsync([Change.Insert(JobRow.New(GivenJob.Queued() with { Id = $"aaaaaaaaaaaaaaaaaaa{n}", State = state }))], default);
        }

        foreach (var (n, failures) in new[] { 0, 2, 3, 9 }.Index())
        {
            var row = Rows.New(JobRow.Partition, $"source|{n}");
            row["failures"] = failures;
            await live.WriteAsync([Change.Insert(row)], default);
        }

        await given.Storage.Clients.Queue(QueueNames.Checks).SendAsync("{}", TimeSpan.Zero, default);
        await given.Storage.Clients.Queue(QueueNames.Jobs + QueueNames.Poison).SendAsync("{}", TimeSpan.FromHours(1), default);
        await given.Ticks.NoteAsync(TimerTicks.Poll, default);
        given.Time.Advance(TimeSpan.FromSeconds(42));
        // Tests run at once, and each installation has a meter of its own.
        using var text = new PrometheusText(given.State.Has);
        text.Listen();
        Assert.Equal("", text.Write());

        var before = given.Storage.Calls;
        await given.State.ReadAsync(default);
        Assert.Equal(13, given.Storage.Calls - before);
        await Task.WhenAll(given.State.ReadAsync(default), given.State.ReadAsync(default));
        Assert.Equal(13, given.Storage.Calls - before);
        var read = PrometheusParser.Read(text.Write());

        Assert.Equal(["queued 2", "claimed 0", "running 1", "ended 0"], read["pushcart_jobs"].Samples.OrderBy(s => Array.IndexOf(["queued", "claimed", "running", "ended"], s.Labels["state"])).Select(s => $"{s.Labels["state"]} {s.Value}"));
        Assert.Equal(2, read["pushcart_sources_failing"].Samples.Single().Value);
        Assert.Equal([("checks", 1), ("checks-poison", 0), ("jobs", 0), ("jobs-poison", 1)], read["pushcart_queue_messages"].Samples.Select(s => (s.Labels["queue"], (int)s.Value)));
        Assert.Equal([("checks", 42), ("checks-poison", 0), ("jobs", 0), ("jobs-poison", 0)], read["pushcart_queue_oldest_age_seconds"].Samples.Select(s => (s.Labels["queue"], (int)s.Value)));
        Assert.Equal(("poll", 42), read["pushcart_timer_tick_age_seconds"].Samples.Select(s => (s.Labels["timer"], (int)s.Value)).Single());
        Assert.Equal((0, 0), ((int)read["pushcart_dead_letters"].Samples.Single().Value, (int)read["pushcart_tokens_expiring"].Samples.Single().Value));

        // Away: the age tells, and it is not asked for again at once.
        given.Storage.IsAway = true;
        given.Time.Advance(TimeSpan.FromSeconds(15));
        var reading = given.State.ReadAsync(default);
        await given.PassUntilAsync(reading.ContinueWith(_ => true, TaskScheduler.Default));
        var later = PrometheusParser.Read(text.Write());
        Assert.InRange(later["pushcart_state_age_seconds"].Samples.Single().Value, 15, 10_000);
        Assert.Equal(2, later["pushcart_sources_failing"].Samples.Single().Value);
    }
}
