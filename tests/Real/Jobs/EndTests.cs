using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Jobs;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>How jobs end.</summary>
[Collection("azurite")]
public sealed class EndTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_run_that_exits_3_is_failed_with_exit_code_3_and_the_last_lines_of_its_log()
    {
        await using var here = await SubmittedAsync("echo first; echo last words >&2; exit 3");

        var finished = Assert.Single(await here.FinishAsync());

        Assert.Equal((JobOutcome.Failed, 3, "exit code 3", 1), (finished.Job.Outcome, finished.Job.ExitCode, finished.Job.Reason, finished.Job.Run));
        Assert.Equal("first\nlast words\n", finished.Log);
    }

    [Fact]
    public async Task A_run_past_its_deadline_is_failed_DeadlineExceeded()
    {
        await using var here = await SubmittedAsync("echo begun; sleep 60", ", activeDeadlineSeconds: 1");

        var finished = Assert.Single(await here.FinishAsync());

        Assert.Equal((JobOutcome.Failed, null), (finished.Job.Outcome, finished.Job.ExitCode));
        Assert.StartsWith("DeadlineExceeded", finished.Job.Reason, StringComparison.Ordinal);
        Assert.StartsWith("begun\n", finished.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Retries_2_two_failures_and_a_success_are_three_runs()
    {
        await using var here = await SubmittedAsync("echo run $ACTION_JOB_JOB_RUN; [ $ACTION_JOB_JOB_RUN = 3 ]", ", retries: 2");

        var finished = Assert.Single(await here.FinishAsync());

        Assert.Equal((JobOutcome.Succeeded, 3, 3, 0), (finished.Job.Outcome, finished.Job.Run, finished.Job.Attempt, finished.Job.ExitCode));
        Assert.Equal("run 3\n", finished.Log);
        Assert.Equal([.. Enumerable.Range(1, 3).Select(run => $"build-{finished.Job.Id}-{run}")], here.RunDirectories());
    }

    [Fact]
    public async Task Retries_that_are_used_up_fail_the_job()
    {
        await using var here = await SubmittedAsync("exit 4", ", retries: 1");

        var finished = Assert.Single(await here.FinishAsync());

        Assert.Equal((JobOutcome.Failed, 2, "exit code 4"), (finished.Job.Outcome, finished.Job.Run, finished.Job.Reason));
    }

    [Fact]
    public async Task A_job_over_its_waiting_limit_is_expired_and_stands_in_history()
    {
        await using var here = await SubmittedAsync("true", ", jobWaitingTimeoutSeconds: 600");
        here.Time.Advance(TimeSpan.FromSeconds(599));
        await here.ObserveAsync();
        Assert.Equal(JobState.Queued, (await here.JobAsync()).State);

        here.Time.Advance(TimeSpan.FromSeconds(2));
        await here.ObserveAsync();

        Assert.Empty(await here.JobsAsync());
        var finished = Assert.Single(await here.FinishedAsync());
        Assert.Equal((JobOutcome.Expired, 0, null, null), (finished.Job.Outcome, finished.Job.Attempt, finished.Job.ClaimedAt, finished.Log));
        Assert.StartsWith("waited longer than", finished.Job.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_whose_directory_is_deleted_by_hand_while_it_is_watched_is_cancelled()
    {
        await using var here = await RunningAsync();
        Remove(here, Assert.Single(here.RunDirectories()));
        here.Time.Advance(TimeSpan.FromSeconds(15));
        await here.ObserveAsync();

        var job = Assert.Single(await here.FinishedAsync()).Job;
        Assert.Equal((JobOutcome.Cancelled, "deleted in the cluster"), (job.Outcome, job.Reason));
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task A_run_that_vanished_while_nobody_looked_is_lost_and_with_onLost_retry_runs_again()
    {
        await using var here = await RunningAsync();
        here.Time.Advance(TimeSpan.FromSeconds(1));
        await here.ApplyAsync(Action("again", $"touch begun; {here.WaitsFor("go")}", ", onLost: retry, retries: 1"), Trigger("again", "app", "again"));
        await here.DeliverChecksAsync();
        await here.UntilAsync(async () => (await here.JobsAsync()).All(j => j.State == JobState.Running && HasBegun(here, j)));
        foreach (var job in await here.JobsAsync())
        {
            Remove(here, RunNames.Of(job).Name);
        }

        here.Time.Advance(TimeSpan.FromMinutes(5));
        await here.ObserveAsync();

        var lost = Assert.Single(await here.FinishedAsync()).Job;
        Assert.Equal((JobOutcome.Lost, "build"), (lost.Outcome, lost.ActionName));
        Assert.Equal(("again", 2, JobState.Queued), ((await here.JobAsync()).ActionName, (await here.JobAsync()).Run, (await here.JobAsync()).State));
        here.LetGo("go");
        Assert.Equal([(JobOutcome.Lost, 1), (JobOutcome.Succeeded, 2)], (await here.FinishAsync()).Select(f => (f.Job.Outcome!.Value, f.Job.Run)));
    }

    [Fact]
    public async Task The_directory_of_a_run_goes_after_its_ttl_but_never_before_its_end_is_on_record()
    {
        await using var here = await SubmittedAsync("echo over", ", ttlSecondsAfterFinished: 0");
        await here.DeliverJobsAsync();
        var executor = here.Process.Get<ProcessExecutor>();
        await here.WaitAsync(async () => (await executor.ListAsync(["default"], default)).Runs is [{ Phase: RunPhase.Succeeded, Alive: false }]);
        Assert.Single((await executor.ListAsync(["default"], default)).Runs);

        await here.ObserveAsync();
        Assert.Equal("over\n", Assert.Single(await here.FinishedAsync()).Log);

        // The pass that looks for runs without a row sweeps what is past keeping.
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.ObserveAsync();
        Assert.Empty(here.RunDirectories());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_job_that_is_superseded_is_cancelled_whether_it_waits_or_runs(bool runs)
    {
        await using var here = await SubmittedAsync(runs ? null : "true", ", concurrency: {cancelSuperseded: true}");
        if (runs)
        {
            await here.UntilAsync(async () => (await here.JobAsync()).State == JobState.Running);
        }

        var older = (await here.JobAsync()).Id;
        var commit = here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        var newer = (await here.JobsAsync())[^1].Id;
        Assert.Equal(2, (await here.JobsAsync()).Count);
        if (runs)
        {
            await here.UntilAsync(async () => (await here.FinishedAsync()).Count == 1, TimeSpan.FromSeconds(5));
            here.LetGo("go");
        }

        var finished = await here.FinishAsync();
        Assert.Equal([older, newer], finished.Select(f => f.Job.Id));
        Assert.Equal((JobOutcome.Cancelled, $"superseded by {newer}"), (finished[0].Job.Outcome, finished[0].Job.Reason));
        Assert.Equal((JobOutcome.Succeeded, commit), (finished[1].Job.Outcome, finished[1].Job.Commit));
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task Jobs_of_tags_and_of_other_triggers_are_not_superseded()
    {
        await using var here = await SubmittedAsync("true", ", concurrency: {cancelSuperseded: true}");
        here.Repository.Tag("v1", here.Repository.Tip("main")!);
        await here.ApplyAsync(Trigger("other", "app", "build"), Trigger("tag", "app", "build", "reference: {tag: v1}"));
        await here.DeliverChecksAsync();
        here.Repository.Tag("v1", here.Repository.Commit("a", "2"));
        await here.CheckAgainAsync();

        var cancelled = (await here.FinishAsync()).Where(f => f.Job.Outcome == JobOutcome.Cancelled).Select(f => f.Job.TriggerName);
        Assert.Equal(["app", "other"], cancelled.Order());
    }

    private Task<InstallationOnAzurite> SubmittedAsync(string? script, string more = "") => SubmittedAsync(azurite, script, more);

    internal static async Task<InstallationOnAzurite> SubmittedAsync(
        AzuriteFixture azurite, string? script, string more = "", IEnumerable<(string, string?)>? settings = null)
    {
        var here = await InstallationOnAzurite.StartAsync(azurite, settings);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", script ?? here.WaitsFor("go"), more), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
        return here;
    }

    // By a rename: the run's process still writes, and a delete of file after file would race with it.
    private static void Remove(InstallationOnAzurite here, string run) => Directory.Move(Path.Combine(here.Runs, run), here.PathOf(run));

    private static bool HasBegun(InstallationOnAzurite here, Job job) => File.Exists(Path.Combine(here.Runs, RunNames.Of(job).Name, "work", "begun"));

    private async Task<InstallationOnAzurite> RunningAsync()
    {
        var here = await SubmittedAsync("touch begun; sleep 60");
        await here.UntilAsync(async () => (await here.JobAsync()).State == JobState.Running && HasBegun(here, await here.JobAsync()));
        return here;
    }
}
