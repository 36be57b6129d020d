using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace Pushcart.Storage;

/// <summary>
/// Tries a storage call again after a time-out, a broken connection, 408, 429 or 5xx. Waits run on a <see cref="TimeProvider"/>, so that a simulation can run them.
/// A write that is tried again may meet itself: its conflict is a question for the caller (docs/architecture.md, rule 3).
/// </summary>
public sealed class StorageRetryPolicy(StorageSettings settings, TimeProvider time) : HttpPipelinePolicy
{
    /// <inheritdoc/>
    public override async ValueTask ProcessAsync(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await ProcessNextAsync(message, pipeline).ConfigureAwait(false);
                if (attempt >= settings.Tries || !IsPassing(message.Response.Status))
                {
                    return;
                }

                message.Response.Dispose();
            }
            catch (Exception e) when (attempt < settings.Tries && !message.CancellationToken.IsCancellationRequested
                && e is RequestFailedException or IOException or TimeoutException or OperationCanceledException)
            {
                // The next try follows below; the last one's exception reaches the caller.
            }

            await Task.Delay(StorageSettings.RetryDelay, time, message.CancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Not supported: every call of Pushcart is asynchronous.</summary>
    public override void Process(HttpMessage message, ReadOnlyMemory<HttpPipelinePolicy> pipeline) =>
        throw new NotSupportedException("storage is called asynchronously only");

    private static bool IsPassing(int status) => status is 408 or 429 or >= 500;
}
