using System.Diagnostics.CodeAnalysis;
using Azure;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Triggers;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>One process of the product: the real code, on a network, an executor, a clock and chance that are simulated.</summary>
[SuppressMessage("Design", "CA1001", Justification = "a process that dies leaves everything as it is")]
internal sealed class Process
{
    private const string Storage = "DefaultEndpointsProtocol=http;AccountName=sim;AccountKey=a2V5;TableEndpoint=http://tables.sim/;QueueEndpoint=http://queues.sim/";
    private readonly Simulation sim;
    private readonly Dice dice;
    private readonly StorageClients storage;
    private readonly CancellationTokenSource stopping = new();
    private readonly ProcessTime time;
    private DateTimeOffset standsUntil;

    public Process(Simulation sim, string name, TimeSpan clockOff)
    {
        (this.sim, Name, dice) = (sim, name, sim.Dice.Fork());
        time = new(sim.Clock, clockOff, GoesOn);
        var (chance, settings, checks) = (new SeededChance(dice.Fork()), sim.JobSettings, sim.CheckSettings);
        storage = new(new StorageConnection(Storage), new StorageSettings { Prefix = "sim" }, time, new StorageNetwork(sim, this), []);
        Table live = storage.Table(TableNames.Live), resourceRows = storage.Table(TableNames.Resources), ticks = storage.Table(TableNames.Ticks);
        var hints = new JobHints(storage.Queue(QueueNames.Jobs), new(time));
        var executor = new SimulatedExecutor(sim, this);
        var endpoints = new SourceEndpoints(new NoSecrets());
        var git = new GitClient(time, transport: _ => new GitNetwork(sim, this));
        var resources = new ResourceStore(resourceRows, time, chance, Log<ResourceStore>());
        var sources = new LiveSources(live);
        var checkQueue = new CheckQueue(storage.Queue(QueueNames.Checks));
        var dead = new DeadLetters(storage.Table(TableNames.Dead), time, chance, Log<DeadLetters>());
        var history = new History(storage.Table(TableNames.History));
        var output = new RunOutput(storage.Table(TableNames.Logs));
        var specs = new RunSpecs(endpoints, new Installation(resourceRows, chance), settings);
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
            new NoWorkers(),
            ticks,
            settings,
            time,
            Log<Observing>());
        HistoryCleaning = new(history, Jobs, output, sim.HistorySettings, time, Log<HistoryCleaning>());
        SourceCleaning = new(sources, resources);
        PoisonChecks = new(Checking, dead);
        PoisonJobs = new(dead, Log<PoisonJobs>());
        Applying = new(resources, checkQueue, sources, new(), new NoWorkers(), time);
    }

    public string Name { get; }

    public bool IsAlive { get; private set; } = true;

    /// <summary>True once its tables and queues are made sure of.</summary>
    public bool IsReady { get; private set; }

    public TimeProvider Time => time;

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

    /// <summary>It is gone at once: nothing of it runs or hears an answer any more.</summary>
    public void Die()
    {
        if (IsAlive)
        {
            IsAlive = IsReady = false;
            sim.Clock.Tell(Name, "† dies");
            sim.Died();
        }
    }

    /// <summary>
    /// It stops as for SIGTERM: what runs is cancelled, and a moment later it is gone. A Task.Delay that is cancelled goes on in the thread pool: the runtime wants it so
    /// (Task.DelayPromiseWithCancellation runs its continuations asynchronously when it is cancelled, and only then). So the signal comes when no delay is waited for; the
    /// only ones are those between two tries of a storage call, 0.2 s each. Nothing else that is cancelled here continues elsewhere: not calls, not Task.WaitAsync.
    /// </summary>
    public void Stop()
    {
        if (IsAlive && time.Delays > 0)
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

    /// <summary>One call of something outside: applied and answered later, once, never, or not before the process is dead.</summary>
    /// <param name="what">For the trace.</param>
    /// <param name="apply">Does it, there.</param>
    /// <param name="failed">The answer of a call that failed, given whether it was applied; or throws.</param>
    /// <param name="cancellation">Ends the wait, not the call.</param>
    /// <param name="latest">Seconds until it is applied at the latest.</param>
    public Task<T> CallAsync<T>(string what, Func<T> apply, Func<bool, T> failed, CancellationToken cancellation, double latest = 4.8)
    {
        sim.Clock.CheckThread();
        var answer = new TaskCompletionSource<T>();
        if (!IsAlive)
        {
            return answer.Task;
        }

        if (cancellation.IsCancellationRequested)
        {
            return Task.FromCanceled<T>(cancellation);
        }

        var fate = sim.Faults.Of(dice);
        var registration = cancellation.Register(() => answer.TrySetCanceled(cancellation));
        var late = fate is Fate.AnsweredLate || (fate is Fate.HangsApplied or Fate.FailsApplied && dice.Chance(0.5));
        var there = late && dice.Chance(0.5) ? dice.Seconds(0.005, latest) : dice.Seconds(0.001, 0.03);
        sim.Clock.After(there, () =>
        {
            var applies = fate is not (Fate.FailsUnapplied or Fate.HangsUnapplied or Fate.ProcessDiesUnapplied);
            var result = applies ? apply() : default;
            if (sim.Clock.IsTracing)
            {
                sim.Clock.Tell(Name, fate == Fate.Answered ? $"  {what}{Show(result)}" : $"  {what} ({fate}){Show(result)}");
            }

            if (fate is Fate.ProcessDiesApplied or Fate.ProcessDiesUnapplied)
            {
                Die();
                return;
            }

            if (fate is Fate.HangsApplied or Fate.HangsUnapplied)
            {
                return;
            }

            if (dice.Chance(sim.Faults.Stall))
            {
                var time = dice.Seconds(0.5, 55);
                standsUntil = sim.Clock.Now + time;
                sim.Clock.Tell(Name, $"stands still for {time.TotalSeconds:0.0} s");
            }

            void Answer()
            {
                if (!GoesOn(Answer))
                {
                    return;
                }

                registration.Dispose();
                if (fate is not (Fate.FailsApplied or Fate.FailsUnapplied))
                {
                    answer.TrySetResult(result!);
                    return;
                }

                try
                {
                    result = failed(applies);
                }
                catch (HttpRequestException e)
                {
                    answer.TrySetException(e);
                    return;
                }

                answer.TrySetResult(result);
            }

            sim.Clock.After(late ? dice.Seconds(0.01, 6) : dice.Seconds(0.001, 0.03), Answer);
        });
        return answer.Task;
    }

    // What happens to a process that stands still happens when it goes on, in any order.
    private bool GoesOn(Action again)
    {
        if (IsAlive && standsUntil > sim.Clock.Now)
        {
            sim.Clock.After(standsUntil - sim.Clock.Now + dice.Seconds(0, 0.01), again);
            return false;
        }

        return IsAlive;
    }

    private static string Show<T>(T? result) => result switch
    {
        Services.Reply reply => $" → {reply.Status}",
        null => "",
        _ => $" → {result}",
    };

    private static bool IsExpected(Exception e) => e is RequestFailedException or TimeoutException or OperationCanceledException or HttpRequestException
        or InvalidOperationException { Message: ['j', 'o', 'b', ..] } or InvalidOperationException { InnerException: null, TargetSite.Name: "OweAsync" };

    private TraceLog<T> Log<T>() => new TraceLog<T>(sim.Clock, Name);

    private sealed class NoWorkers : IKnownWorkers
    {
        public Task<string?> WhyNoneAsync(string? worker, string? labels, string? ns, CancellationToken cancellation) => Task.FromResult<string?>("no worker is known");
    }

    private sealed class NoSecrets : ISecrets
    {
        public Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation) => throw new ViolationException("no source has a secret");
    }
}

/// <summary>What the product logs goes into the trace; an error is a violation, for the product logs one only where something cannot be.</summary>
internal sealed class TraceLog<T>(VirtualClock clock, string process) : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => clock.IsTracing || logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (clock.IsTracing)
        {
            clock.Tell(process, $"* {formatter(state, exception)}");
        }

        if (logLevel >= LogLevel.Error)
        {
            clock.Fail(new ViolationException($"the product says: {formatter(state, exception)}"));
        }
    }
}
