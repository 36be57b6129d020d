using Pushcart.Cli.Demo;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Jobs;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Host;

/// <summary>The main job on a real cluster, by real host processes: a commit becomes a Kubernetes Job, its end and its log stand in history.</summary>
[RequiresCluster]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class HostOnClusterTests : IAsyncLifetime
{
    private const string Token = "Bearer s3cr3t-of-the-clone";

    private readonly TestNamespace _namespace = new();
    private readonly AzuriteFixture _azurite = new();
    private TestRepository? _repository;
    private GitHttpBackend? _server;
    private PodReach? _relay;
    private HostPlace? _place;

    public async Task InitializeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        await _namespace.InitializeAsync();
        await _azurite.InitializeAsync();
        _repository = TestRepository.Create();
        _server = GitHttpBackend.Start(_repository.Root, new() { Authorization = Token });
        _relay = PodReach.Relay(new Uri(_server.UriOf("")));
        _place = new HostPlace(_azurite.ConnectionString);
        _place.Settings["DOTNET_ENVIRONMENT"] = "Production";
        _place.Settings["Executor"] = "kubernetes";
        _place.Settings["Kubernetes__Kubeconfig"] = TestCluster.Kubeconfig;
        _place.Settings["Kubernetes__Context"] = TestCluster.Connect().Context;
        _place.Settings["Secrets__From"] = "configuration";
        _place.Settings[$"Secrets__{_namespace.Name}__git__token"] = Token;
        _place.Settings["Jobs__Lease"] = "30s";
        _place.Settings["Jobs__CreateWithin"] = "10s";
        _place.Settings["Jobs__CreateTimeout"] = "10s";
    }

    public async Task DisposeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        await _place!.DisposeAsync();
        await _relay!.DisposeAsync();
        await _server!.DisposeAsync();
        _repository!.Dispose();
        await _azurite.DisposeAsync();
        await _namespace.DisposeAsync();
    }

    [ClusterFact]
    public async Task A_commit_becomes_a_Job_whose_end_and_log_stand_in_history()
    {
        var commit = _repository!.Commit("readme", "hello");
        var host = await _place!.StartLiveAsync("--manifests", Manifests("cat readme; echo done"));

        var job = Assert.Single(await _place.FinishedAsync(host, 1, 120));

        Assert.Equal((JobOutcome.Succeeded, commit, 0, 1, "kubernetes"), (job.Job.Outcome, job.Job.Commit, job.Job.ExitCode, job.Job.Run, job.Job.Executor));
        Assert.Equal("hellodone\n", job.Log);
        Assert.Contains("executor: kubernetes", host.Text, StringComparison.Ordinal);
        var found = Assert.Single(await JobsAsync());
        Assert.Equal((job.RunName, 7200L), (found["metadata"]!["name"]!.GetValue<string>(), found["spec"]!["ttlSecondsAfterFinished"]!.GetValue<long>()));
        Assert.DoesNotContain("s3cr3t", found.ToJsonString() + host.Text + await _place.StoredAsync(), StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task Killed_between_every_two_steps_it_makes_one_Job_for_each_run_and_one_row_of_history_for_each_job()
    {
        await using var gate = await StepGate.OpenAsync(_azurite.ConnectionString);
        _place!.Settings["AzureWebJobsStorage"] = gate.Storage;
        _place.Settings["Kubernetes__Kubeconfig"] = _place.Write("gate.kubeconfig", gate.Kubeconfig);
        _place.Settings["Kubernetes__Context"] = "gate";
        var manifests = Manifests("cat file");
        var commits = new List<string>();
        foreach (var step in Step.All)
        {
            // What the life before left is taken up while this one goes on to its own step.
            commits.Add(_repository!.Commit("file", step.Name));
            var host = _place.Start("--manifests", manifests);
            var killed = gate.KilledAtAsync(commits[^1], step, host.KillAsync);
            await Task.WhenAny(killed, Task.Delay(TimeSpan.FromMinutes(2), TimeProvider.System));
            Assert.True(killed.IsCompletedSuccessfully, $"'{step}' was not reached: {host.Text}");
        }

        var last = await _place.StartLiveAsync("--manifests", manifests);
        var history = await _place.FinishedAsync(last, Step.All.Count, 180);

        Assert.Equal(commits, history.Select(f => f.Job.Commit));
        Assert.All(history, f => Assert.Equal((JobOutcome.Succeeded, 1), (f.Job.Outcome, f.Job.Run)));
        Assert.Equal(history.Select(f => f.RunName).Order(), (await JobsAsync()).Select(j => j["metadata"]!["name"]!.GetValue<string>()).Order());
        Assert.All(await JobsAsync(), job => Assert.Equal(7200L, job["spec"]!["ttlSecondsAfterFinished"]!.GetValue<long>()));
        Assert.Equal(Step.All.Select(step => step.Name), history.Select(f => f.Log));
        last.Terminate();
        Assert.Equal(0, await last.ExitAsync());
    }

    private string Manifests(string script) => _place!.Write("manifests/app.yaml", $$"""
        {apiVersion: pushcart.dev/v1, kind: Settings, metadata: {name: default}, spec: {actionImage: "{{TestCluster.Image}}", clonerImage: "{{TestCluster.Image}}"} }
        ---
        {apiVersion: pushcart.dev/v1, kind: GitRepo, metadata: {name: app, namespace: {{_namespace.Name}}},
         spec: {repoUri: "http://{{PodReach.Host}}:{{_relay!.Port}}/{{_repository!.Name}}", authConfig: {type: token, secretRef: {name: git} } } }
        ---
        {apiVersion: pushcart.dev/v1, kind: ScheduleTrigger, metadata: {name: app, namespace: {{_namespace.Name}}},
         spec: {sources: {names: [app]}, schedule: {interval: 1s}, action: {kind: Action, name: app} } }
        ---
        {apiVersion: pushcart.dev/v1, kind: Action, metadata: {name: app, namespace: {{_namespace.Name}}},
         spec: {actionJob: {command: [sh, -c], args: ["{{script}}"]} } }
        """);

    private async Task<IReadOnlyList<System.Text.Json.Nodes.JsonObject>> JobsAsync()
    {
        using var client = TestCluster.Client();
        return (await client.ListAsync(KubeResource.Jobs, _namespace.Name, labelSelector: null, fieldSelector: null, default)).Value!.Items;
    }
}
