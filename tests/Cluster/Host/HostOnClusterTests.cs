using Pushcart.Jobs;

namespace Pushcart.Tests.Cluster.Host;

/// <summary>The main job on a real cluster, by real host processes: a commit becomes a Kubernetes Job, its end and its log stand in history.</summary>
[RequiresCluster]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class HostOnClusterTests : IAsyncLifetime
{
    private readonly ClusterHostPlace _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [ClusterFact]
    public async Task A_commit_becomes_a_Job_whose_end_and_log_stand_in_history()
    {
        var commit = _cluster.Repository.Commit("readme", "hello");
        var host = await _cluster.Place.StartLiveAsync("--manifests", _cluster.Manifests("cat readme; echo done"));

        var job = Assert.Single(await _cluster.Place.FinishedAsync(host, 1, 120));

        Assert.Equal((JobOutcome.Succeeded, commit, 0, 1, "kubernetes"), (job.Job.Outcome, job.Job.Commit, job.Job.ExitCode, job.Job.Run, job.Job.Executor));
        Assert.Equal("hellodone\n", job.Log);
        Assert.Contains("executor: kubernetes", host.Text, StringComparison.Ordinal);
        var found = Assert.Single(await _cluster.JobsAsync());
        Assert.Equal((job.RunName, 7200L), (found["metadata"]!["name"]!.GetValue<string>(), found["spec"]!["ttlSecondsAfterFinished"]!.GetValue<long>()));
        Assert.DoesNotContain("s3cr3t", found.ToJsonString() + host.Text + await _cluster.Place.StoredAsync(), StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task Killed_between_every_two_steps_it_makes_one_Job_for_each_run_and_one_row_of_history_for_each_job()
    {
        var place = _cluster.Place;
        await using var gate = await StepGate.OpenAsync(place.Settings["AzureWebJobsStorage"]!);
        place.Settings["AzureWebJobsStorage"] = gate.Storage;
        place.Settings["Kubernetes__Kubeconfig"] = place.Write("gate.kubeconfig", gate.Kubeconfig);
        place.Settings["Kubernetes__Context"] = "gate";
        var manifests = _cluster.Manifests("cat file");
        var commits = new List<(string Commit, Step Step)>();
        foreach (var step in Step.All)
        {
            var (reached, tried) = (false, "");
            for (var life = 1; !reached; life++)
            {
                // A step may be left out, as a log that is not read in time: then it is awaited of the next commit's job.
                Assert.True(life <= 3, $"'{step}' was not reached. {tried}");

                // What the life before left is taken up while this one goes on to its own step.
                commits.Add((_cluster.Repository.Commit("file", $"{step.Name}\n{commits.Count}\n"), step));
                var host = place.Start("--manifests", manifests);
                var killed = gate.KilledAtAsync(commits[^1].Commit, step, host.KillAsync);
                await Task.WhenAny(killed, Task.Delay(TimeSpan.FromMinutes(1), TimeProvider.System));
                reached = killed.IsCompletedSuccessfully;
                tried += reached ? "" : $"{gate.Seen}\n{host.Text}\n";
                await host.KillAsync();
            }
        }

        var last = await place.StartLiveAsync("--manifests", manifests);
        var history = await place.FinishedAsync(last, commits.Count, 180);

        Assert.Equal(commits.Select(c => c.Commit), history.Select(f => f.Job.Commit));
        Assert.All(history, f => Assert.Equal((JobOutcome.Succeeded, 1), (f.Job.Outcome, f.Job.Run)));
        var jobs = await _cluster.JobsAsync();
        Assert.Equal(history.Select(f => f.RunName).Order(), jobs.Select(j => j["metadata"]!["name"]!.GetValue<string>()).Order());
        Assert.All(jobs, job => Assert.Equal(7200L, job["spec"]!["ttlSecondsAfterFinished"]!.GetValue<long>()));
        Assert.All(commits.Zip(history), both => Assert.True(both.Second.Log is null || both.Second.Log.StartsWith(both.First.Step.Name, StringComparison.Ordinal), both.Second.Log));
        Assert.InRange(history.Count(f => f.Log is not null), Step.All.Count - 2, commits.Count);
        last.Terminate();
        Assert.Equal(0, await last.ExitAsync());
    }
}
