using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Cli.Servers;

/// <summary>Asks Pushcart's API. What a user must be told of is a <see cref="CommandException"/>; what a command decides by is an <see cref="ApiAnswer"/>.</summary>
internal sealed class Api : IDisposable
{
    private readonly HttpClient _http;
    private readonly ServerTls _tls;
    private readonly TimeSpan _patience;
    private readonly bool _mayLackCertificate;
    private readonly TimeProvider _time;

    /// <param name="access">The server.</param>
    /// <param name="patience">How long it waits for an answer.</param>
    /// <param name="time">Measures that.</param>
    /// <exception cref="CommandException">A file of the access cannot be used.</exception>
    public Api(ServerAccess access, TimeSpan patience, TimeProvider time)
    {
        (var handler, _tls) = ServerTls.Open(access);
        (Server, _patience, _time, _mayLackCertificate) = (access.Server, patience, time, access.Server.Scheme == Uri.UriSchemeHttps && access.ClientCert is null);
        _http = new HttpClient(handler) { BaseAddress = access.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = access.Token is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
        _http.DefaultRequestHeaders.UserAgent.Add(new("pushcart", VersionCommand.Short));
    }

    /// <summary>The server.</summary>
    public Uri Server { get; }

    /// <summary>Gets JSON.</summary>
    /// <param name="path">Below the server, with its query.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<JsonNode> GetAsync(string path, CancellationToken cancellation) => Taken(await SendAsync(HttpMethod.Get, path, cancellation))!;

    /// <summary>Posts, and gives the JSON that is answered; null where nothing is.</summary>
    /// <param name="path">Below the server, with its query.</param>
    /// <param name="cancellation">Ends the call; it may have been done.</param>
    /// <param name="body">What is sent; null: nothing.</param>
    /// <param name="key">The <c>Idempotency-Key</c>; null: none.</param>
    public async Task<JsonNode?> PostAsync(string path, CancellationToken cancellation, JsonNode? body = null, string? key = null) =>
        Taken(await SendAsync(HttpMethod.Post, path, cancellation, body?.ToJsonString(), "application/json", key));

    /// <summary>Deletes, and gives the JSON that is answered; null where nothing is.</summary>
    /// <param name="path">Below the server, with its query.</param>
    /// <param name="cancellation">Ends the call; it may have been done.</param>
    public async Task<JsonNode?> DeleteAsync(string path, CancellationToken cancellation) => Taken(await SendAsync(HttpMethod.Delete, path, cancellation));

    /// <summary>Sends a request, and gives the answer, whatever it is.</summary>
    /// <param name="method">The method.</param>
    /// <param name="path">Below the server, with its query.</param>
    /// <param name="cancellation">Ends the call; it may have been done.</param>
    /// <param name="body">What is sent; null: nothing.</param>
    /// <param name="type">Of what.</param>
    /// <param name="key">The <c>Idempotency-Key</c>; null: none.</param>
    /// <exception cref="CommandException">The server is not reached, or does not answer as Pushcart does.</exception>
    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, CancellationToken cancellation, string? body = null, string type = "application/json", string? key = null)
    {
        using var request = new HttpRequestMessage(method, new Uri(path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(body, new MediaTypeHeaderValue(type, "utf-8"));
        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        }

        return await SendAsync(request, cancellation);
    }

    /// <summary>Sends a request, and gives the answer, whatever it is.</summary>
    /// <param name="request">The request; its address is below the server.</param>
    /// <param name="cancellation">Ends the call; it may have been done.</param>
    /// <exception cref="CommandException">The server is not reached, or does not answer as Pushcart does.</exception>
    public Task<ApiAnswer> SendAsync(HttpRequestMessage request, CancellationToken cancellation) => AskAsync(
        async patience =>
        {
            using var answer = await _http.SendAsync(request, patience);
            return await ReadAsync(answer, patience);
        },
        cancellation);

    /// <summary>Opens an answer that is read as it comes.</summary>
    /// <param name="path">Below the server, with its query.</param>
    /// <param name="accept">What is asked for.</param>
    /// <param name="lastEventId">After which event it goes on; null: from the beginning.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The answer, to be disposed; or a refusal.</returns>
    public Task<(HttpResponseMessage? Open, ApiAnswer? Refused)> OpenAsync(string path, string accept, string? lastEventId, CancellationToken cancellation) => AskAsync(
        async patience =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            request.Headers.Accept.ParseAdd(accept);
            if (lastEventId is not null)
            {
                request.Headers.TryAddWithoutValidation("Last-Event-ID", lastEventId);
            }

            var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience);
            if (answer.IsSuccessStatusCode)
            {
                return ((HttpResponseMessage?)answer, (ApiAnswer?)null);
            }

            using var refused = answer;
            return (null, await ReadAsync(refused, patience));
        },
        cancellation);

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new CommandException(ExitCode.Unreachable, $"{Server} has not answered in {_patience.TotalSeconds:0} s; --request-timeout gives it longer");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new CommandException(ExitCode.Unreachable, Unreached(e));
        }
    }

    private string Unreached(Exception e) => (e as HttpRequestException)?.HttpRequestError switch
    {
        HttpRequestError.SecureConnectionError when _tls.Problem is { } problem => $"{Server}: the server's certificate is not trusted: {problem}",
        HttpRequestError.SecureConnectionError => $"{Server}: no TLS connection: {Innermost(e)}; a server that asks for a certificate takes --client-cert",
        HttpRequestError.ProxyTunnelError => $"{Server} is not reached by the proxy: {e.Message}; HTTPS_PROXY, HTTP_PROXY and NO_PROXY say which proxy is asked",
        HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError => $"{Server} does not answer: {e.Message}; --server says where it listens",
        // In TLS 1.3 a certificate that is missing is told after the handshake, by a connection that ends.
        _ when _mayLackCertificate => $"{Server} has ended the connection: {Innermost(e)}; a server that asks for a certificate takes --client-cert",
        _ => $"{Server} does not answer as Pushcart does: {Innermost(e)}; --server says where it listens",
    };

    private static string Innermost(Exception e) => e.GetBaseException().Message;

    private static async Task<string> TextAsync(HttpResponseMessage answer, CancellationToken cancellation) => await answer.Content.ReadAsStringAsync(cancellation);

    private async Task<ApiAnswer> ReadAsync(HttpResponseMessage answer, CancellationToken cancellation)
    {
        if (answer.StatusCode == HttpStatusCode.NoContent)
        {
            return new(answer.StatusCode, null);
        }

        if (answer.Headers.Location is { } elsewhere && (int)answer.StatusCode is >= 300 and < 400)
        {
            throw new CommandException(ExitCode.Unreachable, $"{Server} sends on to {elsewhere}; give the address where Pushcart itself answers by --server");
        }

        var text = await TextAsync(answer, cancellation);
        if (answer.IsSuccessStatusCode && answer.Content.Headers.ContentType?.MediaType is "application/yaml")
        {
            return new(answer.StatusCode, JsonValue.Create(text));
        }

        try
        {
            var json = JsonNode.Parse(text);
            if (answer.IsSuccessStatusCode || json is JsonObject refusal && refusal["message"] is JsonValue)
            {
                return new(answer.StatusCode, json);
            }
        }
        catch (JsonException)
        {
            // It is told below, with what can be said of it.
        }

        throw new CommandException(
            ExitCode.Unreachable,
            answer.StatusCode == HttpStatusCode.NotFound && text.Length == 0 ? $"{Server} has no {answer.RequestMessage?.RequestUri?.AbsolutePath}: it is no Pushcart, or an older one; --server says where it listens"
            : $"{Server} does not answer as Pushcart does: {(int)answer.StatusCode} {answer.ReasonPhrase}, {answer.Content.Headers.ContentType?.MediaType ?? "without a type"}; --server says where it listens");
    }

    private JsonNode? Taken(ApiAnswer answer) => answer.IsOk ? answer.Body : throw answer.Refusal(Server);
}
