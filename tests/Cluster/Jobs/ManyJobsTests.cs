using Pushcart.Jobs;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Cluster.Jobs;

/// <summary>Limits and costs on a real API server, counted.</summary>
[RequiresCluster]
public sealed class ManyJobsTests(AzuriteFixture azurite) : IClassFixture<AzuriteFixture>
{
    [ClusterFact]
    public async Task A_job_costs_a_create_a_secret_a_log_read_and_a_TTL_besides_the_shared_lists()
    {
        await using var place = await JobsPlace.StartAsync(azurite, pods: true);
        await place.Here.ApplyAsync(Action("build", "cat a", ns: place.Namespace), Trigger("app", "app", "build", ns: place.Namespace));
        place.Here.Repository.Commit("a", "hello");
        await place.Here.DeliverChecksAsync();

        var finished = Assert.Single(await place.Here.FinishAsync());

        Assert.Equal((JobOutcome.Succeeded, "hello"), (finished.Job.Outcome, finished.Log));
        var calls = string.Join('\n', place.Cluster.Calls);
        Assert.True(place.Cluster.Count("POST", "jobs") == 1 && place.Cluster.Count("PATCH", "jobs") == 1 && place.Cluster.Count("GET", "log") == 1, calls);
        Assert.True(place.Cluster.Count("POST", "secrets") == 1 && place.Cluster.Calls.Count(call => call.Path.Contains("/secrets", StringComparison.Ordinal)) <= 2, calls);

        // All else is shared: one list of Jobs and one of pods for each pass, and of events in a pass that sees no pod yet.
        Assert.True(place.Cluster.Count("GET", "jobs") == place.Cluster.Count("GET", "pods"), calls);
        Assert.True(place.Cluster.Calls.Count(call => call.Method != "GET" || !(call.Path.Contains("labelSelector", StringComparison.Ordinal) || call.Path.Contains("/events?", StringComparison.Ordinal))) == 4, calls);
    }

    [ClusterFact]
    public async Task Two_hundred_jobs_at_once_are_each_created_by_one_call()
    {
        await using var place = await JobsPlace.StartAsync(azurite, pods: false, most: 200);
        await place.Here.ApplyAsync(Action("build", ns: place.Namespace));
        await place.RequestAsync(200, "build");
        place.Cluster.Clear();

        await DeliverByTwoAsync(place);

        Assert.Equal(200, (await place.JobsAsync()).Count);
        Assert.Equal(200, place.Cluster.Count("POST", "jobs"));
        Assert.Equal(200, (await place.Here.SlotsAsync()).Count);
    }

    [ClusterFact]
    public async Task The_maximum_is_never_exceeded_by_several_claimers_and_a_freed_slot_is_filled_within_one_pass()
    {
        const int Most = 10;
        await using var place = await JobsPlace.StartAsync(azurite, pods: false, most: Most);
        await place.Here.ApplyAsync(Action("build", ns: place.Namespace));
        await place.RequestAsync(35, "build");
        var ended = 0;
        while (true)
        {
            await DeliverByTwoAsync(place);
            var atWork = await place.AtWorkAsync();
            Assert.Equal(Math.Min(Most, 35 - ended), atWork.Count);
            Assert.Equal(ended + atWork.Count, (await place.JobsAsync()).Count);
            if (atWork.Count == 0)
            {
                break;
            }

            // Four end, or all that are left; the pass that sees it ends them, and sends as many as there is room for.
            foreach (var job in atWork.Take(4))
            {
                await place.Cluster.CompleteAsync(place.Namespace, RunNames.Of(job).Name);
                ended++;
            }

            place.Here.Time.Advance(TimeSpan.FromSeconds(15));
            await place.Here.ObserveAsync();
        }

        Assert.Equal(35, (await place.Here.FinishAsync()).Count(finished => finished.Job.Outcome == JobOutcome.Succeeded));
    }

    [ClusterFact]
    public async Task A_cluster_that_is_away_for_a_minute_while_20_jobs_run_loses_nothing_and_doubles_nothing()
    {
        await using var place = await JobsPlace.StartAsync(azurite, pods: false, most: 20);
        await place.Here.ApplyAsync(Action("build", ns: place.Namespace));
        await place.RequestAsync(20, "build");
        await place.Here.DeliverJobsAsync();
        await place.Here.ObserveAsync();
        var running = await place.AtWorkAsync();
        Assert.Equal(20, running.Count);

        place.Cluster.IsCut = true;
        for (var pass = 0; pass < 5; pass++)
        {
            place.Here.Time.Advance(TimeSpan.FromSeconds(15));
            await place.Here.ObserveAsync();
            await place.Here.DeliverJobsAsync();
        }

        Assert.Equal(running.Select(job => (job.Id, job.Run, job.Attempt)), (await place.AtWorkAsync()).Select(job => (job.Id, job.Run, job.Attempt)));
        foreach (var job in running)
        {
            await place.Cluster.CompleteAsync(place.Namespace, RunNames.Of(job).Name);
        }

        place.Cluster.IsCut = false;
        var history = await place.Here.FinishAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(20, history.Count);
        Assert.All(history, finished => Assert.Equal((JobOutcome.Succeeded, 1), (finished.Job.Outcome, finished.Job.Run)));
        Assert.Equal(20, (await place.JobsAsync()).Count);
    }

    [ClusterFact]
    public async Task Answers_that_are_cut_off_make_no_second_Job()
    {
        await using var place = await JobsPlace.StartAsync(azurite, pods: false);
        await place.Here.ApplyAsync(Action("build", ns: place.Namespace));
        await place.RequestAsync(3, "build");
        var reads = 0;
        place.Cluster.LosesAnswerOf = call => call.Method is "POST" or "PATCH" || Interlocked.Increment(ref reads) % 3 == 0;
        await place.Here.DeliverJobsAsync();
        var names = await place.JobsAsync();
        Assert.Equal(3, names.Count);
        foreach (var name in names)
        {
            await place.Cluster.CompleteAsync(place.Namespace, name);
        }

        for (var pass = 0; pass < 5; pass++)
        {
            place.Here.Time.Advance(TimeSpan.FromSeconds(15));
            await place.Here.ObserveAsync();
        }

        place.Cluster.LosesAnswerOf = _ => false;
        var history = await place.Here.FinishAsync(TimeSpan.FromSeconds(15));
        Assert.Equal(3, history.Count);
        Assert.All(history, finished => Assert.Equal((JobOutcome.Succeeded, 1), (finished.Job.Outcome, finished.Job.Run)));
        Assert.Equal(names, await place.JobsAsync());
    }

    // Each handles what it takes, as two instances do.
    private static Task<int[]> DeliverByTwoAsync(JobsPlace place) => Task.WhenAll(place.Here.DeliverJobsAsync(), place.Here.DeliverJobsAsync(place.Here.NewProcess(place.Use)));
}
