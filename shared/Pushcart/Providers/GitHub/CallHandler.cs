namespace Pushcart.Providers.GitHub;

/// <summary>Carries the requests of one call: none is sent once the call's time is over, whatever Octokit is asked. It shares the connections of all calls.</summary>
internal sealed class CallHandler(HttpMessageInvoker connections, CancellationToken call) : HttpMessageHandler
{
    // A page of hundred deliveries has about 60 KB.
    private const long MostBytes = 4 * 1024 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call, cancellationToken);
        var response = await connections.SendAsync(request, either.Token).ConfigureAwait(false);
        try
        {
            await response.Content.LoadIntoBufferAsync(MostBytes, either.Token).ConfigureAwait(false);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }
}
