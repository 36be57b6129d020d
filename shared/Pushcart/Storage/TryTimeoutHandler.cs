namespace Pushcart.Storage;

/// <summary>
/// Gives every try of a storage call its own time-out, headers and body together, on a <see cref="TimeProvider"/>.
/// It is a handler below the client, because Azure.Core lets no policy change a message's cancellation.
/// </summary>
public sealed class TryTimeoutHandler(HttpMessageHandler inner, TimeSpan timeout, TimeProvider time) : DelegatingHandler(inner)
{
    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
        HttpResponseMessage? response = null;
        try
        {
            response = await base.SendAsync(request, either.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(either.Token).ConfigureAwait(false);
            return response;
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            response?.Dispose();
            throw new TimeoutException($"storage at {request.RequestUri?.Authority} gave no answer within {timeout.TotalSeconds:0.#} s");
        }
        catch
        {
            response?.Dispose();
            throw;
        }
    }
}
