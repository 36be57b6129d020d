using Microsoft.Extensions.Logging;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>Finds out what a message of checks asks for, and reads the rows of it.</summary>
internal sealed class CheckItems(ResourceStore resources, LiveSources live, Answering answering, Owing owing, ILogger log)
{
    /// <summary>The items of a message, one for each source. Tasks whose trigger is gone are dropped, whole events are expanded.</summary>
    public async Task<IReadOnlyList<CheckItem>> OfAsync(CheckMessage message, Catalog catalog, CancellationToken cancellation)
    {
        var items = new List<CheckItem>();
        foreach (var check in message.Checks ?? [])
        {
            if (ItemOf(catalog, check.Trigger, check.Source) is { } item)
            {
                items.Add(item with { Due = check.Due, Confirm = check.Confirm });
            }
        }

        Catalog? newest = null;
        foreach (var hint in message.Tasks ?? [])
        {
            if (await FindTaskAsync(hint, cancellation).ConfigureAwait(false) is not { } task)
            {
                continue;
            }

            if (task.Rest is not null)
            {
                // A whole event: its checks get tasks and messages of their own.
                await owing.ExpandAsync(task, cancellation).ConfigureAwait(false);
                continue;
            }

            if (ItemOf(catalog, task) is { } item)
            {
                items.Add(item with { Confirm = hint.Confirm });
                continue;
            }

            // Gone, or the catalog is merely old: only one that is read now proves it.
            newest ??= await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
            if (newest.Find(task.TriggerUid) is not { Spec: null } && ItemOf(newest, task) is null)
            {
                await answering.DropTaskAsync(task, cancellation).ConfigureAwait(false);
            }
        }

        // One source once, whatever asks for it: the latest instant stands for the earlier ones, and every event is answered.
        return [.. items.GroupBy(i => i.StateKey).Select(g => g.First() with
        {
            Due = g.Max(i => i.Due),
            TaskKey = g.Select(i => i.TaskKey).FirstOrDefault(k => k is not null),
            Confirm = g.Select(i => i.Confirm).LastOrDefault(c => c is not null),
            Events = [.. g.SelectMany(i => i.Events).DistinctBy(e => e.Key)],
        })];
    }

    private static CheckItem? ItemOf(Catalog catalog, string uid, string source) =>
        catalog.Find(uid) is not { Spec: TriggerSpec spec } trigger || !spec.Sources.Names.Contains(source) ? null
            : new() { Trigger = trigger, SourceName = Catalog.SourceName(spec.Sources.Kind, trigger.Name.Namespace!, source) };

    private static CheckItem? ItemOf(Catalog catalog, OwedTask task)
    {
        var item = ItemOf(catalog, task.TriggerUid, task.Source);
        return task.Event is not null ? item is null ? null : item with { Events = [task] }

            // What a schedule owed for another reference, or another kind of source, is owed no more.
            : item?.NewState().TaskKey == task.Key ? item with { TaskKey = task.Key } : null;
    }

    /// <summary>The rows of an item; null where a later version wrote them: they are left alone, and hold up no other item.</summary>
    /// <param name="item">The item.</param>
    /// <param name="again">True where the tasks of events, as the item has them, may have changed.</param>
    /// <param name="cancellation">Ends the reads.</param>
    public async Task<ReadItem?> ReadAsync(CheckItem item, bool again, CancellationToken cancellation)
    {
        try
        {
            var state = await live.FindAsync(item.StateKey, cancellation).ConfigureAwait(false) ?? item.NewState();
            var task = state.Owed ? await live.FindTaskAsync(state.TaskKey, cancellation).ConfigureAwait(false) : null;
            var events = item.Events;
            if (again && events.Count > 0)
            {
                var there = new List<OwedTask>();
                foreach (var known in item.Events)
                {
                    if (await FindTaskAsync(new OwedHint(known.Key), cancellation).ConfigureAwait(false) is { } owed)
                    {
                        there.Add(owed);
                    }
                }

                events = there;
            }

            return new(item, state, task, events);
        }
        catch (NewerRowException e)
        {
            log.LogWarning("{Source} is not checked for {Trigger} by this version: {Reason}", item.SourceName, item.Trigger.Name, e.Message);
            return null;
        }
    }

    /// <summary>An owed check; null where it is answered, or of a later version, which then sends it again.</summary>
    private async Task<OwedTask?> FindTaskAsync(OwedHint hint, CancellationToken cancellation)
    {
        if (hint is { Row: { } row, ETag: { } etag })
        {
            return row with { ETag = new(etag) };
        }

        try
        {
            return await live.FindTaskAsync(hint.Key, cancellation).ConfigureAwait(false);
        }
        catch (NewerRowException e)
        {
            log.LogWarning("an owed check is left to a later version: {Reason}", e.Message);
            return null;
        }
    }
}
