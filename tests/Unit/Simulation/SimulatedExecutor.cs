using System.Text;
using Pushcart.Execution;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>The executor of one process: calls of a cluster that may fail, hang, come late or outlive the process.</summary>
/// <param name="sim">The simulation.</param>
/// <param name="process">Who calls.</param>
/// <param name="cluster">Which cluster.</param>
/// <param name="latest">Seconds after which a create that was sent is carried out at the latest.</param>
internal sealed class SimulatedExecutor(Simulation sim, Machine process, Cluster cluster, double latest) : IExecutor
{
    private readonly HashSet<string> shown = [];

    public string Name => "simulated";

    /// <summary>True where this process was told of a run: it must not take it for one that never was.</summary>
    public bool WasShown(ClusterRun run) => shown.Contains(run.View.Uid);

    public async Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        var answer = await process.CallAsync(
            $"create {spec.Key.Name}",
            () => cluster.IsDown ? new(CreateResult.Busy, "down") : cluster.Create(spec, process),
            applied => applied || sim.Dice.Chance(0.5) ? new(CreateResult.Unknown, "502") : new(CreateResult.Busy, "429"),
            cancellation,
            latest).ConfigureAwait(false);
        if (answer.Result is CreateResult.Created or CreateResult.Exists && cluster.Last(spec.Key.Name) is { } run)
        {
            shown.Add(run.View.Uid);
        }

        return answer;
    }

    public async Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        var looked = process.LooksFor;
        var list = await Bounded(
            "list runs", () => cluster.List(namespaces), () => new(false, [.. cluster.List(namespaces).Runs.Where(_ => sim.Dice.Chance(0.5))], "503"), cancellation).ConfigureAwait(false);
        if (cluster.Name is not null)
        {
            shown.UnionWith(list.Runs.Where(run => looked?.Contains(run.Key) != false).Select(run => run.Uid));
        }

        return list;
    }

    public async Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation)
    {
        var answer = await Bounded($"find {key.Name}", () => cluster.Find(key), () => new(false, null, "503"), cancellation).ConfigureAwait(false);
        if (answer.Run is { } run)
        {
            shown.Add(run.Uid);
        }

        return answer;
    }

    public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) =>
        Bounded($"delete {seen.Key.Name}", () => cluster.Delete(seen), () => new(false, "503"), cancellation);

    public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) =>
        Bounded($"set TTL of {key.Name}", () => cluster.SetTtl(key, ttl), () => new(false, "503"), cancellation);

    public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => process.CallAsync(
        $"log of {key.Name}", () => cluster.Find(key.Name) is null ? null : "a line\n", string? (_) => null, cancellation);

    public Task<Stream?> OpenLogAsync(RunKey key, bool follow, CancellationToken cancellation) => process.CallAsync(
        $"output of {key.Name}",
        () => cluster.Find(key.Name) is null ? null : new MemoryStream(Encoding.UTF8.GetBytes("a line\n")),
        Stream? (_) => null,
        cancellation);

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
