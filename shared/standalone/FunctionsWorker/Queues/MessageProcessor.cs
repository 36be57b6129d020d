using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Azure.Functions.Worker.Hosting;
using Microsoft.Azure.Functions.Worker.Invocation;
using Microsoft.Azure.Functions.Worker.Storage;
using Microsoft.Extensions.Logging;

namespace Microsoft.Azure.Functions.Worker.Queues;

/// <summary>
/// What becomes of a fetched message: it stays hidden while its function runs, is deleted when that succeeds, is seen again after the
/// visibility timeout when it fails, and goes to the poison queue after the last try.
/// </summary>
internal sealed class MessageProcessor(
    FunctionMethod function,
    QueueClient queue,
    QueueClient poison,
    QueueRules rules,
    FunctionRunner runner,
    StorageOutage outage,
    TimeProvider time,
    ILogger logger,
    CancellationToken graceOver)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>Works on a message. Never throws for what a function or storage does.</summary>
    public async Task ProcessAsync(QueueMessage message)
    {
        // Off the listener's own path: a function that does not await at once must not hold up the rest of the batch.
        await Task.Yield();
        if (message.DequeueCount > rules.MaxDequeueCount)
        {
            // Its last try ended with its process, so nobody moved it.
            await PoisonAsync(message, message.PopReceipt).ConfigureAwait(false);
            return;
        }

        if (Decode(message) is not { } body)
        {
            logger.LogError("Message {Id} of queue {Queue} is not base64, which host.json asks for (messageEncoding)", message.MessageId, queue.Name);
            await PoisonAsync(message, message.PopReceipt).ConfigureAwait(false);
            return;
        }

        var (outcome, receipt) = await RunHiddenAsync(message, body).ConfigureAwait(false);
        if (outcome.Failure is null)
        {
            await SettleAsync(message, "deleted", () => queue.DeleteMessageAsync(message.MessageId, receipt)).ConfigureAwait(false);
        }
        else if (outcome.Failure is OperationCanceledException && graceOver.IsCancellationRequested)
        {
            await ShowAsync(message, receipt, TimeSpan.Zero).ConfigureAwait(false);
        }
        else if (message.DequeueCount >= rules.MaxDequeueCount)
        {
            await PoisonAsync(message, receipt).ConfigureAwait(false);
        }
        else
        {
            await ShowAsync(message, receipt, rules.VisibilityTimeout).ConfigureAwait(false);
        }
    }

    private async Task<(RunOutcome Outcome, string Receipt)> RunHiddenAsync(QueueMessage message, BinaryData body)
    {
        using var ended = new CancellationTokenSource();
        var renewal = RenewAsync(message, ended.Token);
        var outcome = await runner.RunAsync(function, InputOf(message, body)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        return (outcome, await renewal.ConfigureAwait(false));
    }

    /// <summary>Hides the message anew at half-time until the token fires; answers the receipt in force then.</summary>
    private async Task<string> RenewAsync(QueueMessage message, CancellationToken ended)
    {
        var receipt = message.PopReceipt;
        var wait = rules.Hidden / 2;
        var refused = false;
        while (true)
        {
            await Task.Delay(wait, time, ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
            {
                return receipt;
            }

            try
            {
                // Not cancelled: a renewal that may have happened has made a receipt that is needed.
                var answer = await queue.UpdateMessageAsync(message.MessageId, receipt, messageText: null, rules.Hidden, CancellationToken.None).ConfigureAwait(false);
                receipt = answer.Value.PopReceipt;
                wait = rules.Hidden / 2;
            }
            catch (Exception e) when (StorageOutage.IsAway(e))
            {
                outage.Report(queue.Uri);
                wait = RetryInterval;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 400)
            {
                logger.LogWarning("Message {Id} of queue {Queue} is no longer ours while {Function} runs: it may run twice", message.MessageId, queue.Name, function.Name);
                return receipt;
            }
            catch (RequestFailedException e)
            {
                if (!refused)
                {
                    logger.LogError("Message {Id} of queue {Queue} cannot be kept hidden while {Function} runs: {Status} {Code}", message.MessageId, queue.Name, function.Name, e.Status, e.ErrorCode);
                }

                (refused, wait) = (true, RetryInterval);
            }
        }
    }

    private Task<bool> ShowAsync(QueueMessage message, string receipt, TimeSpan delay) =>
        SettleAsync(message, "shown again", () => queue.UpdateMessageAsync(message.MessageId, receipt, messageText: null, delay));

    private async Task PoisonAsync(QueueMessage message, string receipt)
    {
        logger.LogError("Message {Id} of queue {Queue} has failed {Count} times and goes to {Poison}", message.MessageId, queue.Name, message.DequeueCount, poison.Name);
        var moved = await SettleAsync(message, "moved to " + poison.Name, SendToPoisonAsync).ConfigureAwait(false);
        if (moved)
        {
            await SettleAsync(message, "deleted", () => queue.DeleteMessageAsync(message.MessageId, receipt)).ConfigureAwait(false);
        }

        async Task SendToPoisonAsync()
        {
            try
            {
                await poison.SendMessageAsync(message.Body).ConfigureAwait(false);
            }
            catch (RequestFailedException e) when (e.Status == 404)
            {
                await poison.CreateIfNotExistsAsync().ConfigureAwait(false);
                await poison.SendMessageAsync(message.Body).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Does the last thing with a message, again while storage is away, as long as the message is hidden.</summary>
    /// <returns>True where it was done.</returns>
    private async Task<bool> SettleAsync(QueueMessage message, string what, Func<Task> act)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            try
            {
                await act().ConfigureAwait(false);
                outage.Clear(queue.Uri);
                return true;
            }
            catch (RequestFailedException e) when (!StorageOutage.IsAway(e))
            {
                logger.LogWarning("Message {Id} of queue {Queue} was not {What}: {Status} {Code}; another reader may have it", message.MessageId, queue.Name, what, e.Status, e.ErrorCode);
                return false;
            }
            catch (Exception e) when (StorageOutage.IsAway(e))
            {
                outage.Report(queue.Uri);
                if (graceOver.IsCancellationRequested || time.GetElapsedTime(began) > rules.Hidden / 2)
                {
                    logger.LogWarning("Message {Id} of queue {Queue} was not {What}: storage does not answer; it is worked on again", message.MessageId, queue.Name, what);
                    return false;
                }

                await Task.Delay(RetryInterval, time, graceOver).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static TriggerInput InputOf(QueueMessage message, BinaryData body)
    {
        var text = body.ToString();
        var decoded = QueuesModelFactory.QueueMessage(
            message.MessageId, message.PopReceipt, body, message.DequeueCount, message.NextVisibleOn, message.InsertedOn, message.ExpiresOn);
        return new TriggerInput
        {
            Forms = [text, body, body.ToArray(), decoded],
            Data = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase)
            {
                ["QueueTrigger"] = text,
                ["Id"] = message.MessageId,
                ["PopReceipt"] = message.PopReceipt,
                ["DequeueCount"] = message.DequeueCount,
                ["InsertionTime"] = message.InsertedOn,
                ["ExpirationTime"] = message.ExpiresOn,
                ["NextVisibleTime"] = message.NextVisibleOn,
            },
        };
    }

    private BinaryData? Decode(QueueMessage message)
    {
        if (!rules.Base64)
        {
            return message.Body;
        }

        var text = message.Body.ToString();
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? new BinaryData(bytes.AsMemory(0, length)) : null;
    }
}
