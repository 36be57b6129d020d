using Azure.Storage.Queues;

namespace Pushcart.Storage;

/// <summary>A queue of hints: a message may be lost, late, doubled or reordered; what must happen stands in a row.</summary>
public sealed class MessageQueue(QueueClient client)
{
    /// <summary>Bytes of text that a message may hold, so that it stays below the service's 64 KiB in either encoding.</summary>
    public const int MaximumBytes = 48 * 1024;

    /// <summary>How long a message waits before the service drops it: its row sends it anew long before.</summary>
    private static readonly TimeSpan TimeToLive = TimeSpan.FromDays(7);

    /// <summary>Sends a message.</summary>
    /// <param name="text">JSON of at most <see cref="MaximumBytes"/> bytes.</param>
    /// <param name="delay">How long nobody sees it; at most 7 days.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task SendAsync(string text, TimeSpan delay, CancellationToken cancellation) =>
        client.SendMessageAsync(text, delay > TimeSpan.Zero ? delay : null, TimeToLive, cancellation);

    /// <summary>About how many messages there are, hidden ones included.</summary>
    public async Task<int> LengthAsync(CancellationToken cancellation) =>
        (await client.GetPropertiesAsync(cancellation).ConfigureAwait(false)).Value.ApproximateMessagesCount;
}
