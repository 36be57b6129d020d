using System.Collections.Concurrent;
using System.Globalization;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Microsoft.Azure.Functions.Worker.Queues;

/// <summary>Wakes the listener of a queue when this process sends a message to it.</summary>
internal sealed class QueueWake(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, Action> _listeners = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<ITimer, bool> _delayed = new();

    /// <summary>Has <paramref name="wake"/> called for each message sent to a queue. Several functions may listen to one.</summary>
    public void Register(Uri queue, Action wake) => _listeners.AddOrUpdate(Key(queue), wake, (_, others) => others + wake);

    /// <summary>A message was sent, and is seen by readers after a delay.</summary>
    /// <param name="messages">Address of the queue's messages.</param>
    /// <param name="delay">The delay.</param>
    public void Sent(Uri messages, TimeSpan delay)
    {
        const string Suffix = "/messages";
        var key = Key(messages);
        if (!key.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) || !_listeners.TryGetValue(key[..^Suffix.Length], out var wake))
        {
            return;
        }

        if (delay <= TimeSpan.Zero)
        {
            wake();
            return;
        }

        // A longer delay than any polling interval need not be remembered: polling finds the message in time.
        if (delay <= TimeSpan.FromHours(1))
        {
            ITimer? timer = null;
            timer = time.CreateTimer(
                _ =>
                {
                    wake();
                    if (timer is not null && _delayed.TryRemove(timer, out bool _))
                    {
                        timer.Dispose();
                    }
                },
                null,
                Timeout.InfiniteTimeSpan,
                Timeout.InfiniteTimeSpan);
            _delayed[timer] = true;
            timer.Change(delay, Timeout.InfiniteTimeSpan);
        }
    }

    private static string Key(Uri address) => address.GetLeftPart(UriPartial.Path).TrimEnd('/');
}

/// <summary>
/// Notices what is sent to queues. The application adds every <see cref="HttpPipelinePolicy"/> that it finds among its services to its queue
/// clients; under the real host there is none.
/// </summary>
internal sealed class QueueWakePolicy(QueueWake wake) : HttpPipelinePolicy
{
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        ProcessNext(message, pipeline);
        Notice(message);
    }

    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
        Notice(message);
    }

    private void Notice(HttpMessage message)
    {
        if (message.Request.Method == RequestMethod.Post && message.HasResponse && message.Response.Status == 201)
        {
            var address = message.Request.Uri.ToUri();
            wake.Sent(address, DelayOf(address.Query));
        }
    }

    private static TimeSpan DelayOf(string query)
    {
        foreach (var part in query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith("visibilitytimeout=", StringComparison.OrdinalIgnoreCase)
                && int.TryParse(part["visibilitytimeout=".Length..], CultureInfo.InvariantCulture, out var seconds))
            {
                return TimeSpan.FromSeconds(seconds);
            }
        }

        return TimeSpan.Zero;
    }
}
