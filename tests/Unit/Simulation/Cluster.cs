using Pushcart.Execution;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>A run of the simulated executor, kept here also after it is gone.</summary>
internal sealed class ClusterRun
{
    public required RunSpec Spec { get; init; }

    public required Cluster Cluster { get; init; }

    public required RunView View { get; set; }

    public required TimeSpan Ttl { get; set; }

    /// <summary>False once it is deleted, expired or vanished.</summary>
    public bool IsThere { get; set; } = true;

    /// <summary>Somebody from outside deleted it, or its record was lost.</summary>
    public bool WasTampered { get; set; }

    /// <summary>Pushcart asked for its deletion.</summary>
    public bool WasStopped { get; set; }

    public bool IsWorking => IsThere && View.Phase == RunPhase.Active;

    public int Version { get; set; }
}

/// <summary>What runs are, in the outside world: facts that outlive every process.</summary>
/// <param name="sim">The simulation.</param>
/// <param name="dice">Its chance.</param>
/// <param name="name">Name of a registered worker's; null: the built-in one's.</param>
internal sealed class Cluster(Simulation sim, Dice dice, string? name = null)
{
    // A started job is over a minute after its deadline: 30 s for a late create, 30 s for its pod to end. The clocks of two servers are up to 6 s apart, which that minute has no room for.
    private const double MostGrace = 24;

    private readonly List<(DateTimeOffset At, List<RunView> Runs)> lists = [];
    private int uids;

    /// <summary>Name of a registered worker's cluster; null of the built-in one.</summary>
    public string? Name => name;

    /// <summary>Every run that was ever created, by name; a second one of the same name is a list of two.</summary>
    public Dictionary<string, List<ClusterRun>> Ever { get; } = [];

    public DateTimeOffset DownUntil { get; set; }

    public bool IsDown => DownUntil > sim.Clock.Now;

    public ClusterRun? Find(string name) => Ever.GetValueOrDefault(name)?.Find(run => run.IsThere);

    public ClusterRun? Last(string name) => Ever.GetValueOrDefault(name)?[^1];

    public IEnumerable<ClusterRun> There => Ever.Values.SelectMany(runs => runs).Where(run => run.IsThere);

    public CreateAnswer Create(RunSpec spec, Machine by)
    {
        if (Find(spec.Key.Name) is not null)
        {
            return new(CreateResult.Exists);
        }

        if (sim.Faults.Rough > 0 && dice.Chance(0.01))
        {
            sim.Ledger.Refused(spec);
            return new(CreateResult.Refused, "403");
        }

        var now = sim.Clock.Now;
        var run = new ClusterRun
        {
            Spec = spec,
            Cluster = this,
            Ttl = spec.Ttl,
            View = new() { Key = spec.Key, Uid = $"{name}u{++uids}", Version = "1", Phase = RunPhase.Active, Alive = true, CreatedAt = now },
        };
        sim.Ledger.Creates(run, by);
        if (!Ever.TryAdd(spec.Key.Name, [run]))
        {
            Ever[spec.Key.Name].Add(run);
        }

        Live(run);
        return new(CreateResult.Created);
    }

    public RunList List(IReadOnlyCollection<string> namespaces)
    {
        if (IsDown)
        {
            return new(false, [], "down");
        }

        // A cache may answer with what was there a while ago.
        var now = There.Select(run => run.View).ToList();
        var old = sim.Faults.Lag > 0 && dice.Chance(0.1) ? lists.Find(l => sim.Clock.Now - l.At < TimeSpan.FromSeconds(20)).Runs : null;
        lists.RemoveAll(l => sim.Clock.Now - l.At > TimeSpan.FromSeconds(20));
        lists.Add((sim.Clock.Now, now));
        return new(true, [.. (old ?? now).Where(view => namespaces.Contains(view.Key.Namespace))]);
    }

    public FindAnswer Find(RunKey key) => IsDown ? new(false, null, "down") : new(true, Find(key.Name)?.View);

    public DeleteAnswer Delete(RunView seen)
    {
        if (IsDown)
        {
            return new(false, "down");
        }

        if (Find(seen.Key.Name) is not { } run || run.View.Uid != seen.Uid)
        {
            return new(true);
        }

        if (run.View.Version != seen.Version)
        {
            return new(false, "it has changed");
        }

        run.WasStopped = true;
        Change(run, run.View with { Terminating = true });
        sim.Clock.After(dice.Seconds(0.2, name is null ? 40 : MostGrace), () => Remove(run, "is deleted"));
        return new(true);
    }

    public SetTtlAnswer SetTtl(RunKey key, TimeSpan ttl)
    {
        if (IsDown)
        {
            return new(false, "down");
        }

        if (Find(key.Name) is { } run)
        {
            run.Ttl = ttl;
            Expire(run);
        }

        return new(true);
    }

    /// <summary>Somebody else deletes it, or its record is lost.</summary>
    public void Tamper(ClusterRun run)
    {
        if (run.IsThere)
        {
            run.WasTampered = true;
            Remove(run, "was deleted by hand");
        }
    }

    private void Live(ClusterRun run)
    {
        var rough = dice.Chance(sim.Faults.Rough) ? dice.From(0, 4) : 5;
        var isShort = dice.Chance(0.3);
        var starts = dice.Seconds(0.1, isShort ? 1 : 5);
        if (name is not null)
        {
            // Nobody else looks whether it ends in time where its worker is gone.
            sim.Clock.After(run.Spec.Deadline, () => End(run, RunPhase.Failed, "DeadlineExceeded", null));
        }

        if (rough == 0)
        {
            sim.Clock.After(starts, () => If(run, () => Change(run, run.View with { ImageErrorSince = sim.Clock.Now, Reason = "ImagePullBackOff" })));
            return;
        }

        sim.Clock.After(starts, () => If(run, () => Change(run, run.View with { StartedAt = sim.Clock.Now })));
        switch (rough)
        {
            case 1 when name is not null:
                break;
            case 1:
                sim.Clock.After(starts + run.Spec.Deadline, () => End(run, RunPhase.Failed, "DeadlineExceeded", null));
                break;
            case 2:
                sim.Clock.After(dice.Seconds(0.2, 60), () => Tamper(run));
                break;
            case 3 or 4:
                sim.Clock.After(starts + dice.Seconds(0.2, isShort ? 2 : 40), () => End(run, RunPhase.Failed, "Error", 3));
                break;
            default:
                sim.Clock.After(starts + dice.Seconds(0.2, isShort ? 2 : 55), () => End(run, RunPhase.Succeeded, null, 0));
                break;
        }
    }

    private static void If(ClusterRun run, Action action)
    {
        if (run.IsWorking)
        {
            action();
        }
    }

    private void End(ClusterRun run, RunPhase phase, string? reason, int? exitCode) => If(run, () =>
    {
        if (run.View.Terminating)
        {
            return;
        }

        var lingers = phase == RunPhase.Failed && dice.Chance(0.2);
        Change(run, run.View with { Phase = phase, Reason = reason, ExitCode = exitCode, EndedAt = sim.Clock.Now, Alive = lingers });
        sim.Clock.Tell("world", $"{run.Spec.Key.Name} has ended: {phase}");
        if (lingers)
        {
            sim.Clock.After(dice.Seconds(1, 30), () => Change(run, run.View with { Alive = false }));
        }

        Expire(run);
    });

    private void Expire(ClusterRun run)
    {
        if (run is { IsThere: true, View.EndedAt: { } ended })
        {
            var ttl = run.Ttl;
            var left = ended + ttl - sim.Clock.Now;
            sim.Clock.After(left > TimeSpan.Zero ? left : TimeSpan.Zero, () =>
            {
                if (run.IsThere && run.Ttl == ttl)
                {
                    sim.Ledger.Expires(run);
                    Remove(run, "is past its TTL");
                }
            });
        }
    }

    private static void Change(ClusterRun run, RunView view) => run.View = view with { Version = (++run.Version + 1).ToString(System.Globalization.CultureInfo.InvariantCulture) };

    private void Remove(ClusterRun run, string why)
    {
        if (run.IsThere)
        {
            run.IsThere = false;
            sim.Clock.Tell("world", $"{run.Spec.Key.Name} {why}");
        }
    }
}
