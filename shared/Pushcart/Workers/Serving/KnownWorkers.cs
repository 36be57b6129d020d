using Pushcart.Jobs;
using Pushcart.Jobs.Live;

namespace Pushcart.Workers.Serving;

/// <summary>Tells whether a registered worker is there for a job. What this instance has not changed is read at most once in 10 s.</summary>
public sealed class KnownWorkers(WorkerStore workers, TimeProvider time) : IKnownWorkers
{
    private static readonly TimeSpan s_keep = TimeSpan.FromSeconds(10);

    private volatile Read? _read;

    /// <inheritdoc/>
    public async Task<string?> WhyNoneAsync(string? worker, string? labels, string? ns, CancellationToken cancellation)
    {
        if (worker is null && labels is null)
        {
            return null;
        }

        var now = time.GetUtcNow();
        var asked = WorkerLabels.Read(labels);
        var wanted = string.Join(" and ", new[] { worker is null ? null : $"the name {worker}", labels is null ? null : $"the labels {labels}" }.OfType<string>());
        var all = await AllAsync(cancellation).ConfigureAwait(false);
        var could = all.Where(w => (worker is null || WorkerNames.NameOf(w.Name) == worker) && asked.All(label => w.Labels.GetValueOrDefault(label.Key) == label.Value)).ToList();
        if (could.Count == 0)
        {
            return $"no worker is known that could take it: it asks for {wanted}" + (worker is null ? "" : $"; an admin runs: pushcart workers add {worker}");
        }

        if (ns is not null)
        {
            could.RemoveAll(w => w.Namespaces is { } only && !only.Split(',').Contains(ns));
            if (could.Count == 0)
            {
                return $"no worker is known that could take it: the token of each one with {wanted} is for other namespaces than {ns}";
            }
        }

        var there = could.Where(w => w.IsLive(now) && w.IsKnown).ToList();
        return there.Count == 0 ? $"it waits for {string.Join(", ", could.Take(3).Select(w => $"{w.Name}, which is {w.StateAt(now)}"))}{(could.Count > 3 ? ", …" : "")}"
            : there.TrueForAll(w => w.Drain) ? $"it waits for {there[0].Name}, which is being drained"
            : null;
    }

    private async Task<IReadOnlyList<WorkerRecord>> AllAsync(CancellationToken cancellation)
    {
        if (_read is not { } read || time.GetElapsedTime(read.At) >= s_keep || read.Changes != workers.Changes)
        {
            var (at, changes) = (time.GetTimestamp(), workers.Changes);
            _read = read = new(await workers.AllAsync(cancellation).ConfigureAwait(false), at, changes);
        }

        return read.Workers;
    }

    private sealed record Read(IReadOnlyList<WorkerRecord> Workers, long At, long Changes);
}
