using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>When checks are due, over restarts and missed ticks.</summary>
[Collection("azurite")]
public sealed class ScheduleTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task A_new_trigger_is_due_within_one_tick_even_where_the_hint_of_its_apply_is_lost()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.PollAsync();
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", schedule: "interval: 1day"));
        Assert.Single(await here.TakeAsync(QueueNames.Checks));

        await here.CheckAgainAsync(s_minute);
        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task A_restart_a_minute_after_the_last_run_of_an_hourly_trigger_waits_for_its_own_time()
    {
        await using var here = await FailureTests.FiredAsync(azurite, "onChangeOnly: false", "interval: 1h");
        await here.CheckAgainAsync(TimeSpan.FromHours(1));
        Assert.Equal(2, (await here.JobsAsync()).Count);
        var due = (await here.SourceAsync()).Due!.Value;

        var restarted = here.NewProcess();
        for (var next = due + s_minute; next < due + TimeSpan.FromHours(1); next += TimeSpan.FromMinutes(7))
        {
            if (next > here.Time.GetUtcNow())
            {
                here.Time.Advance(next - here.Time.GetUtcNow());
                await here.PollAsync(restarted);
            }
        }

        Assert.Equal(0, await here.LengthAsync(QueueNames.Checks));
        here.Time.Advance(due + TimeSpan.FromHours(1) - here.Time.GetUtcNow());
        await here.PollAsync(restarted);
        await here.DeliverChecksAsync(restarted);
        Assert.Equal(3, (await here.JobsAsync()).Count);
        Assert.Equal(due + TimeSpan.FromHours(1), (await here.SourceAsync()).Due);
    }

    [Fact]
    public async Task Ticks_missed_while_nothing_ran_fire_once_on_return()
    {
        await using var here = await FailureTests.FiredAsync(azurite, "onChangeOnly: false");
        here.Time.Advance(TimeSpan.FromHours(5));
        await here.PollAsync();
        await here.DeliverChecksAsync();
        await here.PollAsync();
        await here.DeliverChecksAsync();
        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_tick_that_could_not_send_is_covered_by_the_next()
    {
        await using var here = await FailureTests.FiredAsync(azurite, "onChangeOnly: false");
        here.Time.Advance(TimeSpan.FromMinutes(10));
        here.Process.Storage.DieAt("send", QueueNames.Checks);
        await Assert.ThrowsAsync<ProcessDiedException>(() => here.PollAsync());

        await here.CheckAgainAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_recorded_tick_in_the_future_does_not_stop_the_poll()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        here.Repository.Commit("a", "2");
        var ticks = here.Table(TableNames.Ticks);
        var row = (await ticks.FindAsync("tick", "poll", default))!;
        row["time"] = here.Time.GetUtcNow().AddYears(1);
        await ticks.WriteAsync([Change.Replace(row, row.ETag)], default);

        for (var tick = 0; tick < 10; tick++)
        {
            await here.CheckAgainAsync(s_minute);
        }

        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_trigger_deleted_and_made_again_with_the_same_name_starts_anew()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        await here.ApplyAsync(prune: true, Source("app", here.Uri), Action("build"));
        here.Time.Advance(TimeSpan.FromSeconds(1));
        await here.ApplyAsync(Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();

        var jobs = await here.JobsAsync();
        Assert.Equal(2, jobs.Count);
        Assert.Equal(jobs[0].Commit, jobs[1].Commit);
        await here.Process.Get<SourceCleaning>().CleanAsync(default);
        Assert.Equal(jobs[1].TriggerUid, (await here.SourceAsync()).TriggerUid);
    }

    [Fact]
    public async Task A_source_removed_from_a_trigger_goes_at_the_clean_up_and_goes_on_when_added_again_before()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        using var other = here.NewRepository("other.git");
        here.Repository.Commit("a", "1");
        other.Commit("b", "1");
        await here.ApplyAsync(
            Source("app", here.Uri), Source("other", here.Git.UriOf("other.git")), Action("build"), Trigger("app", "app, other", "build"));
        await here.DeliverChecksAsync();
        Assert.Equal(2, (await here.JobsAsync()).Count);

        // Added again before the clean-up: nothing is new.
        await here.ApplyAsync(Trigger("app", "app", "build"));
        await here.CheckAgainAsync();
        await here.ApplyAsync(Trigger("app", "app, other", "build"));
        await here.CheckAgainAsync();
        Assert.Equal(2, (await here.JobsAsync()).Count);

        // After it: it starts anew.
        await here.ApplyAsync(Trigger("app", "app", "build"));
        await here.Process.Get<SourceCleaning>().CleanAsync(default);
        Assert.Equal("GitRepo default/app", (await here.SourceAsync()).Source);
        await here.ApplyAsync(Trigger("app", "app, other", "build"));
        await here.CheckAgainAsync();
        Assert.Equal(3, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task A_suspended_trigger_fires_nothing_and_is_checked_at_once_when_it_is_resumed()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        await here.ApplyAsync(Trigger("app", "app", "build", more: ", suspend: true"));
        here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        Assert.Single(await here.JobsAsync());

        await here.ApplyAsync(Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task One_trigger_that_cannot_be_read_does_not_stop_the_others()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        await here.ApplyAsync(Trigger("broken", "app", "build"), Trigger("crippled", "app", "build"));
        await here.DeliverChecksAsync();
        var resources = here.Table(TableNames.Resources);
        var broken = (await resources.FindAsync("resources", "ScheduleTrigger|default|broken", default))!;
        broken["spec"] = "{\"sources\":{\"names\":[\"app\"";
        var crippled = (await resources.FindAsync("resources", "ScheduleTrigger|default|crippled", default))!;
        crippled.Remove("uid");
        var generation = (await resources.FindAsync("resources", "generation", default))!;
        generation["generation"] = generation.GetInt64("generation")!.Value + 1;
        Assert.True((await resources.WriteAsync(
            [Change.Replace(broken, broken.ETag), Change.Replace(crippled, crippled.ETag), Change.Replace(generation, generation.ETag)], default)).Applied);
        var commit = here.Repository.Commit("a", "2");

        await here.CheckAgainAsync();

        var job = Assert.Single(await here.JobsAsync(), j => j.Commit == commit);
        Assert.Equal("app", job.TriggerName);
        Assert.Contains(here.Process.Log.Lines, l => l.Text.Contains("ScheduleTrigger default/broken cannot be used", StringComparison.Ordinal));
        await here.Process.Get<SourceCleaning>().CleanAsync(default);
        Assert.Contains(await here.SourcesAsync(), s => s.Trigger == "ScheduleTrigger default/broken");
    }

    [Fact]
    public async Task A_source_row_of_a_later_version_is_left_alone_and_does_not_stop_the_others()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        await here.ApplyAsync(Trigger("second", "app", "build"));
        await here.DeliverChecksAsync();
        var first = Assert.Single(await here.SourcesAsync(), s => s.Trigger == "ScheduleTrigger default/app");
        var row = (await here.Live.FindAsync(JobRow.Partition, first.Key, default))!;
        row["v"] = Rows.Version + 1;
        await here.Live.WriteAsync([Change.Replace(row, row.ETag)], default);
        var commit = here.Repository.Commit("a", "2");

        await here.CheckAgainAsync();

        Assert.Equal("second", Assert.Single(await here.JobsAsync(), j => j.Commit == commit).TriggerName);
        Assert.Equal(1, await here.LengthAsync(QueueNames.Checks));
        Assert.Equal(first.Commit, (await here.Live.FindAsync(JobRow.Partition, first.Key, default))!.GetString("commit"));
    }
}
