using Azure.Data.Tables;
using Pushcart.Resources;
using Pushcart.Storage;

namespace Pushcart.Tokens;

/// <summary>
/// The hashes of registration and worker tokens: rows of the table <c>workers</c>, in the partition of the workers, so that a token comes and goes in one transaction with what it belongs to.
/// </summary>
/// <param name="workers">The table.</param>
/// <param name="cache">What this instance knows of values.</param>
/// <param name="time">Time.</param>
public sealed class WorkerTokens(Table workers, TokenCache cache, TimeProvider time)
{
    /// <summary>The partition of workers and their tokens.</summary>
    public const string Partition = "workers";

    /// <summary>How the keys of hashes begin.</summary>
    public const string Prefix = "hash|";

    private const string Registers = "registers";

    /// <summary>The row of a value.</summary>
    /// <param name="hash">The value's hash.</param>
    /// <param name="worker">Name of the worker that it is bound to.</param>
    /// <param name="registers">True of a registration token.</param>
    /// <param name="expiresAt">From when it is refused.</param>
    public static TableEntity New(string hash, string worker, bool registers, DateTimeOffset expiresAt)
    {
        var row = Rows.New(Partition, Prefix + hash);
        row["worker"] = worker;
        row[Registers] = registers;
        row["expiresAt"] = expiresAt;
        return row;
    }

    /// <summary>The row of a value; null where there is none.</summary>
    public Task<TableEntity?> FindAsync(string hash, CancellationToken cancellation) => workers.FindAsync(Partition, Prefix + hash, cancellation);

    /// <summary>The rows of all values of a worker.</summary>
    public Task<List<TableEntity>> OfAsync(string worker, CancellationToken cancellation) =>
        workers.RangeAsync(Partition, Prefix, select: null, TableClient.CreateQueryFilter($"worker eq {worker}"), cancellation);

    /// <summary>Keeps what was just written, so that it is not read for the next calls.</summary>
    public void Keep(TableEntity row) => cache.Put(HashOf(row), GrantOf(row), time.GetTimestamp(), cache.Changes);

    /// <summary>Forgets values that have gone or come: this instance asks storage for them at once.</summary>
    public void Forget(params IEnumerable<string?> hashes) => cache.Forget(hashes);

    /// <summary>The hash that a row is about.</summary>
    public static string HashOf(TableEntity row) => row.RowKey[Prefix.Length..];

    /// <summary>Deletes values that expired more than an hour ago.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        var before = time.GetUtcNow() - TimeSpan.FromHours(1);
        var old = await workers.RangeAsync(Partition, Prefix, ["PartitionKey", "RowKey"], TableClient.CreateQueryFilter($"expiresAt lt {before}"), cancellation).ConfigureAwait(false);
        while (old.Count > 0)
        {
            var some = old.Take(Table.MaximumChanges).ToList();
            var answer = await workers.WriteAsync([.. some.Select(row => Change.Delete(row.PartitionKey, row.RowKey, row.ETag))], cancellation).ConfigureAwait(false);

            // Another clean-up, or the end of the worker, was faster with one of them.
            old.RemoveRange(answer.Applied ? 0 : Math.Max(0, answer.ConflictAt), answer.Applied ? some.Count : 1);
        }
    }

    internal async Task<Grant?> GrantAsync(string hash, CancellationToken cancellation) =>
        await FindAsync(hash, cancellation).ConfigureAwait(false) is { } row && !Rows.IsNewer(row) ? GrantOf(row) : null;

    private static Grant GrantOf(TableEntity row)
    {
        var (worker, registers) = (row.GetRequired("worker"), row.GetBoolean(Registers) == true);
        var caller = new Caller($"worker {worker}", registers ? $"registration of worker {worker}" : $"worker {worker}", registers ? Scope.Register : Scope.Worker, AllowedNamespaces.All)
        {
            Bound = new(worker, HashOf(row)),
        };
        return new(caller, row.GetDateTimeOffset("expiresAt"));
    }
}
