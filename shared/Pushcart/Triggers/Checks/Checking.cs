using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>
/// Handles a message of checks.
/// <list type="number">
/// <item>Find out which sources of which triggers are meant.</item>
/// <item>For each source read its row; the order matters: an answer of git that is older than the row proves nothing.</item>
/// <item>Ask each remote once for all references wanted of it, 16 remotes at a time.</item>
/// <item>Decide, and write each decision in one transaction on the row's ETag.</item>
/// <item>What met a conflict goes from 2, three times; then a later message does.</item>
/// </list>
/// A remote that fails is an outcome, not an exception: only storage may fail the message.
/// </summary>
public sealed class Checking(
    ResourceStore resources,
    LiveSources live,
    Answering answering,
    Owing owing,
    SourceEndpoints endpoints,
    GitClient git,
    CheckQueue queue,
    CheckSettings settings,
    TimeProvider time,
    ILogger<Checking> log)
{
    private readonly CheckItems _items = new(resources, live, answering, owing, log);
    private const int Rounds = 3;
    private static readonly TimeSpan LaterByConflict = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LaterByVersion = TimeSpan.FromMinutes(1);

    /// <summary>Handles one message of the queue <c>checks</c>.</summary>
    /// <exception cref="InvalidDataException">The message cannot be read.</exception>
    public async Task HandleAsync(string text, CancellationToken cancellation)
    {
        var message = CheckMessage.Read(text);
        if (message.V > Rows.Version)
        {
            log.LogWarning("a message of checks is of a later version; it is sent again in a minute");
            await queue.SendAsync(text, LaterByVersion, cancellation).ConfigureAwait(false);
            return;
        }

        // 1. The items, by remote.
        var catalog = await resources.CurrentAsync(message.Generation, cancellation).ConfigureAwait(false);
        var items = await _items.OfAsync(message, catalog, cancellation).ConfigureAwait(false);
        var remotes = await RemotesAsync(items, catalog, cancellation).ConfigureAwait(false);

        var until = time.GetUtcNow() + settings.MessageTime;
        var undone = new ConcurrentBag<CheckItem>();
        var newer = new ConcurrentBag<CheckItem>();
        var waiting = new ConcurrentQueue<Remote>(remotes);
        async Task CheckSomeAsync()
        {
            while (waiting.TryDequeue(out var remote))
            {
                var left = time.GetUtcNow() < until ? await CheckRemoteAsync(remote, catalog, newer, cancellation).ConfigureAwait(false) : remote.Items;
                foreach (var item in left)
                {
                    undone.Add(item);
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Math.Min(CheckSettings.RemotesAtOnce, remotes.Count)).Select(_ => CheckSomeAsync())).ConfigureAwait(false);

        if (!undone.IsEmpty)
        {
            log.LogDebug("{Count} checks are left for a later message", undone.Count);
            await queue.SendAsync(catalog, DueChecks(undone), LaterByConflict, cancellation).ConfigureAwait(false);
            await queue.SendTasksAsync(catalog.Generation, undone.SelectMany(Owed), TimeSpan.Zero, cancellation).ConfigureAwait(false);
        }

        // Owed ones among them need no message: their rows send them again.
        await queue.SendAsync(catalog, DueChecks(newer), LaterByVersion, cancellation).ConfigureAwait(false);
    }

    /// <summary>Owes the scheduled checks of a message that failed too often, so that none is forgotten.</summary>
    /// <exception cref="InvalidDataException">The message cannot be read.</exception>
    public async Task OweAsync(string text, CancellationToken cancellation)
    {
        var message = CheckMessage.Read(text);
        if (message.V > Rows.Version)
        {
            await queue.SendAsync(text, LaterByVersion, cancellation).ConfigureAwait(false);
            return;
        }

        var catalog = await resources.CurrentAsync(message.Generation, cancellation).ConfigureAwait(false);
        var left = (await _items.OfAsync(message with { Tasks = null }, catalog, cancellation).ConfigureAwait(false)).ToList();
        for (var round = 1; round <= Rounds && left.Count > 0; round++)
        {
            var conflicts = new List<CheckItem>();
            foreach (var item in left)
            {
                if (await _items.ReadAsync(item, again: true, cancellation).ConfigureAwait(false) is { } read && Decision.IsLookedAtByItself(read, catalog)
                    && !(await answering.WriteAsync(read, new Decision.Fail("its message failed too often", BackOff: false), null, catalog, time.GetUtcNow(), cancellation).ConfigureAwait(false)).Applied)
                {
                    conflicts.Add(item);
                }
            }

            left = conflicts;
        }

        if (left.Count > 0)
        {
            throw new InvalidOperationException($"{left.Count} checks could not be owed; the message is tried again");
        }
    }

    private sealed record Remote(GitEndpoint? Endpoint, string? Error, IReadOnlyList<CheckItem> Items);

    private async Task<IReadOnlyList<Remote>> RemotesAsync(IReadOnlyList<CheckItem> items, Catalog catalog, CancellationToken cancellation)
    {
        var resolved = new List<(GitEndpoint? Endpoint, string? Error, CheckItem Item)>();
        foreach (var item in items)
        {
            if (catalog.Find(item.SourceName)?.Spec is GitRepoSpec spec)
            {
                var (endpoint, error) = await endpoints.ResolveAsync(item.Trigger.Name.Namespace!, item.SourceName, spec, cancellation).ConfigureAwait(false);
                resolved.Add((endpoint, error, item));
            }
            else
            {
                resolved.Add((null, null, item));
            }
        }

        return [.. resolved.GroupBy(r => (r.Endpoint, r.Error)).Select(g => new Remote(g.Key.Endpoint, g.Key.Error, [.. g.Select(r => r.Item)]))];
    }

    private static IEnumerable<DueCheck> DueChecks(IEnumerable<CheckItem> items) =>
        items.Where(i => i.Due is not null).Select(i => new DueCheck(i.Trigger.Uid, i.SourceName.Name, i.Due!.Value, i.Confirm));

    private static IEnumerable<OwedHint> Owed(CheckItem item) =>
        (item.TaskKey is { } key ? item.Events.Select(e => e.Key).Prepend(key) : item.Events.Select(e => e.Key)).Select(k => new OwedHint(k, item.Confirm));

    private async Task<IReadOnlyList<CheckItem>> CheckRemoteAsync(Remote remote, Catalog catalog, ConcurrentBag<CheckItem> newer, CancellationToken cancellation)
    {
        var left = remote.Items;
        for (var round = 1; round <= Rounds && left.Count > 0; round++)
        {
            // 2. The rows.
            var began = time.GetUtcNow();
            var asking = new List<ReadItem>();
            var again = new List<CheckItem>();
            foreach (var item in left)
            {
                if (await _items.ReadAsync(item, again: round > 1, cancellation).ConfigureAwait(false) is not { } read)
                {
                    newer.Add(item);
                    continue;
                }

                var decision = Decision.BeforeAsking(read, catalog, time.GetUtcNow());
                if (decision is Decision.Ask or Decision.Fire && remote.Error is { } error)
                {
                    decision = new Decision.Fail(error, BackOff: true);
                }

                if (decision is Decision.Ask)
                {
                    asking.Add(read);
                }
                else if (await WriteAsync(read, decision, remote, catalog, began, cancellation).ConfigureAwait(false) is { } more)
                {
                    again.Add(more);
                }
            }

            // 3. Git.
            if (asking.Count > 0)
            {
                var names = asking.Select(r => r.Item.Reference.FullName!).Distinct().ToList();
                var dialect = asking.Select(r => r.State.Dialect).FirstOrDefault(d => d is not null);
                var asked = time.GetTimestamp();
                var answer = await git.ListRefsAsync(remote.Endpoint!, names, dialect, cancellation).ConfigureAwait(false);

                // 4. The decisions.
                foreach (var read in asking)
                {
                    // Another check that found nothing changed wrote nothing: no version tells that this answer is older than that one. So it must be fresh.
                    if (time.GetElapsedTime(asked) > CheckSettings.AnswerHolds)
                    {
                        again.Add(read.Item);
                        continue;
                    }

                    var decision = Decision.AfterAsking(read, answer, time.GetUtcNow(), settings);
                    var current = answer.Value is { } refs ? read with { State = read.State with { Dialect = refs.Dialect } } : read;
                    if (await WriteAsync(current, decision, remote, catalog, began, cancellation).ConfigureAwait(false) is { } more)
                    {
                        again.Add(more);
                    }
                }
            }

            // 5. Conflicts, and what is left, go round again.
            left = again;
        }

        return left;
    }

    /// <summary>Writes a decision.</summary>
    /// <returns>What goes round again; null where all is done.</returns>
    private async Task<CheckItem?> WriteAsync(ReadItem read, Decision decision, Remote remote, Catalog catalog, DateTimeOffset began, CancellationToken cancellation)
    {
        var written = await answering.WriteAsync(read, decision, remote.Endpoint, catalog, began, cancellation).ConfigureAwait(false);
        return !written.Applied ? read.Item
            : written.Left.Count > 0 ? read.Item with { Due = null, TaskKey = null, Confirm = null, Events = written.Left }
            : null;
    }
}
