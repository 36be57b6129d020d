using System.Security.Cryptography;
using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Queues;

/// <summary>
/// Fetches the messages of a queue by Functions' rules: a batch at a time, the next one as soon as no more than the threshold are being worked
/// on; polls that find nothing come ever more seldom, until a message of this process wakes the listener.
/// </summary>
internal sealed class QueueListener(
    QueueClient queue, QueueRules rules, Func<QueueMessage, Task> process, StorageOutage outage, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan OutageInterval = TimeSpan.FromSeconds(5);

    private readonly WakeSignal _wake = new(time);
    private readonly HashSet<Task> _working = [];

    /// <summary>Has the queue looked at now, however long ago its last message came.</summary>
    public void Wake() => _wake.Set();

    /// <summary>Listens until the token fires, then waits for what is being worked on.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        var interval = QueueRules.MinPollingInterval;
        while (!stopping.IsCancellationRequested)
        {
            if (!await WaitForRoomAsync(stopping).ConfigureAwait(false))
            {
                break;
            }

            _wake.Reset();
            var messages = await FetchAsync().ConfigureAwait(false);
            if (stopping.IsCancellationRequested)
            {
                await GiveBackAsync(messages ?? []).ConfigureAwait(false);
                break;
            }

            foreach (var message in messages ?? [])
            {
                _working.Add(process(message));
            }

            if (messages is { Length: > 0 })
            {
                // As under the real host: where some were, more may be, however few came.
                interval = QueueRules.MinPollingInterval;
                continue;
            }

            if (await _wake.WaitAsync(Vary(interval), stopping).ConfigureAwait(false))
            {
                interval = QueueRules.MinPollingInterval;
            }
            else
            {
                var longest = messages is null && OutageInterval < rules.MaxPollingInterval ? OutageInterval : rules.MaxPollingInterval;
                interval = interval * 2 < longest ? interval * 2 : longest;
            }
        }

        await Task.WhenAll(_working).ConfigureAwait(false);
    }

    /// <summary>Waits until the threshold allows another batch; false: the host stops.</summary>
    private async Task<bool> WaitForRoomAsync(CancellationToken stopping)
    {
        _working.RemoveWhere(task => task.IsCompleted);
        while (_working.Count > rules.NewBatchThreshold)
        {
            await ((Task)Task.WhenAny(_working)).WaitAsync(stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
            {
                return false;
            }

            _working.RemoveWhere(task => task.IsCompleted);
        }

        return true;
    }

    /// <summary>The next messages; null: storage does not answer. Not cancelled when the host stops: what is fetched and not known is hidden for minutes.</summary>
    private async Task<QueueMessage[]?> FetchAsync()
    {
        try
        {
            var answer = await queue.ReceiveMessagesAsync(rules.BatchSize, rules.Hidden, CancellationToken.None).ConfigureAwait(false);
            outage.Clear(queue.Uri);
            return answer.Value;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // As under the real host, a queue that is not there yet is an empty one.
            outage.Clear(queue.Uri);
            return [];
        }
        catch (Exception e) when (StorageOutage.IsAway(e))
        {
            outage.Report(queue.Uri);
            return null;
        }
        catch (RequestFailedException e)
        {
            logger.LogError("Queue {Queue} cannot be read: {Status} {Code}", queue.Name, e.Status, e.ErrorCode);
            return null;
        }
    }

    private async Task GiveBackAsync(QueueMessage[] messages)
    {
        foreach (var message in messages)
        {
            try
            {
                await queue.UpdateMessageAsync(message.MessageId, message.PopReceipt, messageText: null, TimeSpan.Zero).ConfigureAwait(false);
            }
            catch (Exception e) when (e is RequestFailedException || StorageOutage.IsAway(e))
            {
                logger.LogWarning("Message {Id} of queue {Queue} could not be given back: it is seen again in {Hidden}", message.MessageId, queue.Name, rules.Hidden);
            }
        }
    }

    /// <summary>A tenth more or less, so that several instances do not poll in step.</summary>
    private static TimeSpan Vary(TimeSpan interval) => interval * (0.9 + RandomNumberGenerator.GetInt32(201) / 1000.0);
}
