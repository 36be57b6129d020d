using System.Net;

namespace Octokit.Internal;

/// <summary>An answer.</summary>
public class Response : IResponse
{
    /// <summary>An answer.</summary>
    public Response(HttpStatusCode statusCode, object? body, IDictionary<string, string> headers, string? contentType)
    {
        (StatusCode, Body, ContentType) = (statusCode, body, contentType);
        Headers = headers.AsReadOnly();
        ApiInfo = ApiInfo.Of(Headers);
    }

    /// <inheritdoc/>
    public object? Body { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <inheritdoc/>
    public ApiInfo ApiInfo { get; }

    /// <inheritdoc/>
    public HttpStatusCode StatusCode { get; }

    /// <inheritdoc/>
    public string? ContentType { get; }
}

/// <summary>An answer whose body was read.</summary>
public class ApiResponse<T>(IResponse response, T bodyAsObject) : IApiResponse<T>
{
    /// <inheritdoc/>
    public T Body { get; } = bodyAsObject;

    /// <inheritdoc/>
    public IResponse HttpResponse { get; } = response;
}
