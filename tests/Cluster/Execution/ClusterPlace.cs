using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Cli.Demo;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Execution;

/// <summary>A namespace, and a repository that its pods can reach.</summary>
public sealed class ClusterPlace : IAsyncLifetime
{
    public const string Installation = "installation-1";

    private static int s_names;

    private readonly TestNamespace _namespace = new();
    private readonly ConcurrentDictionary<string, bool> _open = new();
    private TestRepository? _repository;
    private GitHttpBackend? _server;
    private PodReach? _relay;
    private PodReach? _gate;
    private KubeClient? _client;

    /// <summary>Credentials that the server insists on.</summary>
    public static GitAuth Auth { get; } = new BasicAuth("reader", "s3cr3t \"of\" the \\clone");

    /// <summary>An image that has sh and git.</summary>
    public static string Image { get; } = TestCluster.Image;

    public string Namespace => _namespace.Name;

    public KubeClient Client => _client!;

    public TestRepository Repository => _repository!;

    public GitEndpoint Endpoint => new($"http://{PodReach.Host}:{_relay!.Port}/{Repository.Name}") { Auth = Auth };

    public async Task InitializeAsync()
    {
        await _namespace.InitializeAsync();
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        _client = TestCluster.Client();
        _repository = TestRepository.Create();
        _server = GitHttpBackend.Start(_repository.Root, new() { Authorization = Auth.Header });
        _relay = PodReach.Relay(new Uri(_server.UriOf("")));
        _gate = PodReach.Gate(_open);
    }

    public KubernetesExecutor NewExecutor(KubeClient? client = null) => new(
        client ?? Client, new KubernetesExecutorOptions(), _ => Task.FromResult(Installation), TimeProvider.System, NullLogger<KubernetesExecutor>.Instance);

    /// <summary>A run that clones a new commit and runs a script.</summary>
    /// <param name="name">Begins its name.</param>
    /// <param name="script">For <c>sh</c>.</param>
    public RunSpec Spec(string name, string script)
    {
        var id = $"{Chance.System.NewId()[..10]}{Interlocked.Increment(ref s_names)}";
        return Adapted(new RunSpec
        {
            Key = new(Namespace, $"{name}-{id}-1", id, 1),
            Installation = Installation,
            ClaimKey = "claim",
            CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(20),
            Checkout = new() { Endpoint = Endpoint, Commit = Repository.Commit("readme", "x"), Reference = "refs/heads/main" },
            Command = ["sh", "-c", script],
            WorkdirVariable = "ACTION_JOB_WORKDIR",
            Workdir = "/action_workdir",
            Image = Image,
            Deadline = TimeSpan.FromMinutes(2),
            Ttl = TimeSpan.FromDays(7),
        });
    }

    /// <summary>Names its images, ends soon when it is told to, and makes the file <c>go</c> when <see cref="Open"/> says so, where its script waits for that.</summary>
    public RunSpec Adapted(RunSpec spec)
    {
        var script = spec.Command[^1];
        var wait = $"( until [ \"$(echo {spec.Key.Name} | nc -w 2 {PodReach.Host} {_gate!.Port})\" = go ]; do sleep 0.2; done; : > go ) & ";
        return spec with
        {
            Command = [.. spec.Command.SkipLast(1), script.Contains("[ -e go ]", StringComparison.Ordinal) ? wait + script : script],
            ClonerImage = Image,
            PodTemplate = new() { ["spec"] = new System.Text.Json.Nodes.JsonObject { ["terminationGracePeriodSeconds"] = 2 } },
        };
    }

    public void Open(RunKey key) => _open[key.Name] = true;

    public async Task DisposeAsync()
    {
        await _namespace.DisposeAsync();
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        await _relay!.DisposeAsync();
        await _gate!.DisposeAsync();
        await _server!.DisposeAsync();
        _repository!.Dispose();
        _client!.Dispose();
    }
}
