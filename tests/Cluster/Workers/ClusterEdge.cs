using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pushcart.Cli.Demo;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Workers;

/// <summary>
/// A server without an executor, with its state in Azurite, that knows nothing of the cluster; a namespace of the cluster, which holds the secret of a source; and workers between the two.
/// A job's work says so, and goes on until a test lets it end.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "who uses it ends what it began")]
internal sealed class ClusterEdge : IAsyncLifetime
{
    /// <summary>What the git server insists on. Only the cluster has it.</summary>
    public const string GitToken = "Bearer s3cr3t-of-the-cluster";

    private readonly TestNamespace _namespace = new();
    private readonly AzuriteFixture _azurite = new();
    private readonly ConcurrentDictionary<string, bool> _open = new();
    private readonly List<HostProcess> _workers = [];
    private TestRepository? _repository;
    private GitHttpBackend? _git;
    private PodReach? _gitForPods;
    private PodReach? _gate;
    private HostPlace? _place;
    private KubeClient? _client;
    private string _commit = "";

    public string Namespace => _namespace.Name;

    public HostPlace Place => _place!;

    public HostProcess Host { get; private set; } = null!;

    /// <summary>The cluster, by the kubeconfig of the tests.</summary>
    public KubeClient Client => _client!;

    /// <summary>Where workers of this machine work: their state and tokens.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("pushcart-edge-").FullName;

    public async Task InitializeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        await _namespace.InitializeAsync();
        await _azurite.InitializeAsync();
        _client = TestCluster.Client();
        _repository = TestRepository.Create();
        _commit = _repository.Commit("readme", "hello");
        _git = GitHttpBackend.Start(_repository.Root, new() { Authorization = GitToken });
        _gitForPods = PodReach.Relay(new Uri(_git.UriOf("")));
        _gate = PodReach.Gate(_open);
        await CreateSecretAsync(Namespace, "git", "token", GitToken);
        _place = new(_azurite.ConnectionString);
        foreach (var (key, value) in new[] { ("Executor", "none"), ("Jobs__Lease", "10s"), ("Jobs__CreateWithin", "4s"), ("Jobs__CreateTimeout", "4s") })
        {
            _place.Settings[key] = value;
        }

        Host = await _place.StartLiveAsync();
        var (status, json) = await Host.Client.SendAsync(HttpMethod.Post, "api/apply", Manifests());
        Assert.True(status == HttpStatusCode.OK, json.ToString());
    }

    public async Task DisposeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _place!.DisposeAsync();
        await _namespace.DisposeAsync();
        await _gitForPods!.DisposeAsync();
        await _gate!.DisposeAsync();
        await _git!.DisposeAsync();
        _repository!.Dispose();
        _client!.Dispose();
        await _azurite.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Makes a Secret of the cluster.</summary>
    public async Task CreateSecretAsync(string ns, string name, string key, string value)
    {
        var secret = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = name }, ["stringData"] = new JsonObject { [key] = value } };
        Assert.Null((await Client.CreateAsync(KubeResource.Secrets, ns, secret, sendBefore: null, default)).Failure);
    }

    /// <summary>Submits a job that asks for the worker <c>edge</c>.</summary>
    public async Task<string> SubmitAsync()
    {
        var body = JsonSerializer.Serialize(new { @namespace = Namespace, action = new { name = "show" }, source = new { name = "app" }, commit = _commit });
        var (status, json) = await Host.Client.SendAsync(HttpMethod.Post, "api/jobs", body);
        Assert.True(status == HttpStatusCode.Created, json.ToString());
        return json.Text("id")!;
    }

    /// <summary>Lets the work of a job end.</summary>
    public void Open(string job) => _open[job] = true;

    public async Task<JsonElement> JobAsync(string id) => (await Host.Client.SendAsync(HttpMethod.Get, $"api/jobs/{id}")).Json;

    public async Task<string> StateAsync(string id) => (await JobAsync(id)).Text("state")!;

    public Task UntilAsync(string id, string state) => UntilAsync(async () => await StateAsync(id) == state, $"job {id} {state}");

    public async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 120)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(seconds), $"not in {seconds} s: {what}\n{string.Join("\n\n", _workers.Select(w => w.Text))}\n\n{Host.Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>All Jobs of a job.</summary>
    public async Task<IReadOnlyList<JsonObject>> JobsAsync(string id) =>
        (await Client.ListAsync(KubeResource.Jobs, Namespace, $"pushcart.dev/job-id={id}", fieldSelector: null, default)).Value!.Items;

    /// <summary>All pods of a job.</summary>
    public async Task<IReadOnlyList<JsonObject>> PodsAsync(string id) =>
        (await Client.ListAsync(KubeResource.Pods, Namespace, $"pushcart.dev/job-id={id}", fieldSelector: null, default)).Value!.Items;

    /// <summary>Waits until the one Job of a job has a pod at work.</summary>
    public async Task<JsonObject> AtWorkAsync(string id)
    {
        await UntilAsync(id, "running");
        await UntilAsync(async () => (await PodsAsync(id)).Any(p => p["status"]?["phase"]?.GetValue<string>() == "Running"), $"the pod of {id}");
        return Assert.Single(await JobsAsync(id));
    }

    /// <summary>Runs a command of the command line.</summary>
    public async Task<HostProcess> CommandAsync(params string[] words)
    {
        var command = HostProcess.Start(Host.Folder, [], [.. words, "--server", Host.Client.BaseAddress!.ToString()], program: Cli);
        var exit = await command.ExitAsync();
        Assert.True(exit == 0, command.Text);
        return command;
    }

    /// <summary>Starts a worker of this machine, with the kubeconfig of the tests. Its registration token is that of <see cref="AddAsync"/>, or its state is enough.</summary>
    public HostProcess Start(params string[] flags)
    {
        string[] cluster = ["--executor", "kubernetes", "--kubeconfig", TestCluster.Kubeconfig!, "--kube-context", TestCluster.Connect().Context!];
        _workers.Add(HostProcess.Start(Folder, [], ["worker", "--server", Host.Client.BaseAddress!.ToString(), "--name", "edge", .. cluster, .. Times, .. flags], program: Cli));
        return _workers[^1];
    }

    /// <summary>Adds the worker, starts it and waits until it has registered.</summary>
    public async Task<HostProcess> RegisteredAsync(params string[] flags)
    {
        var file = Path.Combine(Folder, "registration");
        await File.WriteAllTextAsync(file, await AddAsync());
        var worker = Start(["--registration-token-file", file, .. flags]);
        await worker.LineAsync("checked in as edge");
        return worker;
    }

    /// <summary>Adds the worker; gives its registration token.</summary>
    public async Task<string> AddAsync() => (await CommandAsync("workers", "add", "edge")).Lines.Single(l => l.StartsWith("pcr_", StringComparison.Ordinal));

    /// <summary>Times under which nobody waits for minutes.</summary>
    public static IReadOnlyList<string> Times { get; } =
    [
        "--look", "200ms", "--busy-pace", "100ms", "--quiet-pace", "1s", "--long-poll", "2s", "--link-timeout", "3s", "--link-back-off", "1s", "--start-anew", "9s", "--check-in-interval", "1s",
    ];

    private string Manifests()
    {
        var script = $"echo at work on $(cat readme); until [ \"$(echo $ACTION_JOB_JOB_ID | nc -w 2 {PodReach.Host} {_gate!.Port})\" = go ]; do sleep 0.2; done; echo done";
        return string.Join(
            "\n---\n",
            InstallationManifests.Defaults($"actionImage: \"{TestCluster.Image}\", clonerImage: \"{TestCluster.Image}\""),
            InstallationManifests.Source("app", $"http://{PodReach.Host}:{_gitForPods!.Port}/{_repository!.Name}", ", authConfig: {type: token, secretRef: {name: git} }", Namespace),
            InstallationManifests.Action("show", script, ", worker: {name: edge}, podTemplate: {spec: {terminationGracePeriodSeconds: 2} }", Namespace));
    }

    private static string Cli => HostProcess.Program("cli", "Pushcart.Cli.dll");
}
