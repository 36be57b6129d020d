using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Resources;
using Pushcart.Workers.Working;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>One process of <c>pushcart worker</c>: the product's own loops, on a link, a cluster, a clock and a state that are simulated.</summary>
[SuppressMessage("Design", "CA1001", Justification = "a process that dies leaves everything as it is")]
internal sealed class WorkerProcess : Machine
{
    // The worker's main loop looks five times a second whether it is to end, which was half of all events: here it is told (GoesOn).
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Seldom = TimeSpan.FromSeconds(10);

    private readonly Simulation sim;
    private readonly Site site;
    private readonly CancellationTokenSource drain = new();
    private readonly WorkerSettings settings;
    private readonly WorkerParts parts;
    private readonly SimulatedExecutor executor;
    private DateTimeOffset? endsBy;

    /// <param name="sim">The simulation.</param>
    /// <param name="site">Where it is.</param>
    /// <param name="name">Name of the worker: <c>NAME</c> or <c>NAME/pod</c>.</param>
    /// <param name="state">Its state, as the process before has left it, or new.</param>
    /// <param name="token">A registration or service token.</param>
    /// <param name="dice">Its chance.</param>
    /// <param name="trace">Its name in traces.</param>
    public WorkerProcess(Simulation sim, Site site, string name, StateOfSite state, string token, Dice dice, string trace)
        : base(sim, trace, dice, dice.Seconds(-3, 3), Stretched)
    {
        (this.sim, this.site, WorkerName, State) = (sim, site, name, state);
        settings = new()
        {
            Name = name,
            Version = "1.0.0",
            Cluster = site.Cluster.Name!,
            MaxParallelJobs = site.MaxParallelJobs,
            Labels = site.Labels,
            CheckInInterval = Sites.CheckInInterval,
            Grace = dice.Seconds(20, 120),
        };
        var chance = new SeededChance(dice.Fork());
        executor = new(sim, this, site.Cluster, latest: 9.5);
        var metrics = new WorkerMetrics();
        var link = new ServerLink(new() { Server = new("http://pushcart.sim/") }, new Link(sim, site, this, dice.Fork()), metrics, Time);
        var source = new TokenSource(null, token);
        var handle = state.Open(this, name, chance);
        parts = new(
            settings,
            handle.Read,
            handle,
            site.Kind == SiteKind.Registered ? null : source,
            site.Kind == SiteKind.Registered ? source : null,
            link,
            metrics,
            executor,
            new SourceEndpoints(new Process.NoSecrets()),
            ended: null,
            Time,
            chance,
            new Logs(sim, trace));
    }

    public string WorkerName { get; }

    public StateOfSite State { get; }

    /// <summary>One that has checked in later for the first time has a higher number; 0 before that.</summary>
    public int Number { get; private set; }

    /// <summary>One that has checked in after another has a higher one.</summary>
    public int LastCheckIn { get; private set; }

    /// <summary>A server has taken a check-in.</summary>
    public void CheckedIn()
    {
        LastCheckIn = ++sim.Sites.CheckIns;
        Number = Number == 0 ? LastCheckIn : Number;
    }

    public bool IsEnding => endsBy is not null;

    /// <summary>True where only an admin can help.</summary>
    public bool NeedsAdmin => parts.Standing.Paused?.Contains("an admin runs", StringComparison.Ordinal) == true;

    public bool IsMember => parts.Standing.IsMember;

    /// <summary>A list tells of the whole cluster's runs. What is none of its claims it does not keep: another pod's, which may have ended and be deleted before it takes the job over.</summary>
    public override IReadOnlySet<RunKey> LooksFor => parts.Held.All.Select(job => job.Key).ToHashSet();

    public bool WasShown(ClusterRun run) => executor.WasShown(run);

    public void Start()
    {
        sim.Clock.Tell(Name, $"starts as {WorkerName}, {State.Current}");
        _ = RunAsync();
    }

    /// <summary>SIGTERM: it takes nothing new, and ends once it has nothing, or its grace is over.</summary>
    public void Terminate()
    {
        if (!IsAlive || IsEnding)
        {
            return;
        }

        if (!GoesOn(Terminate))
        {
            return;
        }

        sim.Clock.Tell(Name, "is asked to end");
        endsBy = sim.Clock.Now + settings.Grace;
        drain.Cancel();
    }

    /// <summary>
    /// It has ended in order as soon as the product's own loop would see that, at its next look. Not a moment later: the loop would then cancel what waits, and a Task.Delay that is cancelled
    /// goes on in the thread pool (<see cref="Process.Stop"/>).
    /// </summary>
    public override bool GoesOn(Action again)
    {
        if (!base.GoesOn(again))
        {
            return false;
        }

        if (parts.Standing.Wrong is { } wrong)
        {
            sim.Clock.Fail(new ViolationException($"{Name} cannot work at all: {wrong}"));
        }

        if (endsBy is { } end && (parts.Held.Count == 0 || end <= sim.Clock.Now))
        {
            sim.Clock.Tell(Name, $"ends; it has {parts.Held.Count} jobs");
            Die();
            return false;
        }

        return true;
    }

    protected override void Died() => site.Died(this);

    private static TimeSpan Stretched(TimeSpan wait) => wait == Look ? Seldom : wait;

    private async Task RunAsync()
    {
        try
        {
            var wrong = await parts.Worker.RunAsync(drain.Token, CancellationToken.None).ConfigureAwait(false);
            sim.Clock.Fail(new ViolationException($"{Name} has ended by itself: {wrong}"));
        }
        catch (Exception e) when (IsAlive)
        {
            sim.Clock.Fail(e);
        }
    }

    private sealed class Logs(Simulation sim, string name) : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => new TraceLog<WorkerProcess>(sim.Clock, name, IsExpected);

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
            // Nothing is held.
        }

        // Of two processes with one state, one is told so when it writes.
        private static bool IsExpected(string error) => error.Contains("was changed by somebody else", StringComparison.Ordinal);
    }
}
