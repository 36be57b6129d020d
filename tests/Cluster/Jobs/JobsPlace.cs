using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Steering;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Cluster.Jobs;

/// <summary>An installation whose jobs run in a namespace of the tests' cluster; each step is made by the test.</summary>
internal sealed class JobsPlace : IAsyncDisposable
{
    private readonly TestNamespace _namespace = new();
    private PodReach? _relay;

    /// <summary>The way to the cluster.</summary>
    public CountedCluster Cluster { get; } = new();

    /// <summary>The installation.</summary>
    public InstallationOnAzurite Here { get; private set; } = null!;

    /// <summary>The namespace.</summary>
    public string Namespace => _namespace.Name;

    /// <summary>Starts it, with a source <c>app</c> that asks for credentials.</summary>
    /// <param name="azurite">Storage.</param>
    /// <param name="pods">False: no pod can be created, and a Job ends when the test says so.</param>
    /// <param name="most">How many jobs may run at once.</param>
    public static async Task<JobsPlace> StartAsync(AzuriteFixture azurite, bool pods, int most = 16)
    {
        const string Authorization = "Bearer s3cr3t";
        var place = new JobsPlace();
        await place._namespace.InitializeAsync();
        place.Here = await InstallationOnAzurite.StartAsync(
            azurite,
            [("Secrets:From", "configuration"), ($"Secrets:{place.Namespace}:git:token", Authorization)],
            new() { Authorization = Authorization },
            place.Use);
        place._relay = PodReach.Relay(new Uri(place.Here.Git.UriOf("")));
        if (!pods)
        {
            using var client = TestCluster.Client();
            var quota = (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"none"},"spec":{"hard":{"pods":"0"}}}""")!;
            Assert.Null((await client.CreateAsync(new KubeResource("", "v1", "resourcequotas"), place.Namespace, quota, null, default)).Failure);
        }

        await place.Here.ApplyAsync(
            Defaults($"""maxRunningJobs: {most}, actionImage: "{TestCluster.Image}", clonerImage: "{TestCluster.Image}" """),
            Source("app", $"http://{PodReach.Host}:{place._relay.Port}/{place.Here.Repository.Name}", ", authConfig: {type: token, secretRef: {name: git} }", place.Namespace));
        return place;
    }

    /// <summary>Lets a process of the installation run its jobs here.</summary>
    public void Use(IServiceCollection services) => services.AddSingleton<IExecutor>(s => new KubernetesExecutor(
        Cluster.Client(), new(), s.GetRequiredService<Installation>().IdAsync, TimeProvider.System, NullLogger<KubernetesExecutor>.Instance));

    /// <summary>Asks for jobs, as an API does, at commits that nobody looks for.</summary>
    public async Task RequestAsync(int count, string action)
    {
        var requesting = Here.Process.Get<Requesting>();
        for (var n = 0; n < count; n++)
        {
            var request = new JobRequest(
                $"r{n}", "body", Namespace, new(ResourceKind.Action, Namespace, action), new(ResourceKind.GitRepo, Namespace, "app"),
                new(ReferenceType.Branch, "main"), n.ToString("x40", System.Globalization.CultureInfo.InvariantCulture), "a test");
            Assert.True((await requesting.RequestAsync(request, default)).Value is { IsNew: true });
        }
    }

    /// <summary>Names of the Jobs that are there.</summary>
    public async Task<IReadOnlyList<string>> JobsAsync()
    {
        using var client = TestCluster.Client();
        return [.. (await client.ListAsync(KubeResource.Jobs, Namespace, labelSelector: null, fieldSelector: null, default)).Value!.Items.Select(job => job["metadata"]!["name"]!.GetValue<string>())];
    }

    /// <summary>Live jobs that hold a slot.</summary>
    public async Task<IReadOnlyList<Job>> AtWorkAsync() => [.. (await Here.JobsAsync()).Where(job => job.State is JobState.Claimed or JobState.Running)];

    public async ValueTask DisposeAsync()
    {
        await Here.DisposeAsync();
        await _relay!.DisposeAsync();
        Cluster.Dispose();
        await _namespace.DisposeAsync();
    }
}
