using System.Xml;
using Pushcart.Storage;

namespace Pushcart.Inspection;

/// <summary>Tells how the queues stand. It looks, and takes no message.</summary>
public sealed class QueueQueries(StorageClients storage, TimeProvider time)
{
    /// <summary>All queues, by two calls of storage each.</summary>
    public async Task<QueueList> AllAsync(CancellationToken cancellation) =>
        new(await Task.WhenAll(QueueNames.All.Select(name => OneAsync(name, storage.Queue(name), cancellation))).ConfigureAwait(false));

    /// <summary>The visible messages at the front of a queue.</summary>
    /// <param name="name">Name of the queue, without prefix.</param>
    /// <param name="max">How many at most, as the caller wrote it: 1 to 32; null or empty: 32.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Answer<MessageList>> PeekAsync(string name, string? max, CancellationToken cancellation)
    {
        if (!QueueNames.All.Contains(name))
        {
            return new Refusal(RefusalCodes.QueueUnknown, $"there is no queue {Wording.Quote(name)}; the queues are {string.Join(", ", QueueNames.All)}");
        }

        if (QueryNumber.Read("max", max, 1, MessageQueue.MostPeeked, MessageQueue.MostPeeked, out var most) is { } refusal)
        {
            return refusal;
        }

        var messages = await storage.Queue(name).PeekAsync(most, cancellation).ConfigureAwait(false);
        return new MessageList([.. messages.Select(ViewOf)]);
    }

    private async Task<QueueView> OneAsync(string name, MessageQueue queue, CancellationToken cancellation)
    {
        // In this order: a message that comes between the two is counted, so that there are never more visible ones than messages but by one that was taken.
        var visible = await queue.PeekAsync(MessageQueue.MostPeeked, cancellation).ConfigureAwait(false);
        var messages = await queue.LengthAsync(cancellation).ConfigureAwait(false);
        var oldest = visible.Min(m => m.InsertedAt);
        var atLeast = visible.Count == MessageQueue.MostPeeked;
        return new()
        {
            Name = name,
            Queue = queue.Name,
            Messages = messages,
            Visible = visible.Count,
            VisibleAtLeast = atLeast,
            Hidden = atLeast ? null : Math.Max(0, messages - visible.Count),
            OldestAge = oldest is { } at ? XmlConvert.ToString(TimeSpan.FromSeconds(Math.Max(0, Math.Floor((time.GetUtcNow() - at).TotalSeconds)))) : null,
        };
    }

    private static MessageView ViewOf(WaitingMessage message)
    {
        var (body, text, cut) = MessageContent.Of(message.Text, MessageContent.ShortText);
        return new()
        {
            Id = message.Id,
            InsertedAt = Rfc3339.Text(message.InsertedAt),
            ExpiresAt = Rfc3339.Text(message.ExpiresAt),
            DequeueCount = message.DequeueCount,
            Body = body,
            Text = text,
            Cut = cut,
        };
    }
}
