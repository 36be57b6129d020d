using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Triggers.Checks;

namespace Pushcart.Triggers.Owed;

/// <summary>Deletes events whose checks all have an outcome, and whose time is over.</summary>
public sealed class DeliveryCleaning(LiveSources live, CheckSettings settings, TimeProvider time)
{
    /// <summary>Cleans once. The outcomes go first: the event's own row keeps a second delivery out until the end.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        var old = time.GetUtcNow() - settings.DeliveriesKept;
        var rows = await live.DeliveriesAsync(cancellation).ConfigureAwait(false);
        foreach (var rowsOfEvent in rows.GroupBy(r => r.RowKey.Split('|')[1]))
        {
            var sorted = rowsOfEvent.OrderByDescending(r => r.RowKey, StringComparer.Ordinal).ToList();
            if (sorted[^1].GetInt32("checks") is not { } checks || sorted.Count - 1 < checks || sorted.Any(r => r.GetDateTimeOffset("at") >= old))
            {
                continue;
            }

            foreach (var some in sorted.Chunk(Table.MaximumChanges))
            {
                await live.WriteAsync([.. some.Select(r => Change.Delete(JobRow.Partition, r.RowKey, r.ETag))], cancellation).ConfigureAwait(false);
            }
        }
    }
}
