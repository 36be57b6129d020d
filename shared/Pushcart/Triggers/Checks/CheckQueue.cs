using System.Text;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>Sends checks: those of one remote together, so that it is asked once.</summary>
public sealed class CheckQueue(MessageQueue queue)
{
    private const int Envelope = 128;

    /// <summary>About how many messages wait.</summary>
    public Task<int> LengthAsync(CancellationToken cancellation) => queue.LengthAsync(cancellation);

    /// <summary>Sends due checks, packed into messages of at most 32 remotes and 48 KiB.</summary>
    public async Task SendAsync(Catalog catalog, IEnumerable<DueCheck> checks, TimeSpan delay, CancellationToken cancellation)
    {
        foreach (var message in Pack(catalog, checks))
        {
            await queue.SendAsync(new CheckMessage(Rows.Version, catalog.Generation, message).Write(), delay, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends owed checks by their keys.</summary>
    public Task SendTasksAsync(long generation, IEnumerable<string> keys, CancellationToken cancellation) =>
        SendTasksAsync(generation, keys.Select(key => new OwedHint(key)), TimeSpan.Zero, cancellation);

    /// <summary>Sends owed checks that have just been written, with their rows where these fit.</summary>
    public Task SendTasksAsync(long generation, IEnumerable<OwedTask> tasks, CancellationToken cancellation) => SendTasksAsync(
        generation,
        tasks.Select(t => t.ETag == default || t.Rest is not null ? new OwedHint(t.Key) : new(t.Key, null, t.ETag.ToString(), t)),
        TimeSpan.Zero,
        cancellation);

    /// <summary>Sends owed checks, to be seen after a delay.</summary>
    public async Task SendTasksAsync(long generation, IEnumerable<OwedHint> tasks, TimeSpan delay, CancellationToken cancellation)
    {
        foreach (var some in tasks.Chunk(CheckSettings.RemotesInMessage))
        {
            var text = new CheckMessage(Rows.Version, generation, null, some).Write();
            if (Encoding.UTF8.GetByteCount(text) > MessageQueue.MaximumBytes)
            {
                text = new CheckMessage(Rows.Version, generation, null, [.. some.Select(t => t with { ETag = null, Row = null })]).Write();
            }

            await queue.SendAsync(text, delay, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Sends a message as it is.</summary>
    public Task SendAsync(string message, TimeSpan delay, CancellationToken cancellation) => queue.SendAsync(message, delay, cancellation);

    internal static IEnumerable<IReadOnlyList<DueCheck>> Pack(Catalog catalog, IEnumerable<DueCheck> checks)
    {
        var message = new List<DueCheck>();
        var (remotes, bytes) = (0, Envelope);
        foreach (var remote in checks.GroupBy(c => RemoteOf(catalog, c)))
        {
            remotes++;
            var whole = remote.Sum(CheckMessage.SizeOf);
            var fits = Envelope + whole <= MessageQueue.MaximumBytes;
            foreach (var (i, check) in remote.Index())
            {
                // A remote that would fit a message of its own is not split over two: it would be asked twice.
                var size = CheckMessage.SizeOf(check);
                var needed = i == 0 && fits ? whole : size;
                if (message.Count > 0 && (remotes > CheckSettings.RemotesInMessage || bytes + needed > MessageQueue.MaximumBytes))
                {
                    yield return message;
                    message = [];
                    (remotes, bytes) = (1, Envelope);
                }

                message.Add(check);
                bytes += size;
            }
        }

        if (message.Count > 0)
        {
            yield return message;
        }
    }

    // The endpoint without its secrets: sources with the same one are asked together. A secret's namespace is part of it.
    private static string RemoteOf(Catalog catalog, DueCheck check)
    {
        if (catalog.Find(check.Trigger) is not { Spec: TriggerSpec trigger } resource)
        {
            return check.Trigger;
        }

        var name = Catalog.SourceName(trigger.Sources.Kind, resource.Name.Namespace!, check.Source);
        return catalog.Find(name) is { } source ? $"{resource.Name.Namespace}\n{source.Json}" : check.Trigger;
    }
}
