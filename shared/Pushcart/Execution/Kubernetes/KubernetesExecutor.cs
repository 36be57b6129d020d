using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// Runs jobs as Kubernetes Jobs. A run is one Job; its labels say whose it is. Nothing in memory carries meaning: what is kept there only saves requests.
/// </summary>
public sealed class KubernetesExecutor : IExecutor
{
    // A tail is asked for in lines and cut to bytes here: this many hold 64,000 bytes where a line has 13 or more.
    private const int TailLines = 5000;
    private const int NamespacesAtOnce = 4;

    private readonly KubeClient _client;
    private readonly KubernetesExecutorOptions _options;
    private readonly Func<CancellationToken, Task<string>> _installation;
    private readonly ToldOnce _told;
    private readonly RunReader _reader;
    private readonly RunCreator _creator;
    private readonly ConcurrentDictionary<RunKey, KubeLog> _logs = new();

    /// <summary>Makes the executor; the cluster is not asked before it is used.</summary>
    /// <param name="client">The cluster. It is not disposed.</param>
    /// <param name="options">What to ask it for.</param>
    /// <param name="installation">The id of this installation; runs of others are not seen.</param>
    /// <param name="time">The time.</param>
    /// <param name="log">The log.</param>
    public KubernetesExecutor(
        KubeClient client, KubernetesExecutorOptions options, Func<CancellationToken, Task<string>> installation, TimeProvider time, ILogger<KubernetesExecutor> log)
    {
        (_client, _options, _installation) = (client, options, installation);
        _told = new ToldOnce(log);
        _reader = new RunReader(client, time, _told);
        _creator = new RunCreator(client, log);
    }

    /// <summary>The image that clones where neither the action nor Settings name one.</summary>
    public static string DefaultClonerImage => CloneStep.DefaultImage;

    /// <inheritdoc/>
    public string Name => "kubernetes";

    /// <inheritdoc/>
    public async Task<string?> ReachAsync(CancellationToken cancellation) => (await _client.GetVersionAsync(cancellation).ConfigureAwait(false)).Failure?.Kind switch
    {
        null => null,
        KubeFailureKind.Unauthorized => "the cluster refuses the credentials, or there are none",
        KubeFailureKind.Forbidden => "the cluster does not let it ask",
        KubeFailureKind.TooManyRequests => "the cluster asks for fewer requests",
        _ => "the cluster does not answer",
    };

    /// <inheritdoc/>
    public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return _creator.CreateAsync(spec, cancellation);
    }

    /// <inheritdoc/>
    public async Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(namespaces);
        var installation = await _installation(cancellation).ConfigureAwait(false);
        string?[] places = namespaces.Count == 0 ? [] : _options.AllNamespaces ? [null] : [.. namespaces];
        var runs = new ConcurrentBag<RunView>();
        var messages = new ConcurrentBag<string>();
        await Parallel.ForEachAsync(places, new ParallelOptions { MaxDegreeOfParallelism = NamespacesAtOnce, CancellationToken = cancellation }, async (place, stop) =>
        {
            var answer = await _reader.ListAsync(installation, place, stop).ConfigureAwait(false);
            if (answer.Failure is { } failure)
            {
                messages.Add(failure.Message);
                return;
            }

            Forget(place, answer.Value!);
            foreach (var (view, pod) in answer.Value!.Where(run => namespaces.Contains(run.View.Key.Namespace)))
            {
                runs.Add(Noted(view, pod));
            }
        }).ConfigureAwait(false);
        return new(messages.IsEmpty, [.. runs.OrderBy(run => run.CreatedAt).ThenBy(run => run.Key.Name, StringComparer.Ordinal)], messages.IsEmpty ? null : string.Join("; ", messages.Order()));
    }

    /// <inheritdoc/>
    public async Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation)
    {
        var answer = await _reader.FindAsync(await _installation(cancellation).ConfigureAwait(false), key, cancellation).ConfigureAwait(false);
        if (answer.Failure is { } failure)
        {
            return new(false, null, failure.Message);
        }

        var (view, pod) = answer.Value!.Find(run => run.View.Key == key);
        return new(true, view is null ? null : Noted(view, pod));
    }

    /// <inheritdoc/>
    public async Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(seen);
        if (seen.Phase == RunPhase.Gone)
        {
            // Its Job is deleted, and with it, in time, what is left.
            return new(true);
        }

        var how = new KubeDelete(KubePropagation.Foreground, seen.Uid, seen.Version);
        var answer = await _client.DeleteAsync(KubeResource.Jobs, seen.Key.Namespace, seen.Key.Name, how, cancellation).ConfigureAwait(false);
        return answer.Failure is null or { Kind: KubeFailureKind.NotFound } ? new(true) : new(false, answer.Failure.Message);
    }

    /// <inheritdoc/>
    public async Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        var patch = new JsonObject { ["spec"] = new JsonObject { ["ttlSecondsAfterFinished"] = JobBuilder.Seconds(ttl, atLeast: 0) } };
        var answer = await _client.PatchAsync(KubeResource.Jobs, key.Namespace, key.Name, patch, cancellation).ConfigureAwait(false);
        return answer.Failure is null or { Kind: KubeFailureKind.NotFound } ? new(true) : new(false, answer.Failure.Message);
    }

    /// <inheritdoc/>
    public async Task<string?> EnsureCredentialsAsync(RunSpec spec, RunView seen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(seen);
        return seen.Phase == RunPhase.Active && !seen.Terminating ? await _creator.EnsureAsync(spec, seen.Uid, cancellation).ConfigureAwait(false) : null;
    }

    /// <inheritdoc/>
    public async Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation)
    {
        // The list that saw the run's end has seen its pod.
        if (_logs.TryGetValue(key, out var known))
        {
            var tail = await TailAsync(known).ConfigureAwait(false);
            if (tail.Failure is not { Kind: KubeFailureKind.NotFound or KubeFailureKind.Invalid })
            {
                return tail.Value;
            }
        }

        _logs.TryRemove(key, out _);
        await FindAsync(key, cancellation).ConfigureAwait(false);
        return _logs.TryGetValue(key, out var found) && found != known
            ? (await TailAsync(found).ConfigureAwait(false)).Value
            : null;

        async Task<KubeAnswer<string>> TailAsync(KubeLog log)
        {
            var tail = await _client.ReadLogTailAsync(log, TailLines, bytes, cancellation).ConfigureAwait(false);
            if (tail.Failure is { } failure)
            {
                _told.Tell(key.Namespace, "history has no log of a job", failure);
            }

            return tail;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenLogAsync(RunKey key, bool follow, CancellationToken cancellation)
    {
        // While the clone is under way there is no output of the work yet; what a clone said that failed is the run's.
        var run = (await FindAsync(key, cancellation).ConfigureAwait(false)).Run;
        return run is null || !_logs.TryGetValue(key, out var log) || (run.Phase == RunPhase.Active && log.Container != PodTemplates.Worker) ? null
            : (await _client.OpenLogAsync(log, follow, lines: null, limitBytes: null, cancellation).ConfigureAwait(false)).Value;
    }

    private RunView Noted(RunView view, PodState? pod)
    {
        if (pod?.LogContainer is { } container)
        {
            _logs[view.Key] = new KubeLog(view.Key.Namespace, pod.Name, container);
        }

        return view;
    }

    private void Forget(string? place, List<(RunView View, PodState? Pod)> listed)
    {
        var keys = listed.Select(run => run.View.Key).ToHashSet();
        foreach (var key in _logs.Keys.Where(key => (place is null || key.Namespace == place) && !keys.Contains(key)))
        {
            _logs.TryRemove(key, out _);
        }
    }
}

/// <summary>What the Kubernetes executor asks the cluster for.</summary>
public sealed record KubernetesExecutorOptions
{
    /// <summary>True where Jobs and pods are listed once in all namespaces, which needs a ClusterRole; false (default): once in each namespace in use.</summary>
    public bool AllNamespaces { get; init; }
}
