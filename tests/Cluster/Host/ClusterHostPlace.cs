using System.Text.Json.Nodes;
using Pushcart.Cli.Demo;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Host;

/// <summary>A namespace, a repository behind a token that its pods can reach, and real hosts with their state in Azurite that run jobs there.</summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "who uses it ends what it began")]
internal sealed class ClusterHostPlace : IAsyncLifetime
{
    /// <summary>What the git server insists on.</summary>
    public const string Token = "Bearer s3cr3t-of-the-clone";

    private readonly TestNamespace _namespace = new();
    private readonly AzuriteFixture _azurite = new();
    private TestRepository? _repository;
    private GitHttpBackend? _server;
    private PodReach? _relay;
    private HostPlace? _place;

    public string Namespace => _namespace.Name;

    public TestRepository Repository => _repository!;

    public HostPlace Place => _place!;

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
        _place.Settings[$"Secrets__{Namespace}__git__token"] = Token;
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

    /// <summary>Writes manifests: a source, a trigger that looks every second, and an action that runs a script. Gives their path.</summary>
    public string Manifests(string script) => Place.Write("manifests/app.yaml", $$"""
        {apiVersion: pushcart.dev/v1, kind: Settings, metadata: {name: default}, spec: {actionImage: "{{TestCluster.Image}}", clonerImage: "{{TestCluster.Image}}"} }
        ---
        {apiVersion: pushcart.dev/v1, kind: GitRepo, metadata: {name: app, namespace: {{Namespace}}},
         spec: {repoUri: "http://{{PodReach.Host}}:{{_relay!.Port}}/{{Repository.Name}}", authConfig: {type: token, secretRef: {name: git} } } }
        ---
        {apiVersion: pushcart.dev/v1, kind: ScheduleTrigger, metadata: {name: app, namespace: {{Namespace}}},
         spec: {sources: {names: [app]}, schedule: {interval: 1s}, action: {kind: Action, name: app} } }
        ---
        {apiVersion: pushcart.dev/v1, kind: Action, metadata: {name: app, namespace: {{Namespace}}},
         spec: {actionJob: {command: [sh, -c], args: ["{{script}}"]} } }
        """);

    /// <summary>All Jobs of its namespace.</summary>
    public async Task<IReadOnlyList<JsonObject>> JobsAsync()
    {
        using var client = TestCluster.Client();
        return (await client.ListAsync(KubeResource.Jobs, Namespace, labelSelector: null, fieldSelector: null, default)).Value!.Items;
    }
}
