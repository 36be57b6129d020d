using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Resources;
using Pushcart.Tests.Unit.Simulation.Services;
using Pushcart.Tests.Unit.Simulation.Workers;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// One simulated life of an installation, all of it determined by a seed: the real code in one to three processes, on services, remotes, an executor and clocks that
/// fail in every way that they may. Then the faults stop, time passes, and what must hold is looked at. <see cref="Ledger"/> looks at each transaction too.
/// </summary>
internal sealed class Simulation
{
    private readonly Process[] processes;
    private readonly TimeSpan[] offsets;
    private readonly Host host;
    private readonly World world;

    public Simulation(ulong seed, bool tracing = false, Faults? faults = null)
    {
        Seed = seed;
        Dice = new(seed);
        Clock = new(Dice.Fork(), tracing);
        Faults = faults ?? Faults.Draw(Dice);
        Budget = Faults == Faults.None ? new() : null;
        Tables = new(() => Clock.Now, () => Budget is null && Dice.Chance(0.05) ? Dice.From(0, 3) : 1000);
        Queues = new(() => Clock.Now);
        Remotes = new(Clock, Dice.Fork(), () => Faults);
        Cluster = new(this, Dice.Fork());
        Sites = new(this, seed);
        Settings = new() { MaxRunningJobs = Budget is null ? Dice.From(1, 3) : SettingsSpec.BuiltIn.MaxRunningJobs, PendingLimitSeconds = 90 };
        JobSettings = new() { Orphans = TimeSpan.FromMinutes(Dice.From(3, 10)) };
        CheckSettings = new() { BackOffMost = TimeSpan.FromMinutes(Dice.From(4, 8)), DeliveriesKept = TimeSpan.FromHours(1) };
        HistorySettings = new() { Expiration = TimeSpan.FromDays(2) };
        Reports = new(this);
        Ledger = new(this);
        offsets = [.. Enumerable.Range(0, Dice.From(1, 3)).Select(_ => Dice.Seconds(-3, 3))];
        processes = [.. offsets.Select((off, i) => new Process(this, $"p{i}", off))];
        host = new(this, Dice.Fork());
        world = new(this, Dice.Fork());
    }

    public ulong Seed { get; }

    public Dice Dice { get; }

    public VirtualClock Clock { get; }

    public Faults Faults { get; private set; }

    public TableService Tables { get; }

    public QueueService Queues { get; }

    public Remotes Remotes { get; }

    /// <summary>The built-in worker's cluster.</summary>
    public Cluster Cluster { get; }

    /// <summary>Registered workers, where this life has some.</summary>
    public Sites Sites { get; }

    /// <summary>All clusters.</summary>
    public IEnumerable<Cluster> Clusters => Sites.Clusters.Prepend(Cluster);

    public Ledger Ledger { get; }

    public Reports Reports { get; }

    /// <summary>When the faults stopped; null before that.</summary>
    public DateTimeOffset? FaultsStopped { get; private set; }

    /// <summary>True where all of Pushcart was away for days: longer than a report is tried.</summary>
    public bool WasAway { get; private set; }

    public World World => world;

    public SettingsSpec Settings { get; }

    public JobSettings JobSettings { get; }

    public CheckSettings CheckSettings { get; }

    public HistorySettings HistorySettings { get; }

    /// <summary>Calls of storage that were answered.</summary>
    public int Operations { get; set; }

    /// <summary>Counts operations in a life without faults; null in any other.</summary>
    public Budget? Budget { get; }

    /// <summary>True while all of Pushcart is away.</summary>
    public bool IsAway => host.IsAway;

    /// <summary>The processes that can run functions now.</summary>
    public IReadOnlyList<Process> Ready => [.. processes.Where(p => p.IsReady)];

    /// <summary>Lives through all of it.</summary>
    /// <exception cref="ViolationException">Something was that must never be.</exception>
    public void Run()
    {
        Clock.Tell("sim", $"seed {Seed}; {processes.Length} processes; {Faults}; at most {Settings.MaxRunningJobs} jobs at once");
        foreach (var process in processes)
        {
            process.Start();
        }

        world.Begin();
        host.Begin();
        Sites.Begin();
        Clock.RunUntil(Clock.Now + Dice.Seconds(100, 360));
        if (Faults.World > 0 && Dice.Chance(0.02))
        {
            WasAway = true;
            BeAway(Dice.Seconds(2 * 86400, 8.5 * 86400));
            Clock.RunUntil(Clock.Now + TimeSpan.FromMinutes(5));
        }

        // The faults stop; time passes.
        Clock.Tell("sim", "the faults stop");
        Faults = Faults.None;
        FaultsStopped = Clock.Now;
        world.Repair();
        Sites.Repair();
        var end = Clock.Now + TimeSpan.FromHours(8);
        var repaired = Clock.Now;

        // What is due up to now is judged three minutes later. Then little steps: what is left of a life costs as much as its best part.
        RunFor(TimeSpan.FromSeconds(190), () => host.HasChecksFrom(repaired));
        world.Calm();
        RunFor(TimeSpan.FromSeconds(60), () => !(host.IsIdle && Ledger.IsIdle) && Clock.Now < end);
        Ledger.CheckEnd(host.IsIdle);
        ForgetEvents();
    }

    private void RunFor(TimeSpan least, Func<bool> goesOn)
    {
        Clock.RunUntil(Clock.Now + least);
        while (goesOn())
        {
            Clock.RunUntil(Clock.Now + TimeSpan.FromSeconds(10));
            Ledger.CheckTakeovers();
        }
    }

    // Events go once their time is over.
    private void ForgetEvents()
    {
        Sites.End();
        BeAway(CheckSettings.DeliveriesKept + TimeSpan.FromSeconds(10));
        var process = Dice.Of(Ready);
        var end = Clock.Now + TimeSpan.FromMinutes(10);
        process.Run("forget events", process.DeliveryCleaning.CleanAsync, _ => end = Clock.Now);
        while (Clock.Now < end)
        {
            Clock.RunUntil(Clock.Now + TimeSpan.FromSeconds(1));
        }

        Ledger.CheckForgotten();
    }

    /// <summary>The run of that name, where it is there.</summary>
    public ClusterRun? FindRun(string name) => Clusters.Select(c => c.Find(name)).FirstOrDefault(run => run is not null);

    /// <summary>The run of that name, also where it is there no more.</summary>
    public ClusterRun? LastRun(string name) => Clusters.Select(c => c.Last(name)).OfType<ClusterRun>().MaxBy(run => run.View.CreatedAt);

    /// <summary>All runs that are there.</summary>
    public IEnumerable<ClusterRun> RunsThere => Clusters.SelectMany(c => c.There);

    /// <summary>A process that is gone comes back, after a while, as a new one.</summary>
    public void Died()
    {
        for (var i = 0; i < processes.Length; i++)
        {
            if (!processes[i].IsAlive)
            {
                var index = i;
                var dead = processes[i];
                Clock.After(Faults == Faults.None ? TimeSpan.FromSeconds(1) : Dice.Seconds(1, 70), () =>
                {
                    if (processes[index] == dead)
                    {
                        processes[index] = new(this, $"p{index}", offsets[index]);
                        processes[index].Start();
                    }
                });
            }
        }
    }

    /// <summary>Kills or stops a process.</summary>
    public void EndOne()
    {
        if (Dice.Of(processes) is { IsReady: true } process)
        {
            if (Dice.Chance(0.3))
            {
                process.Stop();
            }
            else
            {
                process.Die();
            }
        }
    }

    // All processes are away for days.
    private void BeAway(TimeSpan time)
    {
        Clock.Tell("sim", $"everything of Pushcart is away for {time.TotalDays:0.0} days");
        host.IsAway = true;
        Sites.Rest();
        Clock.RunUntil(Clock.Now + time);
        host.IsAway = false;
        Sites.Wake();
    }
}
