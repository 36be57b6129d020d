using System.Diagnostics.CodeAnalysis;
using Azure;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Live;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Tests.Unit.Simulation.Workers;
using Pushcart.Tokens;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;
using Pushcart.Workers.Serving;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>One process of the product: the real code, on a network, an executor, a clock and chance that are simulated.</summary>
[SuppressMessage("Design", "CA1001", Justification = "a process that dies leaves everything as it is")]
internal sealed class Process : Machine
{
    private const string Storage = "DefaultEndpointsProtocol=http;AccountName=sim;AccountKey=a2V5;TableEndpoint=http://tables.sim/;QueueEndpoint=http://queues.sim/";
    private readonly Simulation sim;
    private readonly StorageClients storage;
    private readonly CancellationTokenSource stopping = new();

    public Process(Simulation sim, string name, TimeSpan clockOff)
        : base(sim, name, sim.Dice.Fork(), clockOff)
    {
        this.sim = sim;
        var (time, dice) = (Time, Dice);
        var (chance, settings, checks) = (new SeededChance(dice.Fork()), sim.JobSettings, sim.CheckSettings);
        storage = new(new StorageConnection(Storage), new StorageSettings { Prefix = "sim" }, time, new StorageNetwork(sim, this), []);
        Table live = storage.Table(TableNames.Live), resourceRows = storage.Table(TableNames.Resources), ticks = storage.Table(TableNames.Ticks);
        var waiting = new WaitingClaims(time);
        var hints = new JobHints(storage.Queue(QueueNames.Jobs), waiting);
        var executor = new SimulatedExecutor(sim, this, sim.Cluster, latest: 14);
        var endpoints = new SourceEndpoints(new NoSecrets());
        var git = new GitClient(time, transport: _ => new GitNetwork(sim, this));
        var resources = new ResourceStore(resourceRows, time, chance, Log<ResourceStore>());
        var sources = new LiveSources(live);
        var checkQueue = new CheckQueue(storage.Queue(QueueNames.Checks));
        var dead = new DeadLetters(storage.Table(TableNames.Dead), time, chance, Log<DeadLetters>());
        var history = new History(storage.Table(TableNames.History));
        var output = new RunOutput(storage.Table(TableNames.Logs));
        var installation = new Installation(resourceRows, chance);
        var specs = new RunSpecs(endpoints, installation, settings);
        var workerRows = storage.Table(TableNames.Workers);
        var workers = new WorkerStore(workerRows, time);
        var known = new KnownWorkers(workers, time);
        Jobs = new(live, new(settings), Log<JobStore>());
        var answering = new Answering(
            sources, Jobs, new(settings, chance), endpoints, git, checkQueue, hints, checks, settings, time, Log<Answering>());
        Steering = new(
            Jobs, history, resources, new(sources, resources, endpoints, git, new(settings, chance), hints, time, Log<Requesting>()), chance, time);
        Owing = new(sources, resources, checkQueue, settings, time, chance, Log<Owing>());
        DeliveryCleaning = new(sources, checks, time);
        Checking = new(resources, sources, answering, Owing, endpoints, git, checkQueue, checks, time, Log<Checking>());
        Polling = new(resources, checkQueue, ticks, new PollSettings(), time, Log<Polling>());
        Claiming = new(Jobs, resources, specs, executor, hints, settings, time, chance, Log<Claiming>());
        var reporting = new Reporting(Jobs, [new SimulatedReports(sim, this)], new("http://pushcart.sim"), time, Log<Reporting>());
        Observing = new(
            Jobs,
            executor,
            new OwedChecks(sources, checkQueue, settings, Log<OwedChecks>()),
            new(live, history, executor, reporting, output, time, Log<Archiving>()),
            reporting,
            new(Jobs, executor, resources, settings, time, Log<Orphans>()),
            resources,
            specs,
            hints,
            known,
            ticks,
            settings,
            time,
            Log<Observing>());
        HistoryCleaning = new(history, Jobs, output, sim.HistorySettings, time, Log<HistoryCleaning>());
        SourceCleaning = new(sources, resources);
        PoisonChecks = new(Checking, dead);
        PoisonJobs = new(dead, Log<PoisonJobs>());
        Applying = new(resources, checkQueue, sources, new(), known, time);

        // Registered workers, as functions/Composition.cs puts them together.
        var cache = new TokenCache(time);
        var workerTokens = new WorkerTokens(workerRows, cache, time);
        var tokenRows = storage.Table(TableNames.Tokens);
        Tokens = new(tokenRows, cache, chance, time);
        var admission = new Admission(workers);
        Registering = new(workers, workerTokens, installation, sim.Sites.Settings, settings, chance, time, Log<Registering>());
        Administration = new(workers, Jobs, time);
        WorkerCleaning = new(workers, workerTokens);
        WorkerCalls = new(
            new(tokenRows, workerTokens, cache, time, Log<TokenVerification>()),
            Registering,
            new(workers, workerTokens, admission, installation, sim.Sites.Settings, settings, time, Log<CheckingIn>()),
            new(Jobs, workers, admission, Claiming, waiting, installation, sim.Sites.Settings, time, Log<Claims>()),
            new(Jobs, history, workers, admission, Claiming, output, settings, time));
    }

    /// <summary>True once its tables and queues are made sure of.</summary>
    public bool IsReady { get; private set; }

    public JobStore Jobs { get; }

    public Checking Checking { get; }

    public Owing Owing { get; }

    public JobSteering Steering { get; }

    public DeliveryCleaning DeliveryCleaning { get; }

    public Polling Polling { get; }

    public Claiming Claiming { get; }

    public Observing Observing { get; }

    public HistoryCleaning HistoryCleaning { get; }

    public SourceCleaning SourceCleaning { get; }

    public PoisonChecks PoisonChecks { get; }

    public PoisonJobs PoisonJobs { get; }

    public Applying Applying { get; }

    public TokenStore Tokens { get; }

    public Registering Registering { get; }

    public WorkerAdministration Administration { get; }

    public WorkerCleaning WorkerCleaning { get; }

    public ServedCalls WorkerCalls { get; }

    public void Start() => Run(
        "start",
        async cancellation =>
        {
            while (true)
            {
                try
                {
                    await storage.CreateAsync(cancellation).ConfigureAwait(false);
                    return;
                }
                catch (Exception e) when (e is RequestFailedException or TimeoutException or AggregateException)
                {
                    await Task.Delay(TimeSpan.FromSeconds(2), Time, cancellation).ConfigureAwait(false);
                }
            }
        },
        _ => IsReady = true);

    protected override void Died()
    {
        IsReady = false;
        sim.Died();
    }

    /// <summary>
    /// It stops as for SIGTERM: what runs is cancelled, and a moment later it is gone. A Task.Delay that is cancelled goes on in the thread pool: the runtime wants it so
    /// (Task.DelayPromiseWithCancellation runs its continuations asynchronously when it is cancelled, and only then). So the signal comes when no delay is waited for; the
    /// only ones are those between two tries of a storage call, 0.2 s each. Nothing else that is cancelled here continues elsewhere: not calls, not Task.WaitAsync.
    /// </summary>
    public void Stop()
    {
        if (IsAlive && Time.Delays > 0)
        {
            sim.Clock.After(TimeSpan.FromSeconds(0.05), Stop);
            return;
        }

        IsReady = false;
        sim.Clock.Tell(Name, "stops");
        stopping.Cancel();
        sim.Clock.After(TimeSpan.FromSeconds(1), Die);
    }

    /// <summary>Runs a function. <paramref name="ended"/> hears of its end, unless the process has died by then.</summary>
    public void Run(string what, Func<CancellationToken, Task> function, Action<Exception?> ended) => _ = RunAsync(what, function, ended);

    private async Task RunAsync(string what, Func<CancellationToken, Task> function, Action<Exception?> ended)
    {
        Exception? failure = null;
        try
        {
            sim.Clock.Tell(Name, what);
            try
            {
                await function(stopping.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (IsExpected(e))
            {
                failure = e;
                if (sim.Clock.IsTracing)
                {
                    sim.Clock.Tell(Name, $"{what} failed: {e.GetType().Name} {e.Message.Split('\n')[0]}");
                }
            }

            if (IsAlive)
            {
                ended(failure);
            }
        }
        catch (Exception e) when (IsAlive)
        {
            sim.Clock.Fail(e);
        }
    }

    private static bool IsExpected(Exception e) => e is RequestFailedException or TimeoutException or OperationCanceledException or HttpRequestException
        or InvalidOperationException { Message: ['j', 'o', 'b', ..] } or InvalidOperationException { InnerException: null, TargetSite.Name: "OweAsync" };

    private TraceLog<T> Log<T>() => new TraceLog<T>(sim.Clock, Name);

    internal sealed class NoSecrets : ISecrets
    {
        public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation) => throw new ViolationException("no source has a secret");
    }
}

/// <summary>What the product logs goes into the trace; an error is a violation, for the product logs one only where something cannot be.</summary>
internal sealed class TraceLog<T>(VirtualClock clock, string process, Func<string, bool>? isExpected = null) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => clock.IsTracing || logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (clock.IsTracing)
        {
            clock.Tell(process, $"* {formatter(state, exception)}");
        }

        if (logLevel >= LogLevel.Error && isExpected?.Invoke(formatter(state, exception)) != true)
        {
            clock.Fail(new ViolationException($"the product says: {formatter(state, exception)}"));
        }
    }
}
