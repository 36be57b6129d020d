using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>The worker's side of a job's life.</summary>
public sealed class WorkerTests
{
    [Fact]
    public void A_job_is_started_with_the_server_before_it_is_created_and_reported_with_its_end()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.Output = "done\n";
        given.Start().Advance(2);

        var (at, spec) = Assert.Single(given.Executor.Created);
        var start = given.Server.Calls.Single(c => c.Call == "start");
        Assert.True(start.At <= at);
        Assert.Equal((RunNames.Of(job), "inst", at.AddSeconds(20)), (spec.Key, spec.Installation, spec.CreateBefore));
        Assert.Equal(JobState.Running, given.Server.Jobs[job.Id].State);

        given.Executor.End(spec.Key.Name);
        given.Advance(6);
        Assert.Equal((JobState.Ended, JobOutcome.Succeeded), (given.Server.Jobs[job.Id].State, given.Server.Jobs[job.Id].Outcome));
        Assert.Equal(job.Ttl, given.Executor.Ttls[spec.Key.Name]);
        Assert.Contains("\"logTail\":\"done", given.Server.Calls.Single(c => c.Call == "report").Body, StringComparison.Ordinal);
        Assert.Equal("done\n", string.Concat(given.Server.Logs[(job.Id, 1)].Values));
        Assert.Empty(given.Parts.Held.All);
    }

    [Fact]
    public void With_a_limit_of_5_and_20_jobs_there_are_never_more_than_5_at_once()
    {
        using var given = new GivenWorker();
        for (var i = 0; i < 20; i++)
        {
            given.Server.Submit();
        }

        given.Start();
        for (var i = 0; i < 400 && given.Server.Jobs.Values.Any(j => j.State != JobState.Ended); i++)
        {
            given.Advance(1);
            if (i % 7 == 0 && given.Executor.Runs.Values.FirstOrDefault(r => r.Phase == RunPhase.Active) is { } run)
            {
                given.Executor.End(run.Key.Name);
            }
        }

        Assert.All(given.Server.Jobs.Values, j => Assert.Equal(JobOutcome.Succeeded, j.Outcome));
        Assert.Equal((5, 5), (given.Executor.MostActive, given.Server.MostActive));
        Assert.Equal(20, given.Executor.Created.Count);
    }

    [Theory]
    [InlineData("ended")]
    [InlineData("requeued")]
    [InlineData("unknown")]
    public void One_refusal_that_says_the_claim_is_gone_deletes_the_run(string reason)
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Start().Advance(2);
        switch (reason)
        {
            case "ended":
                given.Server.Apply(job.Id, new RunSucceeded(given.Time.GetUtcNow(), GivenView(job), 1));
                break;
            case "requeued":
                given.Server.Apply(job.Id, new CreateBusy(given.Time.GetUtcNow(), 1, "busy"));
                given.Server.Jobs[job.Id] = given.Server.Jobs[job.Id] with { NotBefore = given.Time.GetUtcNow().AddHours(1) };
                break;
            default:
                given.Server.Jobs.Remove(job.Id);
                break;
        }

        given.Advance(30);
        Assert.Single(given.Executor.Deleted);
        Assert.Empty(given.Executor.Runs);
        Assert.Equal(0, given.Server.Count("report"));
        Assert.Empty(given.Parts.Held.All);
    }

    [Fact]
    public void Taken_over_by_another_process_it_lets_go_and_deletes_nothing()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Start().Advance(2);
        given.Server.Apply(job.Id, new Returned(given.Time.GetUtcNow(), "edge", "north", "other", 0));
        given.Advance(30);

        Assert.Empty(given.Executor.Deleted);
        Assert.Single(given.Executor.Runs);
        Assert.Empty(given.Parts.Held.All);
    }

    [Fact]
    public void A_check_in_that_says_the_claim_is_gone_is_as_good_as_a_refusal()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Start().Advance(2);
        given.Server.Verdicts.Add(new(job.Id, 1, ConflictReasons.TakenOver));
        given.Server.OnTheWay = call => call == "renew" ? Way.Cut : Way.Open;
        given.Advance(70);

        Assert.Empty(given.Executor.Deleted);
        Assert.Empty(given.Parts.Held.All);
    }

    [Fact]
    public void A_stop_told_by_renew_deletes_the_run_until_it_is_gone_and_then_tells()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.EndsSlowly = true;
        given.Start().Advance(2);
        given.Server.Apply(job.Id, new Cancel(given.Time.GetUtcNow(), "ann"));
        given.Advance(30);

        Assert.True(given.Executor.Deleted.Count > 1);
        Assert.Equal(0, given.Server.Count("report"));
        given.Executor.Runs.Clear();
        given.Advance(6);
        Assert.Equal((JobOutcome.Cancelled, "ann"), (given.Server.Jobs[job.Id].Outcome, given.Server.Jobs[job.Id].Reason));
    }

    [Fact]
    public void An_end_just_reached_is_not_destroyed_by_a_stop()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.EndsSlowly = true;
        given.Start().Advance(2);
        given.Server.Apply(job.Id, new Cancel(given.Time.GetUtcNow(), "ann"));
        given.Executor.End(RunNames.Of(job).Name);
        given.Advance(30);

        Assert.Empty(given.Executor.Deleted);
        Assert.Equal(JobOutcome.Succeeded, given.Server.Jobs[job.Id].Outcome);
    }

    [Fact]
    public void A_run_that_somebody_deletes_is_told_as_deleted_and_one_that_nobody_saw_lately_as_lost()
    {
        using var given = new GivenWorker();
        var (one, other) = (given.Server.Submit(), given.Server.Submit());
        given.Start().Advance(12);
        given.Executor.Runs.Remove(RunNames.Of(one).Name);
        given.Advance(6);
        Assert.Equal((JobOutcome.Cancelled, "deleted in the cluster"), (given.Server.Jobs[one.Id].Outcome, given.Server.Jobs[one.Id].Reason));

        given.Executor.IsAway = true;
        given.Advance(60);
        Assert.Equal(JobState.Running, given.Server.Jobs[other.Id].State);
        Assert.Equal(WorkerStates.Error, given.Parts.Standing.State);
        given.Executor.Runs.Clear();
        given.Executor.IsAway = false;
        given.Advance(6);
        Assert.Equal(JobOutcome.Lost, given.Server.Jobs[other.Id].Outcome);
    }

    [Fact]
    public void A_create_that_is_refused_fails_the_job_and_one_that_finds_no_room_is_tried_later()
    {
        using var given = new GivenWorker();
        var (one, other) = (given.Server.Submit(), given.Server.Submit());
        var refused = RunNames.Of(one).Name;
        given.Executor.OnCreate = spec => (spec.Key.Name == refused ? new(CreateResult.Refused, "no quota") : new(CreateResult.Busy, "429"), false);
        given.Start().Advance(5);

        Assert.Equal((JobOutcome.Failed, "no quota"), (given.Server.Jobs[one.Id].Outcome, given.Server.Jobs[one.Id].Reason));
        Assert.Equal((JobState.Queued, "429"), (given.Server.Jobs[other.Id].State, given.Server.Jobs[other.Id].Reason));
        given.Executor.OnCreate = null;
        given.Advance(60);
        Assert.Equal((JobState.Running, 2), (given.Server.Jobs[other.Id].State, given.Server.Jobs[other.Id].Attempt));
    }

    [Fact]
    public void A_secret_that_is_missing_in_the_workers_cluster_fails_the_job_and_names_it()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Server.Jobs[job.Id] = job with { Snapshots = job.Snapshots! with { Source = """{"repoUri":"https://git.example.org/app.git","authConfig":{"type":"token","secretRef":{"name":"creds"}}}""" } };
        given.Start().Advance(3);

        Assert.Empty(given.Executor.Created);
        Assert.Equal((JobOutcome.Failed, "there is no secret team/creds"), (given.Server.Jobs[job.Id].Outcome, given.Server.Jobs[job.Id].Reason));
    }

    [Fact]
    public void Images_that_do_not_come_are_told_once_and_the_stop_that_follows_ends_the_run()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Start().Advance(2);
        var name = RunNames.Of(job).Name;
        given.Executor.Change(name, r => r with { ImageErrorSince = given.Time.GetUtcNow(), Reason = "ImagePullBackOff", Message = "no such image" });
        given.Advance(30);
        Assert.Equal("ImagePullBackOff: no such image", given.Server.Jobs[job.Id].Progress);
        given.Advance(300);

        Assert.Equal((JobOutcome.Failed, "ImagePullBackOff"), (given.Server.Jobs[job.Id].Outcome, given.Server.Jobs[job.Id].Reason));
        Assert.Single(given.Server.Calls, c => c.Call == "report" && c.Body.Contains(ReportWords.ImagesMissing, StringComparison.Ordinal));
        Assert.Empty(given.Executor.Runs);
    }

    [Fact]
    public void A_running_job_costs_one_renewal_in_20_seconds()
    {
        using var given = new GivenWorker();
        given.Server.Submit();
        given.Start().Advance(5);
        given.Executor.Output = "line 1\n";
        var before = given.Server.Count("renew");
        given.Advance(600);

        Assert.InRange(given.Server.Count("renew") - before, 24, 30);
        Assert.Equal("line 1", given.Server.Jobs.Values.Single().Progress);
    }

    [Fact]
    public void Progress_that_came_too_often_is_told_later_and_the_newest_is_never_lost()
    {
        using var given = new GivenWorker();
        given.Server.Submit();
        given.Executor.Output = "line 1\n";
        given.Start().Advance(45);
        Assert.Equal("line 1", given.Server.Jobs.Values.Single().Progress);
        given.Server.OnTheWay = call => call == "renew" ? Way.TooOften : Way.Open;
        given.Executor.Output = "line 1\nline 2\n";
        given.Advance(45);
        given.Executor.Output = "line 1\nline 2\nline 3\n";
        given.Advance(20);
        Assert.Equal("line 1", given.Server.Jobs.Values.Single().Progress);

        given.Server.OnTheWay = _ => Way.Open;
        given.Advance(10);

        Assert.Equal("line 3", given.Server.Jobs.Values.Single().Progress);
        Assert.DoesNotContain(given.Server.Calls, c => c.Call == "renew" && c.Body.Contains("line 2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_idle_worker_asks_at_most_4_times_a_minute(bool held)
    {
        using var given = new GivenWorker();
        given.Server.Holds = held ? TimeSpan.FromSeconds(20) : null;
        given.Start().Advance(180);
        for (var minute = 0; minute < 10; minute++)
        {
            var before = given.Server.Calls.Count;
            given.Advance(60);
            Assert.InRange(given.Server.Calls.Count - before, 2, 4);
        }
    }

    [Fact]
    public void Drained_it_takes_nothing_new_and_what_runs_goes_on_until_it_is_resumed()
    {
        using var given = new GivenWorker();
        var first = given.Server.Submit();
        given.Start().Advance(2);
        given.Server.Drains = true;
        given.Advance(65);
        var second = given.Server.Submit();
        given.Advance(120);

        Assert.Equal((JobState.Running, JobState.Queued), (given.Server.Jobs[first.Id].State, given.Server.Jobs[second.Id].State));
        Assert.Equal(WorkerStates.Draining, given.Parts.Standing.State);
        given.Server.Drains = false;
        given.Advance(65);
        Assert.Equal(JobState.Running, given.Server.Jobs[second.Id].State);
    }

    private static RunView GivenView(Job job) => new() { Key = RunNames.Of(job), Uid = "u", Version = "1", Phase = RunPhase.Succeeded };
}
