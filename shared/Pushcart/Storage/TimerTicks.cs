using Azure.Data.Tables;

namespace Pushcart.Storage;

/// <summary>
/// When each timer has last ticked: rows of the table <c>ticks</c>. Poll and Observe have rows of their own, with more in them; the others note that they began. Whichever instance a timer
/// runs in, every other one sees it here.
/// </summary>
public sealed class TimerTicks(Table ticks, TimeProvider time)
{
    /// <summary>The partition.</summary>
    internal const string Partition = "tick";

    /// <summary>Key of the timer that looks for due triggers.</summary>
    public const string Poll = "poll";

    /// <summary>Key of the timer that looks after everything alive.</summary>
    public const string Observe = "observe";

    /// <summary>Key of the timer that cleans history.</summary>
    public const string CleanHistory = "cleanhistory";

    /// <summary>Key of the timer that keeps webhooks.</summary>
    public const string Hooks = "hooks";

    /// <summary>When a timer ran that did not move its recorded time.</summary>
    internal const string Ran = "ran";

    /// <summary>Notes that a timer ticks, before it does anything that could fail.</summary>
    /// <param name="timer">Its key.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task NoteAsync(string timer, CancellationToken cancellation)
    {
        var before = await ticks.FindAsync(Partition, timer, cancellation).ConfigureAwait(false);
        var row = Rows.New(Partition, timer);
        row[Ran] = time.GetUtcNow();

        // Somebody else's tick, noted meanwhile, is as good.
        await ticks.WriteAsync([before is null ? Change.Insert(row) : Change.Replace(row, before.ETag)], cancellation).ConfigureAwait(false);
    }

    /// <summary>Reads the last tick of each timer that has ever ticked, by one call.</summary>
    public async Task<RecordedTicks> ReadAsync(CancellationToken cancellation)
    {
        var last = new Dictionary<string, DateTimeOffset>();
        DateTimeOffset? tickingSince = null;
        await foreach (var row in ticks.QueryAsync(TableClient.CreateQueryFilter($"PartitionKey eq {Partition}"), ["RowKey", Ran, "time", "last", "tickingSince"], cancellation).ConfigureAwait(false))
        {
            if ((row.GetDateTimeOffset(Ran) ?? row.GetDateTimeOffset("time") ?? row.GetDateTimeOffset("last")) is { } at)
            {
                last[row.RowKey] = at;
            }

            tickingSince = row.RowKey == Observe ? row.GetDateTimeOffset("tickingSince") : tickingSince;
        }

        return new(last, tickingSince);
    }
}

/// <summary>What the table of ticks says.</summary>
/// <param name="Last">The last tick of each timer, by its key.</param>
/// <param name="TickingSince">Since when Observe ticks without a gap; null where that is not known.</param>
public sealed record RecordedTicks(IReadOnlyDictionary<string, DateTimeOffset> Last, DateTimeOffset? TickingSince);
