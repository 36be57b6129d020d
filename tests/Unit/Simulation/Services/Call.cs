using System.Net;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>A request as it reaches a service.</summary>
internal sealed record Call(string Method, Uri Uri, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public static Call Of(HttpRequestMessage request)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            headers[name] = values.ToString();
        }

        byte[] body = [];
        if (request.Content is { } content)
        {
            foreach (var (name, values) in content.Headers.NonValidated)
            {
                headers[name] = values.ToString();
            }

            // Bodies are in memory, so reading them completes at once.
            var read = content.ReadAsByteArrayAsync();
            body = read.IsCompletedSuccessfully ? read.Result : throw new ViolationException("the body of a request is not in memory");
        }

        return new(request.Method.Method, request.RequestUri!, headers, body);
    }

    public string? Query(string name)
    {
        foreach (var part in Uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && System.Uri.UnescapeDataString(part[..equals]) == name)
            {
                return System.Uri.UnescapeDataString(part[(equals + 1)..]);
            }
        }

        return null;
    }
}

/// <summary>A service's answer.</summary>
internal sealed record Reply(int Status, byte[] Body, string? ContentType = null, params (string Name, string Value)[] Headers)
{
    public HttpResponseMessage ToResponse(HttpRequestMessage request)
    {
        var response = new HttpResponseMessage((HttpStatusCode)Status) { Content = new ByteArrayContent(Body), RequestMessage = request };
        if (ContentType is not null)
        {
            response.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
        }

        foreach (var (name, value) in Headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }
}
