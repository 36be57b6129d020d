using System.Text.Json;
using Pushcart.Cli.Demo;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers.Working;

/// <summary>
/// A host on Azurite, a repository, and workers that are processes of their own and reach the host by a proxy. A job's work notes the job's id in a file, and goes on until another file is there.
/// </summary>
internal sealed class EdgePlace : IAsyncDisposable
{
    private readonly List<HostProcess> _workers = [];
    private readonly TestRepository _repository = TestRepository.Create();
    private readonly GitHttpBackend _git;
    private string _commit = "";

    private EdgePlace(AzuriteFixture azurite)
    {
        _git = GitHttpBackend.Start(_repository.Root);
        Place = new(azurite.ConnectionString);
    }

    public HostPlace Place { get; }

    public HostProcess Host { get; private set; } = null!;

    public LinkProxy Link { get; private set; } = null!;

    /// <summary>Where workers work: their state, runs and tokens.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("pushcart-edge-").FullName;

    /// <summary>Ids of jobs, one for each time that one was at work.</summary>
    public IReadOnlyList<string> Worked => File.Exists(Path.Combine(Folder, "ledger")) ? File.ReadAllLines(Path.Combine(Folder, "ledger")) : [];

    private string Gate => Path.Combine(Folder, "gate");

    public static async Task<EdgePlace> StartAsync(AzuriteFixture azurite, string job = "")
    {
        var here = new EdgePlace(azurite);
        foreach (var (key, value) in new[] { ("Jobs__Lease", "8s"), ("Jobs__CreateWithin", "3s"), ("Jobs__CreateTimeout", "3s"), ("Workers__TokenLife", "16s") })
        {
            here.Place.Settings[key] = value;
        }

        here._commit = here._repository.Commit("readme", "first");
        here.Host = await here.Place.StartLiveAsync();
        here.Link = new(here.Host.Client.BaseAddress!);
        var script = $"echo $ACTION_JOB_JOB_ID >> {here.Folder}/ledger; echo at work; while [ ! -f {here.Gate} ]; do sleep 0.1; done; echo done";
        var manifests = string.Join("\n---\n", InstallationManifests.Source("app", here._git.UriOf(here._repository.Name)), InstallationManifests.Action("edge", script, ", worker: {name: edge}" + job));
        var (status, json) = await here.Host.Client.SendAsync(HttpMethod.Post, "api/apply", manifests);
        Assert.True(status == System.Net.HttpStatusCode.OK, json.ToString());
        return here;
    }

    /// <summary>Lets the work end.</summary>
    public void Open() => File.WriteAllText(Gate, "");

    public async Task<string> SubmitAsync()
    {
        var body = JsonSerializer.Serialize(new { @namespace = "default", action = new { name = "edge" }, source = new { name = "app" }, commit = _commit });
        var (status, json) = await Host.Client.SendAsync(HttpMethod.Post, "api/jobs", body);
        Assert.True(status == System.Net.HttpStatusCode.Created, json.ToString());
        return json.GetProperty("id").GetString()!;
    }

    public async Task<IReadOnlyList<string>> SubmitAsync(int count)
    {
        var ids = new List<string>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(await SubmitAsync());
        }

        return ids;
    }

    /// <summary>State and outcome of a job, in one word.</summary>
    public async Task<string> StateAsync(string id)
    {
        var (_, job) = await Host.Client.SendAsync(HttpMethod.Get, $"api/jobs/{id}");
        return job.TryGetProperty("outcome", out var outcome) && outcome.ValueKind == JsonValueKind.String ? outcome.GetString()! : job.GetProperty("state").GetString()!;
    }

    /// <summary>A worker as the command line shows it.</summary>
    public async Task<WorkerView> WorkerAsync(string name = "edge") => WireJson.Read<WorkerView>(string.Join('\n', (await CommandAsync("workers", "get", name, "-o", "json")).Ended.Lines));

    /// <summary>Waits until all of them are so.</summary>
    public Task UntilAsync(IReadOnlyList<string> jobs, string state) => UntilAsync(async () =>
    {
        foreach (var job in jobs)
        {
            if (await StateAsync(job) != state)
            {
                return false;
            }
        }

        return true;
    }, $"{jobs.Count} jobs {state}");

    public async Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 120)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(seconds), $"not in {seconds} s: {what}\n{string.Join("\n\n", _workers.Select(w => w.Text))}\n\n{Host.Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>Lets the link be away for so long.</summary>
    public async Task AwayAsync(LinkState state, int seconds)
    {
        Link.Become(state);
        await Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        Link.Become(LinkState.Open);
    }

    /// <summary>Runs a command of the command line.</summary>
    public async Task<(int Exit, HostProcess Ended)> CommandAsync(params string[] words)
    {
        var command = HostProcess.Start(Host.Folder, [], [.. words, "--server", Host.Client.BaseAddress!.ToString()], program: Cli);
        return (await command.ExitAsync(), command);
    }

    /// <summary>Adds a worker by the command line; its registration token lies in a file then.</summary>
    public async Task<string> AddAsync(string name = "edge", params string[] more)
    {
        var (exit, ended) = await CommandAsync(["workers", "add", name, .. more]);
        Assert.True(exit == 0, ended.Text);
        var file = Path.Combine(Folder, $"registration-{name}");
        await File.WriteAllTextAsync(file, ended.Lines.Single(l => l.StartsWith("pcr_", StringComparison.Ordinal)));
        return file;
    }

    /// <summary>Starts a worker.</summary>
    public HostProcess Start(params string[] flags) => Start([], flags);

    public HostProcess Start(Dictionary<string, string?> variables, params string[] flags)
    {
        string[] times =
        [
            "--look", "200ms", "--busy-pace", "100ms", "--quiet-pace", "1s", "--long-poll", "2s", "--link-timeout", "3s", "--link-back-off", "1s",
            "--create-timeout", "10s", "--start-anew", "7s", "--check-in-interval", "1s",
        ];
        var named = flags.Contains("--name") ? [] : new[] { "--name", "edge" };
        _workers.Add(HostProcess.Start(Folder, variables, ["worker", "--executor", "process", "--server", Link.Address.ToString(), .. named, .. times, .. flags], program: Cli));
        return _workers[^1];
    }

    /// <summary>Starts one that is added and registers, and waits until it has.</summary>
    public async Task<HostProcess> RegisteredAsync(params string[] flags)
    {
        var worker = Start(["--registration-token-file", await AddAsync(), .. flags]);
        await worker.LineAsync("checked in as edge");
        return worker;
    }

    public async ValueTask DisposeAsync()
    {
        Open();
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        foreach (var process in HostProcesses.Of(Folder))
        {
            HostProcesses.Kill(process);
        }

        await Link.DisposeAsync();
        await Place.DisposeAsync();
        await _git.DisposeAsync();
        _repository.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static string Cli => HostProcess.Program("cli", "Pushcart.Cli.dll");
}
