using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.Link;

/// <summary>
/// Asks the server, once for each call; who calls decides whether to ask again. Every call can be sent again without harm. An answer counts only where it is Pushcart's own: whatever else
/// answers, a proxy's page with 502 or with 200, is a failure of the link.
/// </summary>
public sealed class ServerLink : IDisposable
{
    // An error of the catalogue is short, and of a page that a proxy shows nothing is used.
    private const int ErrorBytes = 64 * 1024;

    private readonly HttpMessageInvoker _http;
    private readonly LinkSettings _settings;
    private readonly WorkerMetrics _metrics;
    private readonly TimeProvider _time;

    /// <summary>Makes the link; nothing is sent yet.</summary>
    /// <param name="settings">Where, and how long.</param>
    /// <param name="sender">What carries requests; it is disposed with the link.</param>
    /// <param name="metrics">Counts.</param>
    /// <param name="time">The time.</param>
    public ServerLink(LinkSettings settings, HttpMessageHandler sender, WorkerMetrics metrics, TimeProvider time)
    {
        (_settings, _metrics, _time) = (settings, metrics, time);
        _http = new(sender);
    }

    /// <summary>Trades a registration token for a worker token.</summary>
    public Task<LinkAnswer<RegisterAnswer>> RegisterAsync(string registrationToken, RegisterRequest request, CancellationToken cancellation) =>
        PostAsync<RegisterAnswer>("register", request, registrationToken, cancellation);

    /// <summary>Proves by the key who it is; no token is shown.</summary>
    public Task<LinkAnswer<RegisterAnswer>> RejoinAsync(RejoinRequest request, CancellationToken cancellation) =>
        PostAsync<RegisterAnswer>("rejoin", request, token: null, cancellation);

    /// <summary>A sign of life.</summary>
    public Task<LinkAnswer<CheckInAnswer>> CheckInAsync(ITokens tokens, CheckInRequest request, CancellationToken cancellation) =>
        PostAsync<CheckInAnswer>("check-in", request, tokens, cancellation);

    /// <summary>Asks for a job.</summary>
    public Task<LinkAnswer<ClaimAnswer>> ClaimAsync(ITokens tokens, ClaimRequest request, CancellationToken cancellation) =>
        PostAsync<ClaimAnswer>("claim", request, tokens, cancellation, request?.Wait);

    /// <summary>Asks for the started jobs of its name.</summary>
    public Task<LinkAnswer<ReturnAnswer>> ReturnAsync(ITokens tokens, ReturnRequest request, CancellationToken cancellation) =>
        PostAsync<ReturnAnswer>("return", request, tokens, cancellation, most: _settings.ReturnBytes);

    /// <summary>Asks whether a run may be created now.</summary>
    public Task<LinkAnswer<StartAnswer>> StartAsync(ITokens tokens, string job, StartRequest request, CancellationToken cancellation) =>
        PostAsync<StartAnswer>($"jobs/{job}/start", request, tokens, cancellation);

    /// <summary>A sign of life of a started job.</summary>
    public Task<LinkAnswer<RenewAnswer>> RenewAsync(ITokens tokens, string job, RenewRequest request, CancellationToken cancellation) =>
        PostAsync<RenewAnswer>($"jobs/{job}/renew", request, tokens, cancellation);

    /// <summary>Tells what became of a run.</summary>
    public Task<LinkAnswer<ReportAnswer>> ReportAsync(ITokens tokens, string job, ReportRequest request, CancellationToken cancellation) =>
        PostAsync<ReportAnswer>($"jobs/{job}/report", request, tokens, cancellation);

    /// <summary>Sends a piece of a run's output.</summary>
    public Task<LinkAnswer<LogAnswer>> LogAsync(ITokens tokens, string job, LogChunk chunk, CancellationToken cancellation) =>
        PostAsync<LogAnswer>($"jobs/{job}/log", chunk, tokens, cancellation);

    /// <summary>Closes its connections.</summary>
    public void Dispose() => _http.Dispose();

    private async Task<LinkAnswer<T>> PostAsync<T>(string path, object request, ITokens tokens, CancellationToken cancellation, TimeSpan? wait = null, int? most = null) where T : class
    {
        while (true)
        {
            if (tokens.Current is not { } token)
            {
                return new() { Failure = "there is no token to show" };
            }

            var answer = await PostAsync<T>(path, request, token, cancellation, wait, most).ConfigureAwait(false);
            if (answer.Refusal is not { Status: (int)HttpStatusCode.Unauthorized } || !tokens.Refused(token))
            {
                return answer;
            }
        }
    }

    private async Task<LinkAnswer<T>> PostAsync<T>(string path, object request, string? token, CancellationToken cancellation, TimeSpan? wait = null, int? most = null) where T : class
    {
        using var timeout = new CancellationTokenSource(_settings.Timeout + (wait ?? TimeSpan.Zero), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        using var message = new HttpRequestMessage(HttpMethod.Post, new Uri(_settings.Server, $"api/workers/{path}"))
        {
            Content = new StringContent(WireJson.Write(request), Encoding.UTF8, "application/json"),
            Headers = { Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token) },
        };
        message.Headers.TryAddWithoutValidation("User-Agent", "pushcart-worker");
        LinkAnswer<T> answer;
        try
        {
            using var response = await _http.SendAsync(message, either.Token).ConfigureAwait(false);
            answer = await ReadAsync<T>(response, most ?? _settings.AnswerBytes, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            answer = new() { Failure = $"no answer within {_settings.Timeout.TotalSeconds:0.#} s" };
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or DecoderFallbackException)
        {
            answer = new() { Failure = Innermost(e) };
        }

        _metrics.Asked(path.Contains('/', StringComparison.Ordinal) ? path[(path.LastIndexOf('/') + 1)..] : path, answer.Failure is null);
        return answer.Failure is { } failure ? answer with { Failure = $"{_settings.Server.Authority}: {failure}" } : answer;
    }

    private async Task<LinkAnswer<T>> ReadAsync<T>(HttpResponseMessage response, int most, CancellationToken cancellation) where T : class
    {
        var wait = RetryAfter(response);
        var status = (int)response.StatusCode;
        if (response.StatusCode == HttpStatusCode.NoContent)
        {
            return new() { RetryAfter = wait };
        }

        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var bytes = await BodyText.BytesAsync(stream, response.Content.Headers.ContentLength, response.IsSuccessStatusCode ? most : ErrorBytes, cancellation).ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return bytes is null
                ? new() { Failure = $"the answer is larger than {most:N0} bytes" }
                : new() { Value = WireJson.Read<T>(Encoding.UTF8.GetString(bytes)), RetryAfter = wait };
        }

        // A refusal counts where Pushcart has spoken it. 408 and 429 mean later, whoever says so.
        return status is >= 400 and < 500 and not (408 or 429) && bytes is not null && Error(bytes) is { } error
            ? new() { Refusal = new(status, error.Code, error.Message, error.Reason), RetryAfter = wait }
            : new() { Failure = $"it answers {status}, and not as Pushcart does", RetryAfter = wait };
    }

    private static ErrorAnswer? Error(byte[] bytes)
    {
        try
        {
            return WireJson.Read<ErrorAnswer>(Encoding.UTF8.GetString(bytes));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date > _time.GetUtcNow() => date - _time.GetUtcNow(),
        _ => null,
    };

    // The outer message of a TLS failure says only that there was one.
    private static string Innermost(Exception e)
    {
        while (e.InnerException is { } inner)
        {
            e = inner;
        }

        return e.Message.ReplaceLineEndings(" ");
    }
}
