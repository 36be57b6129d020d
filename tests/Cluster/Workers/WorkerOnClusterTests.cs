using System.Text.Json.Nodes;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Workers;

/// <summary><c>pushcart worker</c> as a process of its own, with the Kubernetes executor against a real cluster, of which the server knows nothing.</summary>
[RequiresCluster]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class WorkerOnClusterTests : IAsyncLifetime
{
    private readonly ClusterEdge _edge = new();

    public Task InitializeAsync() => _edge.InitializeAsync();

    public Task DisposeAsync() => _edge.DisposeAsync();

    [ClusterFact]
    public async Task A_routed_job_is_a_Job_of_the_workers_cluster_and_its_log_and_end_reach_the_server()
    {
        var worker = await _edge.RegisteredAsync();
        Assert.Contains($"executor: kubernetes, {TestCluster.Connect()}; cluster ", worker.Text, StringComparison.Ordinal);
        var id = await _edge.SubmitAsync();
        var job = await _edge.AtWorkAsync(id);
        Assert.Equal(604800, job["spec"]!["ttlSecondsAfterFinished"]!.GetValue<int>());
        _edge.Open(id);
        await _edge.UntilAsync(id, "succeeded");

        var told = await _edge.JobAsync(id);
        Assert.Equal(("edge", 1, 1, 0), (told.Text("worker"), told.GetProperty("run").GetInt32(), told.GetProperty("attempt").GetInt32(), told.GetProperty("exitCode").GetInt32()));
        Assert.Equal("at work on hello\ndone\n", await _edge.Host.Client.GetStringAsync($"api/jobs/{id}/log"));
        await _edge.UntilAsync(async () => Assert.Single(await _edge.JobsAsync(id))["spec"]!["ttlSecondsAfterFinished"]!.GetValue<int>() == 7200, "the TTL of the action");
        Assert.DoesNotContain("s3cr3t", worker.Text + _edge.Host.Text + await _edge.Place.StoredAsync(), StringComparison.Ordinal);
        worker.Terminate();
        Assert.Equal(0, await worker.ExitAsync());
    }

    [ClusterFact]
    public async Task Killed_while_Jobs_run_its_next_process_adopts_them_by_name()
    {
        var worker = await _edge.RegisteredAsync();
        string[] ids = [await _edge.SubmitAsync(), await _edge.SubmitAsync()];
        var before = new List<string>();
        foreach (var id in ids)
        {
            before.Add(Uid(await _edge.AtWorkAsync(id)));
        }

        await worker.KillAsync();

        // One ends while nobody is there, the other goes on.
        _edge.Open(ids[0]);
        await _edge.UntilAsync(async () => (await _edge.JobsAsync(ids[0]))[0]["status"]?["succeeded"]?.GetValue<int>() == 1, "the first Job has ended");
        var next = _edge.Start();
        await next.LineAsync("checked in as edge");
        await _edge.UntilAsync(ids[0], "succeeded");
        await next.LineAsync($"job {ids[1]}: its run");
        Assert.Equal("running", await _edge.StateAsync(ids[1]));
        _edge.Open(ids[1]);
        await _edge.UntilAsync(ids[1], "succeeded");

        foreach (var (id, uid) in ids.Zip(before))
        {
            Assert.Equal(uid, Uid(Assert.Single(await _edge.JobsAsync(id))));
            var told = await _edge.JobAsync(id);
            Assert.Equal((2, 1), (told.GetProperty("attempt").GetInt32(), told.GetProperty("run").GetInt32()));
            Assert.Equal("at work on hello\ndone\n", await _edge.Host.Client.GetStringAsync($"api/jobs/{id}/log"));
        }
    }

    [ClusterFact]
    public async Task A_Job_that_was_ended_by_force_while_the_worker_was_killed_is_deleted_by_the_next_process_and_no_other()
    {
        var worker = await _edge.RegisteredAsync();
        var (gone, stays) = (await _edge.SubmitAsync(), await _edge.SubmitAsync());
        await _edge.AtWorkAsync(gone);
        await _edge.AtWorkAsync(stays);
        await worker.KillAsync();
        await ForceAsync(gone);
        Assert.Single(await _edge.JobsAsync(gone));

        var next = _edge.Start("--orphans", "2s");
        await next.LineAsync("is at work, but no job knows it; it is deleted");
        await _edge.UntilAsync(async () => (await _edge.JobsAsync(gone)).Count == 0, "the Job is gone");

        Assert.Equal("running", await _edge.StateAsync(stays));
        Assert.Null(Assert.Single(await _edge.JobsAsync(stays))["metadata"]!["deletionTimestamp"]);
        _edge.Open(stays);
        await _edge.UntilAsync(stays, "succeeded");
        Assert.Single(next.Lines, line => line.Contains("no job knows it", StringComparison.Ordinal));
    }

    [ClusterFact]
    public async Task A_Job_that_was_ended_by_force_while_the_worker_was_away_is_deleted_on_its_return()
    {
        var worker = await _edge.RegisteredAsync();
        var id = await _edge.SubmitAsync();
        await _edge.AtWorkAsync(id);
        await SignalAsync("STOP", worker);
        await ForceAsync(id);
        Assert.Single(await _edge.JobsAsync(id));

        await SignalAsync("CONT", worker);
        await worker.LineAsync("not this worker's any more (");
        await _edge.UntilAsync(async () => (await _edge.JobsAsync(id)).Count == 0, "the Job is gone");

        Assert.Equal("cancelled", await _edge.StateAsync(id));
        Assert.DoesNotContain("no job knows it", worker.Text, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task A_cancelled_job_is_told_at_the_next_renewal_and_ends_when_its_Job_is_gone()
    {
        await _edge.RegisteredAsync();
        var id = await _edge.SubmitAsync();
        await _edge.AtWorkAsync(id);
        Assert.True((await _edge.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{id}/cancel")).Status is System.Net.HttpStatusCode.OK or System.Net.HttpStatusCode.Accepted);
        await _edge.UntilAsync(id, "cancelled");

        // Its pods are gone; the Job itself goes with them.
        Assert.DoesNotContain(await _edge.PodsAsync(id), pod => pod["status"]?["phase"]?.GetValue<string>() == "Running");
        Assert.All(await _edge.JobsAsync(id), job => Assert.NotNull(job["metadata"]!["deletionTimestamp"]));
        await _edge.UntilAsync(async () => (await _edge.JobsAsync(id)).Count == 0, "the Job is gone");
    }

    // A job can be ended by force once its worker has been silent for a lease.
    private Task ForceAsync(string id) => _edge.UntilAsync(
        async () =>
        {
            await _edge.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{id}/cancel?force=true");
            return await _edge.StateAsync(id) == "cancelled";
        },
        $"{id} is cancelled by force");

    private static string Uid(JsonObject job) => job["metadata"]!["uid"]!.GetValue<string>();

    private static async Task SignalAsync(string signal, HostProcess process)
    {
        using var kill = System.Diagnostics.Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }
}
