using Pushcart.Telemetry;

namespace Pushcart.Storage;

/// <summary>Counts the requests to storage, each try of a call.</summary>
/// <param name="inner">What sends them.</param>
/// <param name="service"><c>table</c> or <c>queue</c>.</param>
internal sealed class MeasuredStorage(HttpMessageHandler inner, string service) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var result = "unreachable";
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            result = (int)response.StatusCode switch
            {
                < 400 => "ok",
                404 => "missing",
                409 or 412 => "conflict",
                429 => "throttled",
                < 500 => "refused",
                _ => "failed",
            };
            return response;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            result = "cancelled";
            throw;
        }
        finally
        {
            Measures.AskedStorage($"{service}.{Operation(request)}", result);
        }
    }

    private string Operation(HttpRequestMessage request)
    {
        var path = request.RequestUri!.AbsolutePath;
        var isMessages = path.Contains("/messages", StringComparison.Ordinal);
        return (service, request.Method.Method) switch
        {
            ("table", "GET") => path.EndsWith("()", StringComparison.Ordinal) || request.RequestUri.Query.Contains("$filter", StringComparison.Ordinal) ? "query" : "read",
            ("table", "POST") => path.EndsWith("/$batch", StringComparison.Ordinal) ? "transaction" : path.EndsWith("/Tables", StringComparison.Ordinal) ? "create" : "insert",
            ("queue", "GET") => isMessages ? "peek" : "properties",
            ("queue", "POST") => "send",
            ("queue", "PUT") => isMessages ? "update" : "create",
            (_, "DELETE") => "delete",
            _ => "update",
        };
    }
}
