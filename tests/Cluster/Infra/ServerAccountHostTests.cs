using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Jobs;
using Pushcart.Tests.Cluster.Host;

namespace Pushcart.Tests.Cluster.Infra;

/// <summary>A real host with the token of the server's account, and with nothing more: no other kubeconfig, no other secret.</summary>
[RequiresCluster]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class ServerAccountHostTests : IAsyncLifetime
{
    private readonly ClusterHostPlace _cluster = new();

    public Task InitializeAsync() => _cluster.InitializeAsync();

    public Task DisposeAsync() => _cluster.DisposeAsync();

    [ClusterFact]
    public async Task The_main_job_works_with_the_Role_alone()
    {
        using var admin = TestCluster.Client();
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = "git" },
            ["stringData"] = new JsonObject { ["token"] = ClusterHostPlace.Token },
        };
        Assert.Null((await admin.CreateAsync(KubeResource.Secrets, _cluster.Namespace, secret, null, default)).Failure);
        var token = await ServerAccount.ApplyAsync(admin, ServerAccount.Rendered(_cluster.Namespace));
        var settings = _cluster.Place.Settings;
        settings["Kubernetes__Kubeconfig"] = ServerAccount.WriteKubeconfig(_cluster.Place.Folder, token, _cluster.Namespace);
        settings["Kubernetes__Context"] = "account";
        settings.Remove("Secrets__From");
        settings.Remove($"Secrets__{_cluster.Namespace}__git__token");
        var commit = _cluster.Repository.Commit("readme", "hello");

        // Two, as the Deployment has: the other one lists, and gives credentials again, while the first one creates.
        var host = await _cluster.Place.StartLiveAsync("--manifests", _cluster.Manifests("cat readme; echo done"));
        var other = await _cluster.Place.StartLiveAsync();
        var job = Assert.Single(await _cluster.Place.FinishedAsync(host, 1, 120));

        Assert.Equal((JobOutcome.Succeeded, commit, "kubernetes"), (job.Job.Outcome, job.Job.Commit, job.Job.Executor));
        Assert.Equal("hellodone\n", job.Log);
        Assert.Equal(7200L, Assert.Single(await _cluster.JobsAsync())["spec"]!["ttlSecondsAfterFinished"]!.GetValue<long>());
        Assert.DoesNotContain("cannot", host.Text + other.Text, StringComparison.Ordinal);
        foreach (var process in (Support.HostProcess[])[host, other])
        {
            process.Terminate();
            Assert.Equal(0, await process.ExitAsync());
        }
    }
}
