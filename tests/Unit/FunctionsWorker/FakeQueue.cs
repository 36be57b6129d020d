using System.Collections.Concurrent;
using System.Globalization;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Pushcart.Tests.Unit.FunctionsWorker;

/// <summary>A queue in memory that notes what is asked of it. Its messages have no clock: those of a fetch are hidden for good.</summary>
internal sealed class FakeQueue(string name = "work") : QueueClient
{
    private readonly ConcurrentQueue<string> _texts = [];
    private int _receipts;

    public override string Name => name;

    public override Uri Uri => new($"http://127.0.0.1:10001/account/{name}");

    /// <summary>How many messages each fetch asked for.</summary>
    public ConcurrentQueue<int> Fetches { get; } = [];

    /// <summary>Everything else, a line each.</summary>
    public ConcurrentQueue<string> Calls { get; } = [];

    /// <summary>Called with the number of each fetch.</summary>
    public Action<int> OnFetch { get; set; } = _ => { };

    /// <summary>What changes of messages answer instead of succeeding, one after the other.</summary>
    public ConcurrentQueue<RequestFailedException> Failures { get; } = [];

    /// <summary>Puts messages in.</summary>
    public void Add(params string[] texts) => Array.ForEach(texts, _texts.Enqueue);

    public static QueueMessage Message(string text, int dequeueCount = 1) =>
        QueuesModelFactory.QueueMessage("id", "receipt 0", BinaryData.FromString(text), dequeueCount);

    public override Task<Response<QueueMessage[]>> ReceiveMessagesAsync(int? maxMessages = null, TimeSpan? visibilityTimeout = null, CancellationToken cancellationToken = default)
    {
        Fetches.Enqueue(maxMessages!.Value);
        OnFetch(Fetches.Count);
        List<QueueMessage> messages = [];
        while (messages.Count < maxMessages && _texts.TryDequeue(out var text))
        {
            messages.Add(Message(text));
        }

        return Task.FromResult(Response.FromValue(messages.ToArray(), null!));
    }

    public override Task<Response<UpdateReceipt>> UpdateMessageAsync(
        string messageId, string popReceipt, string? messageText = null, TimeSpan visibilityTimeout = default, CancellationToken cancellationToken = default)
    {
        Note(string.Create(CultureInfo.InvariantCulture, $"hide {visibilityTimeout.TotalSeconds} {popReceipt}"));
        return Task.FromResult(Response.FromValue(QueuesModelFactory.UpdateReceipt($"receipt {++_receipts}", default), null!));
    }

    public override Task<Response> DeleteMessageAsync(string messageId, string popReceipt, CancellationToken cancellationToken = default)
    {
        Note($"delete {popReceipt}");
        return Task.FromResult<Response>(null!);
    }

    public override Task<Response<SendReceipt>> SendMessageAsync(
        BinaryData? message, TimeSpan? visibilityTimeout = null, TimeSpan? timeToLive = null, CancellationToken cancellationToken = default) => SendAsync(message!.ToString());

    public override Task<Response> CreateIfNotExistsAsync(IDictionary<string, string>? metadata = null, CancellationToken cancellationToken = default)
    {
        Note("create");
        return Task.FromResult<Response>(null!);
    }

    private Task<Response<SendReceipt>> SendAsync(string text)
    {
        Note("send " + text);
        return Task.FromResult(Response.FromValue<SendReceipt>(null!, null!));
    }

    private void Note(string call)
    {
        Calls.Enqueue(call);
        if (Failures.TryDequeue(out var failure))
        {
            throw failure;
        }
    }
}
