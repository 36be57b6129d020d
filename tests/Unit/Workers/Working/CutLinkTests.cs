using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>What a link that fails does, and does not, to a worker's jobs.</summary>
public sealed class CutLinkTests
{
    [Theory]
    [InlineData(30)]
    [InlineData(150)]
    [InlineData(1500)]
    public void Away_for_any_time_it_goes_on_and_tells_the_end_when_the_server_is_back(int seconds)
    {
        using var given = new GivenWorker(registers: true);
        given.Add();
        var job = given.Server.Submit();
        given.Start().Advance(5);
        Assert.Single(given.Executor.Created);

        given.Server.OnTheWay = _ => Way.Cut;
        for (var at = 0; at < seconds; at += 5)
        {
            given.Advance(5);
            given.Server.Observe();
        }

        Assert.Equal((JobState.Running, 1), (given.Server.Jobs[job.Id].State, given.Executor.Active));
        given.Executor.End(RunNames.Of(job).Name);
        given.Server.OnTheWay = _ => Way.Open;
        given.Advance(60);
        Assert.Equal((JobOutcome.Succeeded, 1), (given.Server.Jobs[job.Id].Outcome, given.Server.Jobs[job.Id].Attempt));
        Assert.Single(given.Executor.Created);
        Assert.Equal(seconds > 1200 ? 1 : 0, given.Server.Count("rejoin"));
        Assert.True(given.Parts.Standing.IsMember);
    }

    [Fact]
    public void Back_after_its_deadline_and_its_takeover_time_the_job_is_lost_and_its_run_is_deleted()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit(TimeSpan.FromSeconds(60));
        given.Start().Advance(5);
        given.Server.OnTheWay = _ => Way.Cut;
        given.Advance(130);
        given.Server.Observe();
        Assert.Equal(JobOutcome.Lost, given.Server.Jobs[job.Id].Outcome);
        given.Executor.End(RunNames.Of(job).Name, RunPhase.Failed, 1);
        given.Server.OnTheWay = _ => Way.Open;
        given.Advance(60);

        Assert.Equal(JobOutcome.Lost, given.Server.Jobs[job.Id].Outcome);
        Assert.Empty(given.Executor.Runs);
        Assert.Empty(given.Parts.Held.All);
    }

    [Theory]
    [InlineData("Page502")]
    [InlineData("Page200")]
    [InlineData("Page409")]
    [InlineData("Cut")]
    [InlineData("AnswerLost")]
    public void Whatever_stands_between_answers_is_a_failure_and_every_call_is_made_again(string way)
    {
        foreach (var call in (string[])["register", "check-in", "return", "claim", "start", "renew", "report", "log"])
        {
            using var given = new GivenWorker(registers: true);
            given.Add();
            var job = given.Server.Submit();
            given.Executor.Output = "some\n";
            var left = 2;
            given.Server.OnTheWay = c => c == call && left-- > 0 ? Enum.Parse<Way>(way) : Way.Open;
            given.Start().Advance(120);
            Assert.Equal((call, JobState.Running), (call, given.Server.Jobs[job.Id].State));
            Assert.Single(given.Executor.Created);
            given.Executor.End(RunNames.Of(job).Name);
            given.Advance(120);

            Assert.Equal((call, JobOutcome.Succeeded, 1), (call, given.Server.Jobs[job.Id].Outcome, given.Server.Jobs[job.Id].Attempt));
            Assert.Single(given.Executor.Created);
            Assert.Empty(given.Executor.Deleted);
            Assert.Equal("some\n", string.Concat(given.Server.Logs[(job.Id, 1)].Values));
            Assert.True(left <= 0, $"{call} was never asked");
        }
    }

    [Fact]
    public void A_claim_whose_answer_was_lost_comes_back_by_its_key()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Server.Submit();
        var lost = 1;
        given.Server.OnTheWay = c => c == "claim" && lost-- > 0 ? Way.AnswerLost : Way.Open;
        given.Start().Advance(10);

        Assert.Equal(1, given.Server.Jobs[job.Id].Attempt);
        Assert.Equal(2, given.Executor.Created.Count);
        var keys = given.Server.Calls.Where(c => c.Call == "claim").Select(c => WireJson.Read<ClaimRequest>(c.Body).Key).ToList();
        Assert.Equal(keys[0], keys[1]);
        Assert.NotEqual(keys[1], keys[2]);
    }

    [Fact]
    public void A_start_whose_answer_was_lost_creates_nothing_before_30_seconds_and_then_once()
    {
        using var given = new GivenWorker();
        given.Server.Submit();
        var lost = 1;
        given.Server.OnTheWay = c => c == "start" && lost-- > 0 ? Way.AnswerLost : Way.Open;
        given.Start().Advance(29);
        Assert.Empty(given.Executor.Created);

        given.Advance(30);
        Assert.Single(given.Executor.Created);
        Assert.Contains(given.Server.Calls, c => c.Call == "start" && WireJson.Read<StartRequest>(c.Body).Anew);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_create_of_which_nobody_knows_is_looked_for_and_made_again_only_where_it_is_not_there(bool comes)
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Executor.OnCreate = _ => (new(CreateResult.Unknown, "502"), comes);
        given.Start().Advance(28);
        Assert.Single(given.Executor.Created);

        given.Executor.OnCreate = null;
        given.Advance(40);
        Assert.Equal(comes ? 1 : 2, given.Executor.Created.Count);
        Assert.Single(given.Executor.Runs);
        Assert.Equal((JobState.Running, 1), (given.Server.Jobs[job.Id].State, given.Server.Jobs[job.Id].Attempt));
    }

    [Fact]
    public void A_renewal_after_the_lease_goes_on_where_nothing_was_decided_since()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit();
        given.Start().Advance(5);
        given.Server.OnTheWay = _ => Way.Cut;
        given.Advance(90);
        Assert.True(given.Server.Jobs[job.Id].Lease < given.Time.GetUtcNow());
        given.Server.OnTheWay = _ => Way.Open;
        given.Advance(30);

        Assert.True(given.Server.Jobs[job.Id].Lease > given.Time.GetUtcNow());
        Assert.Empty(given.Executor.Deleted);
    }
}
