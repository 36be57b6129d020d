using System.Net;
using System.Text;

namespace Octokit.Internal;

/// <summary>Carries requests by HttpClient, and follows redirects: a repository that was renamed or moved answers by one. Credentials stay on their host.</summary>
public class HttpClientAdapter : IHttpClient
{
    private const int MostRedirects = 3;
    private readonly HttpClient _http;

    /// <summary>An adapter.</summary>
    /// <param name="getHandler">Makes the handler that sends; it follows no redirects itself.</param>
    public HttpClientAdapter(Func<HttpMessageHandler> getHandler)
    {
        ArgumentNullException.ThrowIfNull(getHandler);
        _http = new HttpClient(getHandler());
    }

    /// <inheritdoc/>
    public async Task<IResponse> Send(IRequest request, CancellationToken cancellationToken, Func<object, object>? preprocessResponseBody = null)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (uri, method, body) = (new Uri(request.BaseAddress, request.Endpoint), request.Method, request.Body as string);
        var host = uri.Host;
        for (var redirects = 0; ; redirects++)
        {
            using var message = new HttpRequestMessage(method, uri);
            foreach (var (name, value) in request.Headers)
            {
                if (name != "Authorization" || uri.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
                {
                    message.Headers.Add(name, value);
                }
            }

            message.Content = body is null ? null : new StringContent(body, Encoding.UTF8, request.ContentType ?? "application/json");
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            if (response.Headers.Location is not { } location || !IsRedirect(response.StatusCode))
            {
                return await ReadAsync(response, preprocessResponseBody, cancellationToken).ConfigureAwait(false);
            }

            if (redirects > MostRedirects)
            {
                throw new InvalidOperationException("The redirect count for this request has been exceeded. Aborting.");
            }

            uri = new Uri(uri, location);
            if (response.StatusCode == HttpStatusCode.SeeOther)
            {
                (method, body) = (HttpMethod.Get, null);
            }
        }
    }

    /// <inheritdoc/>
    public void SetRequestTimeout(TimeSpan timeout) => _http.Timeout = timeout;

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases the client.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _http.Dispose();
        }
    }

    private static bool IsRedirect(HttpStatusCode status) =>
        status is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;

    private static async Task<Response> ReadAsync(HttpResponseMessage response, Func<object, object>? preprocess, CancellationToken cancellation)
    {
        object body = await response.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
        return new(
            response.StatusCode,
            preprocess is null ? body : preprocess(body),
            response.Headers.ToDictionary(h => h.Key, h => h.Value.First()),
            response.Content.Headers.ContentType?.MediaType);
    }
}
