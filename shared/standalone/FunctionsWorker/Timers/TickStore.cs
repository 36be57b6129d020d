using Azure;
using Azure.Core;
using Azure.Data.Tables;

namespace Microsoft.Azure.Functions.Worker.Timers;

/// <summary>A timer's row: who runs it, and its recorded occurrences.</summary>
/// <param name="Owner">Id of the instance that runs the timer; empty: nobody.</param>
/// <param name="Expires">When another may take it over, unless it is renewed.</param>
/// <param name="Schedule">The schedule that the occurrences are of.</param>
/// <param name="Last">The last occurrence that ran.</param>
/// <param name="Next">The occurrence expected next.</param>
internal sealed record Tick(string Owner, DateTimeOffset Expires, string? Schedule, DateTimeOffset? Last, DateTimeOffset? Next)
{
    /// <summary>The state of the row that was read or written.</summary>
    public ETag ETag { get; init; }
}

/// <summary>The timers' rows in a table: partition <c>timer</c>, row key the function's name. Every write names the state that it saw.</summary>
internal sealed class TickStore(string connection, string table)
{
    private const string Partition = "timer";

    private readonly TableClient _table = new(connection, table, new TableClientOptions
    {
        Retry = { Mode = RetryMode.Fixed, Delay = TimeSpan.FromMilliseconds(200), MaxRetries = 2, NetworkTimeout = TimeSpan.FromSeconds(10) },
    });

    /// <summary>Address of the table's account.</summary>
    public Uri Address => _table.Uri;

    /// <summary>The row, or null where there is none, nor a table.</summary>
    public async Task<Tick?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var row = (await _table.GetEntityAsync<TableEntity>(Partition, name, cancellationToken: cancellationToken).ConfigureAwait(false)).Value;
            return new Tick(
                row.GetString("owner") ?? string.Empty,
                row.GetDateTimeOffset("expires") ?? DateTimeOffset.MinValue,
                row.GetString("schedule"),
                row.GetDateTimeOffset("last"),
                row.GetDateTimeOffset("next"))
            {
                ETag = row.ETag,
            };
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Inserts the row; null: it is there already. Makes the table where it is absent.</summary>
    public async Task<Tick?> InsertAsync(string name, Tick tick, CancellationToken cancellationToken)
    {
        try
        {
            return await AddAsync(name, tick, cancellationToken).ConfigureAwait(false);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await _table.CreateIfNotExistsAsync(cancellationToken).ConfigureAwait(false);
            return await AddAsync(name, tick, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Replaces the row as it was seen; null: it has changed since, or is gone.</summary>
    public async Task<Tick?> UpdateAsync(string name, Tick tick, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _table.UpdateEntityAsync(Entity(name, tick), tick.ETag, TableUpdateMode.Replace, cancellationToken).ConfigureAwait(false);
            return tick with { ETag = answer.Headers.ETag!.Value };
        }
        catch (RequestFailedException e) when (e.Status is 412 or 404)
        {
            return null;
        }
    }

    private async Task<Tick?> AddAsync(string name, Tick tick, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _table.AddEntityAsync(Entity(name, tick), cancellationToken).ConfigureAwait(false);
            return tick with { ETag = answer.Headers.ETag!.Value };
        }
        catch (RequestFailedException e) when (e.Status == 409)
        {
            return null;
        }
    }

    private static TableEntity Entity(string name, Tick tick)
    {
        var row = new TableEntity(Partition, name) { ["v"] = 1, ["owner"] = tick.Owner, ["expires"] = tick.Expires };
        Set("schedule", tick.Schedule);
        Set("last", tick.Last);
        Set("next", tick.Next);
        return row;

        void Set(string property, object? value)
        {
            if (value is not null)
            {
                row[property] = value;
            }
        }
    }
}
