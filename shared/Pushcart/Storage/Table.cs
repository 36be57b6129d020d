using System.Runtime.CompilerServices;
using Azure;
using Azure.Data.Tables;

namespace Pushcart.Storage;

/// <summary>
/// A table, as Pushcart uses it. Expected answers (404, 409, 412) are values; everything else is an exception, which fails the message or the tick that met it.
/// </summary>
public sealed class Table(TableClient client)
{
    /// <summary>Rows that one transaction may hold; the service's own limit.</summary>
    public const int MaximumChanges = 100;

    /// <summary>Bytes that one transaction may hold, as estimated by <see cref="Rows.Size"/>: below the service's 4 MiB, which Azurite does not check.</summary>
    public const int MaximumBytes = 3 * 1024 * 1024;

    /// <summary>Reads one row; null where it is not there.</summary>
    public async Task<TableEntity?> FindAsync(string partition, string key, CancellationToken cancellation)
    {
        var answer = await client.GetEntityIfExistsAsync<TableEntity>(partition, key, cancellationToken: cancellation).ConfigureAwait(false);
        return answer.HasValue ? answer.Value : null;
    }

    /// <summary>Reads the rows of one partition whose keys begin with <paramref name="prefix"/>, in order of key.</summary>
    /// <param name="partition">The partition.</param>
    /// <param name="prefix">How the keys begin.</param>
    /// <param name="select">The properties to read; null: all.</param>
    /// <param name="filter">A further condition (OData), or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<TableEntity>> RangeAsync(string partition, string prefix, IEnumerable<string>? select, string? filter, CancellationToken cancellation)
    {
        // '}' follows '|' in every order that the service uses: the keys "job|…" are exactly those from "job|" up to "job}".
        var after = string.Concat(prefix.AsSpan(0, prefix.Length - 1), ((char)(prefix[^1] + 1)).ToString());
        var range = TableClient.CreateQueryFilter($"PartitionKey eq {partition} and RowKey ge {prefix} and RowKey lt {after}");
        var rows = new List<TableEntity>();
        await foreach (var row in QueryAsync(filter is null ? range : $"{range} and ({filter})", select, cancellation).ConfigureAwait(false))
        {
            rows.Add(row);
        }

        return rows;
    }

    /// <summary>Reads rows by an OData filter, page after page.</summary>
    public async IAsyncEnumerable<TableEntity> QueryAsync(string filter, IEnumerable<string>? select, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var row in client.QueryAsync<TableEntity>(filter, maxPerPage: null, select, cancellation).ConfigureAwait(false))
        {
            yield return row;
        }
    }

    /// <summary>Reads one page of rows by an OData filter.</summary>
    /// <returns>The rows, and what the next page goes on from; null at the end.</returns>
    public async Task<(IReadOnlyList<TableEntity> Rows, string? Next)> PageAsync(
        string filter, int size, string? from, IEnumerable<string>? select, CancellationToken cancellation)
    {
        await foreach (var page in client.QueryAsync<TableEntity>(filter, size, select, cancellation).AsPages(from, size).ConfigureAwait(false))
        {
            return (page.Values, string.IsNullOrEmpty(page.ContinuationToken) ? null : page.ContinuationToken);
        }

        return ([], null);
    }

    /// <summary>Writes changes of one partition in one transaction: all or nothing.</summary>
    public async Task<WriteAnswer> WriteAsync(IReadOnlyList<Change> changes, CancellationToken cancellation)
    {
        try
        {
            return changes.Count == 1
                ? new(true, [await WriteOneAsync(changes[0], cancellation).ConfigureAwait(false)])
                : new(true, await WriteAllAsync(changes, cancellation).ConfigureAwait(false));
        }
        catch (TableTransactionFailedException e) when (IsConflict(e.Status))
        {
            return new(false, [], e.FailedTransactionActionIndex ?? -1, e.Status);
        }
        catch (RequestFailedException e) when (IsConflict(e.Status) && e.ErrorCode != "TableNotFound")
        {
            return new(false, [], changes.Count == 1 ? 0 : -1, e.Status);
        }
    }

    private async Task<IReadOnlyList<ETag>> WriteAllAsync(IReadOnlyList<Change> changes, CancellationToken cancellation)
    {
        if (changes.Count > MaximumChanges || changes.Sum(c => Rows.Size(c.Row)) > MaximumBytes)
        {
            throw new ArgumentException($"a transaction holds at most {MaximumChanges} rows and {MaximumBytes} bytes", nameof(changes));
        }

        var answer = await client.SubmitTransactionAsync(
            changes.Select(c => new TableTransactionAction(c.Type, c.Row, c.ETag)), cancellation).ConfigureAwait(false);
        return [.. answer.Value.Select(part => part.Headers.ETag ?? default)];
    }

    private async Task<ETag> WriteOneAsync(Change change, CancellationToken cancellation)
    {
        var answer = change.Type switch
        {
            TableTransactionActionType.Add => await client.AddEntityAsync(change.Row, cancellation).ConfigureAwait(false),
            TableTransactionActionType.Delete =>
                await client.DeleteEntityAsync(change.Row.PartitionKey, change.Row.RowKey, change.ETag, cancellation).ConfigureAwait(false),
            TableTransactionActionType.UpdateMerge =>
                await client.UpdateEntityAsync(change.Row, change.ETag, TableUpdateMode.Merge, cancellation).ConfigureAwait(false),
            _ => await client.UpdateEntityAsync(change.Row, change.ETag, TableUpdateMode.Replace, cancellation).ConfigureAwait(false),
        };

        // The real client answers the delete of a missing row with its 404, not with an exception.
        return answer.Status == 404 ? throw new RequestFailedException(answer) : answer.Headers.ETag ?? default;
    }

    private static bool IsConflict(int status) => status is 404 or 409 or 412;
}
