using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;

namespace Pushcart.Triggers;

/// <summary>Deletes the rows of sources whose trigger is gone, or looks at them no more.</summary>
public sealed class SourceCleaning(LiveSources live, ResourceStore resources)
{
    /// <summary>Cleans once. A source whose check is owed is left: the task goes first.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        // Rows first: a trigger that is made after the catalog was read has no row in the list yet.
        var rows = await live.AllAsync(cancellation).ConfigureAwait(false);
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var watched = catalog.Triggers.SelectMany(t =>
        {
            var sources = ((TriggerSpec)t.Spec!).Sources;
            return sources.Names.Select(n => SourceState.KeyOf(t.Uid, sources.Kind, n, sources.Reference));
        }).ToHashSet();
        var unreadable = catalog.All.Where(r => r.Spec is null).Select(r => r.Uid).ToHashSet();
        foreach (var row in rows.Where(r => !r.Owed && !watched.Contains(r.Key) && !unreadable.Contains(r.TriggerUid)))
        {
            await live.WriteAsync([Change.Delete(JobRow.Partition, row.Key, row.ETag)], cancellation).ConfigureAwait(false);
        }
    }
}
