using Pushcart.Storage;
using Pushcart.Tokens;

namespace Pushcart.Workers.Serving;

/// <summary>
/// The rows of workers. What this instance wrote or read last is kept, with its version: a check-in needs no read, for its write tells whether another instance has written since.
/// A decision that must not rest on what is old says how old it may be.
/// </summary>
public sealed class WorkerStore(Table workers, TimeProvider time)
{
    /// <summary>How old a row may be for decisions that another instance may change: drained, deleted, replaced. 30 s.</summary>
    public static TimeSpan Fresh { get; } = TimeSpan.FromSeconds(30);

    /// <summary>How old a row may be where nothing is given away by it: 2 min.</summary>
    public static TimeSpan Idle { get; } = TimeSpan.FromMinutes(2);

    private const int MostKept = 10_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (WorkerRecord? Worker, long ReadAt)> _kept = [];
    private long _changes;

    /// <summary>Counts what this instance has written: what was read of all workers before is old after it.</summary>
    internal long Changes => Interlocked.Read(ref _changes);

    /// <summary>One worker; null where there is none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="oldest">How old the answer may be; zero: storage is asked.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<WorkerRecord?> FindAsync(string name, TimeSpan oldest, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(name, out var kept) && time.GetElapsedTime(kept.ReadAt) < oldest)
            {
                return kept.Worker;
            }
        }

        var asked = time.GetTimestamp();
        var row = await workers.FindAsync(WorkerTokens.Partition, WorkerRecord.KeyOf(name), cancellation).ConfigureAwait(false);
        var worker = row is null ? null : Rows.IsNewer(row) ? throw new NewerRowException(row) : WorkerRecord.Read(row);
        Keep(name, worker, asked);
        return worker;
    }

    /// <summary>All workers, by name; those that have gone are left out.</summary>
    public async Task<IReadOnlyList<WorkerRecord>> AllAsync(CancellationToken cancellation)
    {
        var rows = await workers.RangeAsync(WorkerTokens.Partition, WorkerRecord.Prefix, select: null, filter: null, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        return [.. rows.Where(row => !Rows.IsNewer(row)).Select(WorkerRecord.Read).Where(worker => !worker.HasGone(now)).OrderBy(worker => worker.Name, StringComparer.Ordinal)];
    }

    /// <summary>Writes a worker, with other changes of the same partition, in one transaction.</summary>
    /// <param name="worker">The worker as it is to be; its version tells what was seen.</param>
    /// <param name="others">What is written with it.</param>
    /// <param name="cancellation">Ends the call; it may have been written.</param>
    /// <returns>The answer, and the worker with its new version; null where it is not written, and the row is to be read again.</returns>
    public async Task<(WriteAnswer Answer, WorkerRecord? Worker)> WriteAsync(WorkerRecord worker, IEnumerable<Change> others, CancellationToken cancellation)
    {
        var asked = time.GetTimestamp();
        var answer = await workers.WriteAsync([worker.Write(), .. others], cancellation).ConfigureAwait(false);
        if (!answer.Applied)
        {
            Forget(worker.Name);
            return (answer, null);
        }

        Interlocked.Increment(ref _changes);
        worker = worker with { ETag = answer.ETags[0] };
        Keep(worker.Name, worker, asked);
        return (answer, worker);
    }

    /// <summary>Makes changes that end with the row itself.</summary>
    /// <returns>True where they are made.</returns>
    public async Task<bool> DeleteAsync(WorkerRecord worker, IEnumerable<Change> others, CancellationToken cancellation)
    {
        var answer = await workers.WriteAsync([Change.Delete(WorkerTokens.Partition, WorkerRecord.KeyOf(worker.Name), worker.ETag), .. others], cancellation).ConfigureAwait(false);
        Forget(worker.Name);
        Interlocked.Increment(ref _changes);
        return answer.Applied;
    }

    /// <summary>Makes changes beside the rows of workers.</summary>
    internal Task<WriteAnswer> WriteAsync(IReadOnlyList<Change> changes, CancellationToken cancellation) => workers.WriteAsync(changes, cancellation);

    /// <summary>Deletes the rows of pods that have gone.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        var rows = await workers.RangeAsync(WorkerTokens.Partition, WorkerRecord.Prefix, select: null, filter: null, cancellation).ConfigureAwait(false);
        var now = time.GetUtcNow();
        foreach (var gone in rows.Where(row => !Rows.IsNewer(row)).Select(WorkerRecord.Read).Where(worker => worker.HasGone(now)))
        {
            // One that has come back meanwhile has another version, and stays.
            await DeleteAsync(gone, [], cancellation).ConfigureAwait(false);
        }
    }

    private void Keep(string name, WorkerRecord? worker, long asked)
    {
        lock (_gate)
        {
            // What was asked for later is newer.
            if (_kept.TryGetValue(name, out var kept) && kept.ReadAt > asked)
            {
                return;
            }

            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }

            _kept[name] = (worker, asked);
        }
    }

    private void Forget(string name)
    {
        lock (_gate)
        {
            _kept.Remove(name);
        }
    }
}
