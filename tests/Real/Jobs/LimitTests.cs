using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>Slots of the worker and of groups.</summary>
[Collection("azurite")]
public sealed class LimitTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Jobs_over_the_limit_wait_and_start_when_a_slot_is_freed()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Defaults("maxRunningJobs: 1"));
        await SubmitAsync(here, "", "one", "two", "three");

        await here.DeliverJobsAsync();
        Assert.Equal([JobState.Claimed, JobState.Queued, JobState.Queued], (await here.JobsAsync()).Select(j => j.State).OrderDescending());
        Assert.Single(await here.SlotsAsync());
        Assert.Equal(0, await here.LengthAsync(QueueNames.Jobs));

        // The pass that frees the slot sends the next, before its own time.
        here.LetGo("go");
        await here.UntilAsync(async () => (await here.FinishedAsync()).Count == 1);
        Assert.True(await here.LengthAsync(QueueNames.Jobs) == 1 || (await here.JobsAsync()).Exists(j => j.IsActive));
        var finished = await here.FinishAsync();
        Assert.Equal(3, finished.Count);
        AssertOneAtATime(finished);
    }

    [Fact]
    public async Task A_lowered_limit_lets_what_runs_finish_and_starts_the_next_in_its_own_slots_only()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Defaults("maxRunningJobs: 3"));
        await SubmitAsync(here, "", "one", "two", "three");
        await here.UntilAsync(async () => (await here.JobsAsync()).All(j => j.State == JobState.Running));
        Assert.Equal(3, (await here.SlotsAsync()).Count);

        // Applied by another process: this one goes by it without a restart, once it has asked again.
        await here.ApplyAsync(Action("four"), Trigger("four", "app", "four"));
        var other = here.NewProcess();
        Assert.Empty((await other.Get<Pushcart.Triggers.Steering.Applying>().ApplyAsync(here.Read(Defaults("maxRunningJobs: 1")), prune: false, default)).Errors);
        here.Time.Advance(TimeSpan.FromSeconds(5));
        await here.DeliverChecksAsync();
        await here.DeliverJobsAsync();
        await here.ObserveAsync();
        Assert.Equal(JobState.Queued, Assert.Single(await here.JobsAsync(), j => j.ActionName == "four").State);

        here.LetGo("go");
        await here.UntilAsync(async () => (await here.JobsAsync()).Count == 0, TimeSpan.FromSeconds(5));
        Assert.All(await here.FinishedAsync(), f => Assert.Equal(JobOutcome.Succeeded, f.Job.Outcome));
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task A_group_with_limit_1_runs_one_at_a_time_strictly_oldest_first()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await SubmitAsync(here, ", concurrency: {group: deploy, limit: 1}", "one", "two", "three");
        here.LetGo("go");

        // Newest first: those behind an older one are not claimed.
        foreach (var message in (await here.TakeAsync(QueueNames.Jobs)).Reverse())
        {
            await here.Process.Get<Claiming>().HandleAsync(message, default);
            Assert.True((await here.JobsAsync()).Count(j => j.IsActive) <= 1);
        }

        Assert.Equal([JobState.Claimed, JobState.Queued, JobState.Queued], (await here.JobsAsync()).Select(j => j.State));
        Assert.Equal(2, (await here.SlotsAsync()).Count);
        var finished = await here.FinishAsync();
        Assert.Equal(3, finished.Count);
        AssertOneAtATime(finished);
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task An_older_job_in_back_off_is_waited_for_and_a_waiting_one_holds_up_nothing_outside_its_group()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, [("Jobs:BackOff", "5m")]);
        here.Repository.Commit("a", "1");
        const string Group = ", retries: 1, concurrency: {group: deploy, limit: 1}";
        await here.ApplyAsync(
            Source("app", here.Uri), Action("first", "[ $ACTION_JOB_JOB_RUN = 2 ]", Group), Action("second", "true", Group), Action("free"),
            Trigger("first", "app", "first"));
        await here.DeliverChecksAsync();
        await here.UntilAsync(async () => (await here.JobAsync()).Run == 2);
        here.Time.Advance(TimeSpan.FromSeconds(1));
        await here.ApplyAsync(Trigger("second", "app", "second"), Trigger("free", "app", "free"));
        await here.DeliverChecksAsync();

        await here.UntilAsync(async () => (await here.FinishedAsync()).Count == 1);
        Assert.Equal("free", Assert.Single(await here.FinishedAsync()).Job.ActionName);
        Assert.All(await here.JobsAsync(), j => Assert.Equal(JobState.Queued, j.State));

        var finished = (await here.FinishAsync(TimeSpan.FromSeconds(15))).Where(f => f.Job.Group is not null).ToList();
        Assert.Equal(["first", "second"], finished.Select(f => f.Job.ActionName));
        AssertOneAtATime(finished);
    }

    [Fact]
    public async Task A_group_with_limit_2_runs_two_at_once_and_not_three()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await SubmitAsync(here, ", concurrency: {group: deploy, limit: 2}", "one", "two", "three");

        for (var round = 0; round < 3; round++)
        {
            await here.DeliverJobsAsync();
        }

        Assert.Equal([true, true, false], (await here.JobsAsync()).Select(j => j.IsActive));
        here.LetGo("go");
        Assert.All(await here.FinishAsync(), f => Assert.Equal(JobOutcome.Succeeded, f.Job.Outcome));
    }

    private static async Task SubmitAsync(InstallationOnAzurite here, string more, params string[] names)
    {
        here.Repository.Commit("a", "1");
        await here.ApplyAsync([Source("app", here.Uri), .. names.Select(n => Action(n, here.WaitsFor("go"), more))]);
        foreach (var name in names)
        {
            // One after the other, so that the jobs have an order.
            await here.ApplyAsync(Trigger(name, "app", name));
            await here.DeliverChecksAsync();
            here.Time.Advance(TimeSpan.FromMilliseconds(5));
        }

        Assert.Equal(names, (await here.JobsAsync()).Select(j => j.ActionName));
    }

    private static void AssertOneAtATime(IReadOnlyList<FinishedJob> oldestFirst)
    {
        foreach (var (before, after) in oldestFirst.Zip(oldestFirst.Skip(1)))
        {
            Assert.True(after.Job.ClaimedAt >= before.Job.EndedAt, $"{after.Job.ActionName} was claimed at {after.Job.ClaimedAt:O}, {before.Job.ActionName} ended at {before.Job.EndedAt:O}");
        }
    }
}
