using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Cli.Demo;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Resources.Manifests;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;
using Xunit;

namespace Pushcart.Tests.Support;

/// <summary>
/// The whole product on real tables and queues, a real git server and real child processes, without a host: a test makes each step itself,
/// so that it is explicit and can be counted. The product's clock stands until the test moves it; runs, being other processes, keep real time.
/// </summary>
public sealed class InstallationOnAzurite : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(90);

    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-installation-").FullName;
    private readonly string _connection;
    private readonly string _prefix;
    private readonly IConfigurationRoot _configuration;
    private readonly List<InstallationProcess> _processes = [];
    private readonly StorageClients _storage;
    private readonly JobStore _jobs;

    private InstallationOnAzurite(string connection, IEnumerable<(string Key, string? Value)> settings, GitHttpBackendOptions git)
    {
        _connection = connection;
        _prefix = "t" + Chance.System.NewId()[..12];
        var given = new Dictionary<string, string?> { ["AzureWebJobsStorage"] = connection, ["Storage:Prefix"] = _prefix };
        foreach (var (key, value) in settings)
        {
            given[key] = value;
        }

        _configuration = new ConfigurationBuilder().AddInMemoryCollection(given).Build();
        _storage = new(new StorageConnection(connection), new StorageSettings { Prefix = _prefix }, TimeProvider.System, new SocketsHttpHandler(), []);
        _jobs = new(Live, new Transitions(new JobSettings()), NullLogger<JobStore>.Instance);
        Repository = TestRepository.Create(root: Directory.CreateDirectory(Path.Combine(_folder, "git")).FullName);
        Git = GitHttpBackend.Start(Repository.Root, git with { Intercept = async (context, stop) => OnGitRequest is { } handle && await handle(context, stop) });
    }

    /// <summary>
    /// The product's clock. It begins ahead of the real one, so that no run, which keeps real time, finds its claim too old because a slow test has not moved it.
    /// </summary>
    public ManualTime Time { get; } = new(TimeProvider.System.GetUtcNow().AddMinutes(5));

    /// <summary>The repository <c>app.git</c>.</summary>
    public TestRepository Repository { get; }

    /// <summary>The git server.</summary>
    public GitHttpBackend Git { get; }

    /// <summary>Address of <see cref="Repository"/>.</summary>
    public string Uri => Git.UriOf(Repository.Name);

    /// <summary>Sees each request of anybody to the git server; true: it has answered.</summary>
    public Func<System.Net.HttpListenerContext, CancellationToken, Task<bool>>? OnGitRequest { get; set; }

    /// <summary>The process that all steps are made in, where no other is named.</summary>
    public InstallationProcess Process => _processes[0];

    /// <summary>Where runs are.</summary>
    public string Runs => Path.Combine(_folder, ".pushcart", "runs");

    /// <summary>Names of the runs that have a directory, in order.</summary>
    public IReadOnlyList<string> RunDirectories() => !Directory.Exists(Runs) ? []
        : [.. new DirectoryInfo(Runs).EnumerateDirectories().Select(d => d.Name).Where(n => n[0] != '.').Order(StringComparer.Ordinal)];

    /// <summary>Path of a file beside the runs, by which a test talks to them.</summary>
    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>A script that waits until <see cref="LetGo"/> is called.</summary>
    public string WaitsFor(string file) => $"until [ -e '{PathOf(file)}' ]; do sleep 0.02; done";

    /// <summary>Lets runs go on that wait.</summary>
    public void LetGo(string file) => File.WriteAllText(PathOf(file), "");

    /// <summary>The table <c>live</c>, not counted.</summary>
    public Table Live => _storage.Table(TableNames.Live);

    /// <summary>Finished jobs, not counted.</summary>
    public History History => new(_storage.Table(TableNames.History));

    /// <summary>An installation with its tables and queues.</summary>
    /// <param name="azurite">Storage.</param>
    /// <param name="settings">Settings besides storage.</param>
    /// <param name="git">Settings of the git server.</param>
    /// <param name="change">Changes the services of its first process.</param>
    public static async Task<InstallationOnAzurite> StartAsync(
        AzuriteFixture azurite,
        IEnumerable<(string Key, string? Value)>? settings = null,
        GitHttpBackendOptions? git = null,
        Action<IServiceCollection>? change = null)
    {
        ArgumentNullException.ThrowIfNull(azurite);
        var installation = new InstallationOnAzurite(azurite.ConnectionString, settings ?? [], git ?? new());
        await installation._storage.CreateAsync(CancellationToken.None);
        installation.NewProcess(change);
        return installation;
    }

    /// <summary>One more process of this installation: beside the first, or after its death.</summary>
    public InstallationProcess NewProcess(Action<IServiceCollection>? change = null)
    {
        var process = new InstallationProcess(_prefix, _folder, Time, (key, value) => _configuration[key] = value, _configuration, change);
        _processes.Add(process);
        return process;
    }

    /// <summary>One more repository on the git server.</summary>
    public TestRepository NewRepository(string name) => TestRepository.Create(name, Repository.Root);

    /// <summary>A table of this installation, not counted.</summary>
    public Table Table(string name) => _storage.Table(name);

    /// <summary>Applies manifests that must be right.</summary>
    public Task<ApplyResult> ApplyAsync(params string[] manifests) => ApplyAsync(prune: false, manifests);

    /// <summary>Applies manifests that must be right; prune: every other resource goes.</summary>
    public async Task<ApplyResult> ApplyAsync(bool prune, params string[] manifests)
    {
        var result = await Process.Get<Applying>().ApplyAsync(Read(manifests), prune, CancellationToken.None);
        Assert.Empty(result.Errors);
        return result;
    }

    /// <summary>Reads manifests that must be right.</summary>
    public IReadOnlyList<Manifest> Read(params string[] manifests)
    {
        var set = ManifestReader.Read(string.Join("\n---\n", manifests), "test.yaml", Time.GetUtcNow());
        Assert.True(set.Errors.Count == 0, string.Join('\n', set.Errors));
        return set.Manifests;
    }

    /// <summary>A tick of Poll.</summary>
    public Task PollAsync(InstallationProcess? process = null) => (process ?? Process).Get<Polling>().TickAsync(CancellationToken.None);

    /// <summary>A pass of Observe.</summary>
    public Task ObserveAsync(InstallationProcess? process = null) => (process ?? Process).Get<Observing>().PassAsync(CancellationToken.None);

    /// <summary>Handles every message of <c>checks</c> that can be seen.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> DeliverChecksAsync(InstallationProcess? process = null) => DeliverAsync(QueueNames.Checks, process ?? Process, (p, text) => p.Get<Checking>().HandleAsync(text, CancellationToken.None));

    /// <summary>Handles every message of <c>jobs</c> that can be seen.</summary>
    /// <returns>How many there were.</returns>
    public Task<int> DeliverJobsAsync(InstallationProcess? process = null) => DeliverAsync(QueueNames.Jobs, process ?? Process, (p, text) => p.Get<Claiming>().HandleAsync(text, CancellationToken.None));

    /// <summary>Takes the messages of a queue that can be seen out of it.</summary>
    public async Task<IReadOnlyList<string>> TakeAsync(string queue)
    {
        var client = Queue(queue);
        var taken = new List<string>();
        while ((await client.ReceiveMessagesAsync(32)).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                taken.Add(message.MessageText);
                await client.DeleteMessageAsync(message.MessageId, message.PopReceipt);
            }
        }

        return taken;
    }

    /// <summary>Sends a message.</summary>
    public Task SendAsync(string queue, string text) => Queue(queue).SendMessageAsync(text);

    /// <summary>Moves the clock on, makes a tick, and handles the checks that it sent.</summary>
    /// <param name="after">How long after; null: 10 min, the interval of tests' triggers.</param>
    public async Task CheckAgainAsync(TimeSpan? after = null)
    {
        Time.Advance(after ?? TimeSpan.FromMinutes(10));
        await PollAsync();
        await DeliverChecksAsync();
    }

    /// <summary>Delivers jobs and observes, over and over, until a condition holds.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="step">How far the clock moves each time; null: not at all.</param>
    /// <param name="process">Which process does it.</param>
    public async Task UntilAsync(Func<Task<bool>> condition, TimeSpan? step = null, InstallationProcess? process = null)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < s_patience, $"It did not come about. {await DescribeAsync()}");
            await DeliverJobsAsync(process);
            await ObserveAsync(process);
            Time.Advance(step ?? TimeSpan.Zero);
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Waits for something that other processes do.</summary>
    public async Task WaitAsync(Func<Task<bool>> condition)
    {
        var since = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(since) < s_patience, $"It did not come about. {await DescribeAsync()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Runs everything that is alive to its end, and gives all of history, oldest first.</summary>
    public async Task<IReadOnlyList<FinishedJob>> FinishAsync(TimeSpan? step = null)
    {
        await UntilAsync(async () => (await JobsAsync()).Count == 0, step ?? TimeSpan.FromSeconds(1));
        return await FinishedAsync();
    }

    /// <summary>Live jobs, oldest first, without what they were submitted with.</summary>
    public Task<List<Job>> JobsAsync() => _jobs.AllAsync(filter: null, CancellationToken.None);

    /// <summary>The only live job.</summary>
    public async Task<Job> JobAsync() => Assert.Single(await JobsAsync());

    /// <summary>Slots that are held.</summary>
    public async Task<IReadOnlyCollection<string>> SlotsAsync() => (await _jobs.SlotsAsync(CancellationToken.None)).Keys;

    /// <summary>All of history, oldest first.</summary>
    public async Task<IReadOnlyList<FinishedJob>> FinishedAsync() => [.. (await History.PageAsync(1000, null, CancellationToken.None)).Jobs.Reverse()];

    /// <summary>Rows of sources.</summary>
    public Task<List<SourceState>> SourcesAsync() => new LiveSources(Live).AllAsync(CancellationToken.None);

    /// <summary>The only row of a source.</summary>
    public async Task<SourceState> SourceAsync() => Assert.Single(await SourcesAsync());

    /// <summary>Owed checks.</summary>
    public Task<List<OwedTask>> TasksAsync() => new LiveSources(Live).TasksAsync(action: null, source: null, CancellationToken.None);

    /// <summary>Dead letters of a queue.</summary>
    public async Task<IReadOnlyList<Azure.Data.Tables.TableEntity>> DeadAsync(string queue)
    {
        var rows = new List<Azure.Data.Tables.TableEntity>();
        await foreach (var row in Table(TableNames.Dead).QueryAsync($"PartitionKey eq '{queue}'", select: null, CancellationToken.None))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>How many messages there are in a queue, hidden ones too.</summary>
    public Task<int> LengthAsync(string queue) => _storage.Queue(queue).LengthAsync(CancellationToken.None);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        await Git.DisposeAsync();
        InstallationRuns.EndAll(_folder);
        await InstallationRuns.DeleteAsync(_folder);
    }

    private async Task<int> DeliverAsync(string name, InstallationProcess process, Func<InstallationProcess, string, Task> handle)
    {
        var client = Queue(name);
        var count = 0;
        while ((await client.ReceiveMessagesAsync(32, TimeSpan.FromMinutes(5))).Value is { Length: > 0 } messages)
        {
            foreach (var message in messages)
            {
                Assert.True(++count < 500, $"The queue {name} does not become empty. {await DescribeAsync()}");
                process.Storage.Note("receive", name);
                try
                {
                    await handle(process, message.MessageText);
                }
                catch (Exception)
                {
                    // As with a host whose function failed: the message comes back.
                    await client.UpdateMessageAsync(message.MessageId, message.PopReceipt, message.MessageText, TimeSpan.Zero);
                    throw;
                }

                process.Storage.Note("delete", name);
                await client.DeleteMessageAsync(message.MessageId, message.PopReceipt);
            }
        }

        return count;
    }

    private QueueClient Queue(string name) => new(_connection, _prefix + name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.None });

    private async Task<string> DescribeAsync() =>
        $"Jobs: {string.Join("; ", await JobsAsync())}\nHistory: {string.Join("; ", (await FinishedAsync()).Select(f => $"{f.Job.Id} {f.Job.Outcome} {f.Job.Reason}"))}\n"
        + $"Sources: {string.Join("; ", await SourcesAsync())}\n{string.Join('\n', _processes.Select(p => p.Log.Text))}";
}
