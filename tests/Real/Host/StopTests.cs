using Pushcart.Jobs;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>A host that is asked to end, and the lines that it prints in its life.</summary>
[Collection("hosts")]
public sealed class StopTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan Quickly = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task It_ends_at_once_while_a_run_is_at_work_and_the_next_start_adopts_the_run()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var go = Path.Combine(app.Place.Folder, "go");
        var script = $"{app.Noting}; until [ -e {go} ]; do sleep 0.05; done; echo done";
        var first = await app.StartAsync(script);
        await first.UntilAsync(() => app.Worked.Count == 1, "the work");

        var asked = TimeProvider.System.GetTimestamp();
        first.Terminate();
        Assert.Equal(0, await first.ExitAsync());
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < Quickly, "it waited for the run");
        StartTests.NoTraces(first);
        Assert.NotEmpty(HostProcesses.Of(app.Place.Runs));

        var second = await app.StartAsync(script);
        await File.WriteAllTextAsync(go, "");
        var finished = Assert.Single(await app.Place.FinishedAsync(second, 1));
        Assert.Equal((JobOutcome.Succeeded, 1, 1), (finished.Job.Outcome, finished.Job.Attempt, finished.Job.Run));
        Assert.Equal("done\n", finished.Log);
        Assert.Equal([app.First], app.Worked);
    }

    [Fact]
    public async Task A_job_is_told_in_one_line_each_when_it_is_submitted_starts_ends_and_is_finished()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync();
        var job = Assert.Single(await app.Place.FinishedAsync(host, 1)).Job;
        await Eventually.TrueAsync(() => host.Text.Contains($"job {job.Id} finished", StringComparison.Ordinal), "the record of the finished job");
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());

        Assert.Contains($"ScheduleTrigger default/app watches branch main of app; action app", host.Text, StringComparison.Ordinal);
        Assert.Collection(
            host.Lines.Where(line => line.Contains(job.Id, StringComparison.Ordinal)),
            line => Assert.EndsWith($"job {job.Id} submitted: GitRepo default/app branch main is at {app.First[..12]}, ScheduleTrigger default/app runs Action default/app", line, StringComparison.Ordinal),
            line => Assert.EndsWith($"job {job.Id} started: app-{job.Id}-1 on process", line, StringComparison.Ordinal),
            line => Assert.EndsWith($"job {job.Id} ended: succeeded", line, StringComparison.Ordinal),
            line => Assert.Matches($@"job {job.Id} finished: succeeded after \d+\.\d s$", line));
        Assert.Empty(host.Errors);
    }

    [Fact]
    public async Task Work_that_fails_stands_in_history_with_its_code_and_its_last_lines()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("echo bad luck; exit 3");

        var finished = Assert.Single(await app.Place.FinishedAsync(host, 1));

        Assert.Equal((JobOutcome.Failed, 3, "exit code 3"), (finished.Job.Outcome, finished.Job.ExitCode, finished.Job.Reason));
        Assert.Equal("bad luck\n", finished.Log);
        await Eventually.TrueAsync(() => host.Text.Contains($"job {finished.Job.Id} ended: failed (exit code 3)", StringComparison.Ordinal), "the line");
    }
}
