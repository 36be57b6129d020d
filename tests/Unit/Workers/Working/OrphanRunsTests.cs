using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Tests.Unit.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Runs of which nobody told the worker that they are nobody's any more.</summary>
public sealed class OrphanRunsTests
{
    private const double Minutes = 60;

    [Theory]
    [InlineData(JobState.Ended)]
    [InlineData(null)]
    public void A_run_whose_job_ended_while_no_process_was_there_is_deleted_after_a_restart(JobState? state)
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit(TimeSpan.FromDays(1));
        given.Start().Advance(5);
        given.Kill();
        EndByForce(given, job, state is null);
        given.Advance(11 * Minutes);
        Assert.Single(given.Executor.Runs);

        given.Start().Advance(5);

        Assert.Empty(given.Executor.Runs);
        Assert.Equal(RunNames.Of(job).Name, Assert.Single(given.Executor.Deleted).Key.Name);
        Assert.Contains(given.Log.Lines, line => line.Text.Contains("is at work, but no job knows it; it is deleted", StringComparison.Ordinal));
        Assert.Equal(1, given.Server.Calls.Count(c => c.Call == "renew" && c.At > given.Time.GetUtcNow() - TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void A_young_one_is_left_until_it_is_ten_minutes_old()
    {
        using var given = new GivenWorker();
        var job = given.Server.Submit(TimeSpan.FromDays(1));
        given.Start().Advance(5);
        given.Kill();
        EndByForce(given, job, isArchived: true);
        given.Start().Advance(9 * Minutes);
        Assert.Single(given.Executor.Runs);

        given.Advance(12 * Minutes);

        Assert.Empty(given.Executor.Runs);
    }

    [Fact]
    public void The_run_of_another_worker_of_the_cluster_is_let_be_and_so_is_one_of_which_the_server_did_not_speak()
    {
        using var given = new GivenWorker { Settings = new() { Name = "edge", Version = "1.0.0", Cluster = "north", MaxParallelJobs = 1 } };
        var other = given.Server.Submit(TimeSpan.FromDays(1));
        given.Server.Apply(other.Id, new Claim(given.Time.GetUtcNow(), "k", "south", "scripted", 0, null, "south"));
        given.Server.Apply(other.Id, new StartAsked(given.Time.GetUtcNow(), 1, "k", false));
        given.Executor.Put(RunNames.Of(other));
        var gone = new RunKey("team", "gone-1", JobId.New(given.Time.GetUtcNow(), new SeededChance(77)), 1);
        given.Executor.Put(gone);
        given.Server.OnTheWay = call => call == "renew" ? Way.Page409 : Way.Open;
        given.Start().Advance(35 * Minutes);
        Assert.Equal(2, given.Executor.Runs.Count);

        given.Server.OnTheWay = _ => Way.Open;
        given.Advance(11 * Minutes);

        Assert.Equal(RunNames.Of(other).Name, Assert.Single(given.Executor.Runs).Key);
    }

    [Fact]
    public void Its_own_runs_the_ended_ones_and_those_of_other_namespaces_are_not_asked_about()
    {
        using var given = new GivenWorker();
        var mine = given.Server.Submit(TimeSpan.FromDays(1));
        foreach (var (name, ns) in new[] { ("ended-1", "team"), ("elsewhere-1", "elsewhere") })
        {
            given.Executor.Put(new(ns, name, JobId.New(given.Time.GetUtcNow(), new SeededChance(name.Length)), 1));
        }

        given.Executor.End("ended-1");
        given.Start().Advance(45 * Minutes);

        Assert.Equal(3, given.Executor.Runs.Count);
        Assert.DoesNotContain(given.Server.Calls, c => c.Call == "renew" && WireJson.Read<RenewRequest>(c.Body).Attempt == 0);
        Assert.Equal(JobState.Running, given.Server.Jobs[mine.Id].State);
    }

    [Fact]
    public void A_namespace_that_the_server_does_not_name_any_more_is_looked_at_where_this_process_had_a_job()
    {
        using var given = new GivenWorker();
        given.Server.Namespaces.Clear();
        var job = given.Server.Submit(TimeSpan.FromDays(1));
        given.Start().Advance(20);
        given.Executor.Put(new("team", "gone-1", JobId.New(given.Time.GetUtcNow(), new SeededChance(77)), 1));

        given.Advance(25 * Minutes);

        Assert.Equal(RunNames.Of(job).Name, Assert.Single(given.Executor.Runs).Key);
    }

    private static void EndByForce(GivenWorker given, Job job, bool isArchived)
    {
        given.Server.Jobs[job.Id] = given.Server.Jobs[job.Id] with { State = JobState.Ended, Outcome = JobOutcome.Cancelled };
        if (isArchived)
        {
            given.Server.Jobs.Remove(job.Id);
        }
    }
}
