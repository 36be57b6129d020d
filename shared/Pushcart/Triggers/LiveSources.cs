using Azure.Data.Tables;
using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers;

/// <summary>The rows of sources and of owed checks.</summary>
public sealed class LiveSources(Table live)
{
    /// <summary>Reads a source; null before its first decision.</summary>
    public async Task<SourceState?> FindAsync(string key, CancellationToken cancellation) =>
        await live.FindAsync(JobRow.Partition, key, cancellation).ConfigureAwait(false) is { } row ? SourceState.Read(row) : null;

    /// <summary>Reads an owed check; null once it is answered.</summary>
    /// <exception cref="NewerRowException">A later version wrote it.</exception>
    public async Task<OwedTask?> FindTaskAsync(string key, CancellationToken cancellation) =>
        await live.FindAsync(JobRow.Partition, key, cancellation).ConfigureAwait(false) is { } row ? OwedTask.Read(row) : null;

    /// <summary>Reads an accepted event; null where there is none.</summary>
    public Task<TableEntity?> FindDeliveryAsync(string eventId, CancellationToken cancellation) =>
        live.FindAsync(JobRow.Partition, Delivery.KeyOf(eventId), cancellation);

    /// <summary>All accepted events, each followed by the outcomes of its checks.</summary>
    public async Task<List<TableEntity>> DeliveriesAsync(CancellationToken cancellation) =>
        [.. (await live.RangeAsync(JobRow.Partition, Delivery.Prefix, null, null, cancellation).ConfigureAwait(false)).Where(r => !Rows.IsNewer(r))];

    /// <summary>An accepted event, followed by the outcomes of its checks, also where it was accepted in several parts; none where it is not known.</summary>
    public async Task<List<TableEntity>> DeliveriesOfAsync(string eventId, CancellationToken cancellation) =>
        [.. (await live.RangeAsync(JobRow.Partition, Delivery.KeyOf(eventId), null, null, cancellation).ConfigureAwait(false)).Where(r => !Rows.IsNewer(r) && IsOf(eventId, r.RowKey))];

    /// <summary>The checks that are owed to an event.</summary>
    public async Task<List<OwedTask>> TasksOfAsync(string eventId, CancellationToken cancellation) =>
        [.. (await live.RangeAsync(JobRow.Partition, OwedTask.Prefix + eventId, null, null, cancellation).ConfigureAwait(false)).Where(r => !Rows.IsNewer(r) && IsOf(eventId, r.RowKey)).Select(OwedTask.Read)];

    // delivery|<id>, delivery|<id>|<n>, and parts of it: delivery|<id>-<part>….
    private static bool IsOf(string eventId, string key) => key.Split('|')[1] is var id && (id == eventId || id.StartsWith(eventId + "-", StringComparison.Ordinal));

    /// <summary>All sources.</summary>
    public async Task<List<SourceState>> AllAsync(CancellationToken cancellation) =>
        [.. (await live.RangeAsync(JobRow.Partition, SourceState.Prefix, null, null, cancellation).ConfigureAwait(false)).Where(r => !Rows.IsNewer(r)).Select(SourceState.Read)];

    /// <summary>All managed webhooks.</summary>
    public async Task<List<HookState>> HooksAsync(CancellationToken cancellation) =>
        [.. (await live.RangeAsync(JobRow.Partition, HookState.Prefix, null, null, cancellation).ConfigureAwait(false)).Where(r => !Rows.IsNewer(r)).Select(HookState.Read)];

    /// <summary>Owed checks.</summary>
    /// <param name="action">Only those of that action (<see cref="OwedTask.Action"/>), or null.</param>
    /// <param name="source">Only those of sources of that name, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<OwedTask>> TasksAsync(string? action, string? source, CancellationToken cancellation)
    {
        var filter = action is not null ? TableClient.CreateQueryFilter($"action eq {action}")
            : source is not null ? TableClient.CreateQueryFilter($"source eq {source}")
            : null;
        var rows = await live.RangeAsync(JobRow.Partition, OwedTask.Prefix, null, filter, cancellation).ConfigureAwait(false);
        return [.. rows.Where(r => !Rows.IsNewer(r)).Select(OwedTask.Read)];
    }

    /// <summary>Writes changes in one transaction.</summary>
    public Task<WriteAnswer> WriteAsync(IReadOnlyList<Change> changes, CancellationToken cancellation) => live.WriteAsync(changes, cancellation);
}
