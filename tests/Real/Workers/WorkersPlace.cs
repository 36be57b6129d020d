using System.Net;
using System.Text.Json;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>A host with a source and actions that ask for workers. Jobs are asked for with a commit, so that no git is needed.</summary>
internal sealed class WorkersPlace : IAsyncDisposable
{
    private readonly List<TestWorker> _workers = [];

    private WorkersPlace(HostPlace place, HostProcess host) => (Place, Host) = (place, host);

    public HostPlace Place { get; }

    public HostProcess Host { get; }

    public static async Task<WorkersPlace> StartAsync(AzuriteFixture azurite, params (string Key, string Value)[] settings)
    {
        var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Jobs__Lease"] = "20s";
        foreach (var (key, value) in settings)
        {
            place.Settings[key] = value;
        }

        var here = new WorkersPlace(place, await place.StartLiveAsync());
        await here.ApplyAsync(InstallationManifests.Source("app", "https://git.example.com/app.git"), Action("edge", "worker: {name: edge}"));
        return here;
    }

    /// <summary>An action that asks for a worker.</summary>
    public static string Action(string name, string more, string ns = "default") => InstallationManifests.Action(name, more: $", actionImage: busybox, {more}", ns: ns);

    public async Task<JsonElement> ApplyAsync(params string[] manifests)
    {
        var (status, json) = await Host.Client.SendAsync(HttpMethod.Post, "api/apply", string.Join("\n---\n", manifests));
        Assert.True(status == HttpStatusCode.OK, json.ToString());
        return json;
    }

    /// <summary>Submits a job, and gives its id.</summary>
    public async Task<string> SubmitAsync(string action = "edge", string ns = "default")
    {
        var body = JsonSerializer.Serialize(new { @namespace = ns, action = new { name = action }, source = new { name = "app" }, commit = new string('a', 40) });
        var (status, json) = await Host.Client.SendAsync(HttpMethod.Post, "api/jobs", body);
        Assert.True(status == HttpStatusCode.Created, json.ToString());
        return json.Text("id")!;
    }

    public async Task<JsonElement> JobAsync(string id) => (await Host.Client.SendAsync(HttpMethod.Get, $"api/jobs/{id}")).Json;

    public async Task<string> StateAsync(string id) => (await JobAsync(id)).Text("state")!;

    /// <summary>Waits until a job has a state.</summary>
    public Task UntilAsync(string id, string state) => UntilAsync(async () => await StateAsync(id) == state, async () => (await JobAsync(id)).ToString());

    /// <summary>Waits for a condition.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, Func<Task<string>>? describe = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(60), $"It did not come about. {(describe is null ? "" : await describe())}\n{Host.Text}");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    /// <summary>Adds a worker, and gives its registration token.</summary>
    public async Task<string> AddAsync(string name, object? body = null)
    {
        var added = await Host.AskAsync(Host.AdminToken, "POST", "api/workers", body ?? new { name });
        Assert.True(added.Status == HttpStatusCode.Created, added.Json.ToString());
        return added.Text("registrationToken")!;
    }

    public TestWorker New(string name)
    {
        _workers.Add(new(Host, name));
        return _workers[^1];
    }

    /// <summary>A worker that an admin has added, and that has registered.</summary>
    public async Task<TestWorker> RegisteredAsync(string name = "edge", Action<TestWorker>? with = null)
    {
        var worker = New(name);
        with?.Invoke(worker);
        var answer = await worker.RegisterAsync(await AddAsync(name));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        return worker;
    }

    /// <summary>A worker that has checked in with a service token.</summary>
    public async Task<TestWorker> WithServiceTokenAsync(string name, string[]? namespaces = null, Action<TestWorker>? with = null)
    {
        var worker = New(name);
        worker.Token = (await Host.TokenAsync($"worker {name}", ["worker"], namespaces)).Value;
        with?.Invoke(worker);
        var answer = await worker.CheckInAsync();
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        return worker;
    }

    public async Task<WorkerView> WorkerAsync(string name) => WireJson.Read<WorkerView>((await Host.AskAsync(Host.AdminToken, "GET", $"api/workers/{name}")).Json.ToString());

    public async ValueTask DisposeAsync()
    {
        _workers.ForEach(worker => worker.Dispose());
        await Place.DisposeAsync();
    }
}
