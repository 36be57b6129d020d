using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Processes that end, and those that come after them.</summary>
public sealed class RestartTests
{
    [Fact]
    public void A_process_after_a_killed_one_adopts_its_runs_by_name()
    {
        using var given = new GivenWorker();
        var jobs = Enumerable.Range(0, 5).Select(_ => given.Server.Submit()).ToList();
        given.Start().Advance(5);
        Assert.Equal(5, given.Executor.Created.Count);
        given.Kill();
        given.Executor.End(RunNames.Of(jobs[0]).Name);
        given.Advance(200);
        given.Start().Advance(10);

        Assert.Equal(JobOutcome.Succeeded, given.Server.Jobs[jobs[0].Id].Outcome);
        Assert.All(jobs[1..], j => Assert.Equal((JobState.Running, 2), (given.Server.Jobs[j.Id].State, given.Server.Jobs[j.Id].Attempt)));
        given.Advance(120);
        Assert.Equal(5, given.Executor.Created.Count);
        foreach (var job in jobs[1..])
        {
            given.Executor.End(RunNames.Of(job).Name);
        }

        given.Advance(10);
        Assert.All(given.Server.Jobs.Values, j => Assert.Equal(JobOutcome.Succeeded, j.Outcome));
    }

    [Fact]
    public void A_new_process_that_finds_no_run_waits_reads_again_and_starts_anew()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.OnCreate = _ => (new(CreateResult.Unknown, "cut off"), false);
        given.Start().Advance(5);
        given.Kill();
        given.Executor.OnCreate = null;
        given.Start().Advance(28);
        Assert.Single(given.Executor.Created);
        given.Advance(10);

        Assert.Equal(2, given.Executor.Created.Count);
        Assert.Equal((JobState.Running, 2), (given.Server.Jobs[job.Id].State, given.Server.Jobs[job.Id].Attempt));
    }

    [Fact]
    public void A_run_that_comes_late_is_found_by_the_new_process_and_not_made_twice()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.OnCreate = _ => (new(CreateResult.Unknown, "cut off"), false);
        given.Start().Advance(5);
        given.Kill();
        given.Start().Advance(20);
        given.Executor.Put(RunNames.Of(job));
        given.Advance(60);

        Assert.Single(given.Executor.Created);
        given.Executor.End(RunNames.Of(job).Name);
        given.Advance(10);
        Assert.Equal(JobOutcome.Succeeded, given.Server.Jobs[job.Id].Outcome);
    }

    [Fact]
    public void The_output_of_an_adopted_run_is_told_in_the_same_pieces()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.Output = string.Concat(Enumerable.Range(0, 500).Select(n => $"line {n} of what the work says\n"));
        given.Start().Advance(20);
        var before = given.Server.Logs[(job.Id, 1)].Count;
        given.Kill();
        given.Executor.Output += "the end\n";
        given.Start().Advance(20);
        given.Executor.End(RunNames.Of(job).Name);
        given.Advance(10);

        Assert.True(before > 5);
        Assert.Equal(given.Executor.Output, string.Concat(given.Server.Logs[(job.Id, 1)].Values));
    }

    [Fact]
    public void Asked_to_end_it_hands_back_what_it_has_not_started_and_lets_the_rest_finish()
    {
        using var given = new GivenWorker();
        var running = given.Server.Submit();
        given.Start().Advance(2);
        given.Server.OnTheWay = c => c == "start" ? Way.Cut : Way.Open;
        var claimed = given.Server.Submit();
        given.Advance(8);
        Assert.Equal(JobState.Claimed, given.Server.Jobs[claimed.Id].State);

        given.Terminate();
        var third = given.Server.Submit();
        given.Advance(20);
        Assert.Equal((JobState.Queued, JobState.Running, JobState.Queued), (given.Server.Jobs[claimed.Id].State, given.Server.Jobs[running.Id].State, given.Server.Jobs[third.Id].State));
        Assert.False(given.Work.IsCompleted);
        given.Executor.End(RunNames.Of(running).Name);
        given.Advance(10);
        Assert.Equal(JobOutcome.Succeeded, given.Server.Jobs[running.Id].Outcome);
        Assert.True(given.Work.IsCompletedSuccessfully);
        Assert.Null(given.Result);
    }

    [Fact]
    public void What_still_runs_when_the_grace_is_over_is_left_to_be_adopted_and_said_so()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Settings = given.Settings with { Grace = TimeSpan.FromSeconds(60) };
        given.Start().Advance(2);
        given.Terminate();
        given.Advance(65);

        Assert.True(given.Work.IsCompletedSuccessfully);
        Assert.Equal(1, given.Executor.Active);
        Assert.Contains($"1 runs go on ({job.Id})", given.Log.Text, StringComparison.Ordinal);
        given.Start().Advance(10);
        given.Executor.End(RunNames.Of(job).Name);
        given.Advance(10);
        Assert.Equal(JobOutcome.Succeeded, given.Server.Jobs[job.Id].Outcome);
    }

    [Fact]
    public void Of_several_pods_of_a_name_one_takes_over_the_jobs_of_a_silent_one()
    {
        using var given = new GivenWorker();
        given.Settings = given.Settings with { Name = "edge/a" };
        var job = given.Server.Submit();
        given.Start().Advance(5);
        given.Kill();
        given.State.State = null;
        given.Settings = given.Settings with { Name = "edge/b" };
        given.Start().Advance(30);
        Assert.Equal("edge/a", given.Server.Jobs[job.Id].Worker);
        given.Advance(400);

        Assert.Equal(("edge/b", 2), (given.Server.Jobs[job.Id].Worker, given.Server.Jobs[job.Id].Attempt));
        Assert.Single(given.Executor.Created);
        Assert.Contains(given.Server.Calls, c => c.Call == "return" && WireJson.Read<ReturnRequest>(c.Body).Worker == "edge/b");
    }
}
