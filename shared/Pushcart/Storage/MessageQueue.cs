using Azure.Storage.Queues;

namespace Pushcart.Storage;

/// <summary>A queue of hints: a message may be lost, late, doubled or reordered; what must happen stands in a row.</summary>
public sealed class MessageQueue(QueueClient client)
{
    /// <summary>Bytes of text that a message may hold, so that it stays below the service's 64 KiB in either encoding.</summary>
    public const int MaximumBytes = 48 * 1024;

    /// <summary>How long a message waits before the service drops it: its row sends it anew long before.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromDays(7);

    /// <summary>Messages that one look shows at most; the service's own limit.</summary>
    public const int MostPeeked = 32;

    /// <summary>Name of the queue in the storage account, with the prefix of the installation.</summary>
    public string Name => client.Name;

    /// <summary>Sends a message.</summary>
    /// <param name="text">JSON of at most <see cref="MaximumBytes"/> bytes.</param>
    /// <param name="delay">How long nobody sees it; at most 7 days.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task SendAsync(string text, TimeSpan delay, CancellationToken cancellation) =>
        client.SendMessageAsync(text, delay > TimeSpan.Zero ? delay : null, TimeToLive, cancellation);

    /// <summary>When the oldest message that can be seen was sent; null where none can be.</summary>
    public async Task<DateTimeOffset?> OldestAsync(CancellationToken cancellation) =>
        (await client.PeekMessagesAsync(1, cancellation).ConfigureAwait(false)).Value is [var oldest, ..] ? oldest.InsertedOn : null;

    /// <summary>About how many messages there are, hidden ones included.</summary>
    public async Task<int> LengthAsync(CancellationToken cancellation) =>
        (await client.GetPropertiesAsync(cancellation).ConfigureAwait(false)).Value.ApproximateMessagesCount;

    /// <summary>Looks at messages without taking them: those at the front that are visible now. Their dequeue counts do not grow.</summary>
    /// <param name="most">1 to <see cref="MostPeeked"/>.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<IReadOnlyList<WaitingMessage>> PeekAsync(int most, CancellationToken cancellation) =>
        [.. (await client.PeekMessagesAsync(most, cancellation).ConfigureAwait(false)).Value
            .Select(m => new WaitingMessage(m.MessageId, m.InsertedOn, m.ExpiresOn, m.DequeueCount, m.Body.ToString()))];
}

/// <summary>A message that waits in a queue.</summary>
/// <param name="Id">The service's id.</param>
/// <param name="InsertedAt">When it was sent; null where the service does not tell.</param>
/// <param name="ExpiresAt">When the service drops it; null where it does not tell.</param>
/// <param name="DequeueCount">How often it was taken to be handled.</param>
/// <param name="Text">Its text as it is.</param>
public sealed record WaitingMessage(string Id, DateTimeOffset? InsertedAt, DateTimeOffset? ExpiresAt, long DequeueCount, string Text);
