using Pushcart.Execution;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>A run of the simulated executor, kept here also after it is gone.</summary>
internal sealed class ClusterRun
{
    public required RunSpec Spec { get; init; }

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
internal sealed class Cluster(Simulation sim, Dice dice)
{
    private readonly List<(DateTimeOffset At, List<RunView> Runs)> lists = [];
    private int uids;

    /// <summary>Every run that was ever created, by name; a second one of the same name is a list of two.</summary>
    public Dictionary<string, List<ClusterRun>> Ever { get; } = [];

    public DateTimeOffset DownUntil { get; set; }

    public bool IsDown => DownUntil > sim.Clock.Now;

    public ClusterRun? Find(string name) => Ever.GetValueOrDefault(name)?.Find(run => run.IsThere);

    public ClusterRun? Last(string name) => Ever.GetValueOrDefault(name)?[^1];

    public IEnumerable<ClusterRun> There => Ever.Values.SelectMany(runs => runs).Where(run => run.IsThere);

    public CreateAnswer Create(RunSpec spec)
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
            Ttl = spec.Ttl,
            View = new() { Key = spec.Key, Uid = $"u{++uids}", Version = "1", Phase = RunPhase.Active, Alive = true, CreatedAt = now },
        };
        sim.Ledger.Creates(run);
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
        sim.Clock.After(dice.Seconds(0.2, 40), () => Remove(run, "is deleted"));
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
        if (rough == 0)
        {
            sim.Clock.After(starts, () => If(run, () => Change(run, run.View with { ImageErrorSince = sim.Clock.Now, Reason = "ImagePullBackOff" })));
            return;
        }

        sim.Clock.After(starts, () => If(run, () => Change(run, run.View with { StartedAt = sim.Clock.Now })));
        switch (rough)
        {
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

/// <summary>The executor of one process: calls of the cluster that may fail, hang, come late or outlive the process.</summary>
internal sealed class SimulatedExecutor(Simulation sim, Process process) : IExecutor
{
    public string Name => "simulated";

    public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation) => process.CallAsync(
        $"create {spec.Key.Name}",
        () => sim.Cluster.IsDown ? new(CreateResult.Busy, "down") : sim.Cluster.Create(spec),
        applied => applied || sim.Dice.Chance(0.5) ? new(CreateResult.Unknown, "502") : new(CreateResult.Busy, "429"),
        cancellation,
        latest: 14);

    public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => Bounded(
        "list runs", () => sim.Cluster.List(namespaces), () => new(false, [.. sim.Cluster.List(namespaces).Runs.Where(_ => sim.Dice.Chance(0.5))], "503"), cancellation);

    public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) =>
        Bounded($"find {key.Name}", () => sim.Cluster.Find(key), () => new(false, null, "503"), cancellation);

    public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) =>
        Bounded($"delete {seen.Key.Name}", () => sim.Cluster.Delete(seen), () => new(false, "503"), cancellation);

    public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) =>
        Bounded($"set TTL of {key.Name}", () => sim.Cluster.SetTtl(key, ttl), () => new(false, "503"), cancellation);

    public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => process.CallAsync(
        $"log of {key.Name}", () => sim.Cluster.Find(key.Name) is null ? null : "a line\n", string? (_) => null, cancellation);

    // These calls have a time-out of their own and never throw.
    private async Task<T> Bounded<T>(string what, Func<T> apply, Func<T> failed, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(TimeSpan.FromSeconds(8), process.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await process.CallAsync(what, apply, _ => failed(), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return failed();
        }
    }
}
