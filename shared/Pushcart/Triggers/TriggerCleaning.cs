using Pushcart.Triggers.Owed;
namespace Pushcart.Triggers;

/// <summary>Deletes what triggers leave behind: rows of sources that nobody watches, and events that are over.</summary>
public sealed class TriggerCleaning(SourceCleaning sources, DeliveryCleaning deliveries)
{
    /// <summary>Cleans once.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        await sources.CleanAsync(cancellation).ConfigureAwait(false);
        await deliveries.CleanAsync(cancellation).ConfigureAwait(false);
    }
}
