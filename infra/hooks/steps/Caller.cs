using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Pushcart.Deployment;

/// <summary>An answer: its status and text.</summary>
internal sealed record CallAnswer(HttpStatusCode Status, string Text)
{
    /// <summary>True for 2xx.</summary>
    public bool IsGood => (int)Status is >= 200 and < 300;

    /// <summary>The status and the beginning of the text, for a message.</summary>
    public string Short => $"{(int)Status} {(Text.Length > 300 ? Text[..300] + "…" : Text).ReplaceLineEndings(" ").Trim()}".Trim();
}

/// <summary>Requests of hooks: a bearer token in the header, a time-out each, tried again where the other side is busy or away.</summary>
internal sealed class Caller(HttpMessageHandler handler, TimeProvider time) : IDisposable
{
    private const int Tries = 4;
    private static readonly TimeSpan s_try = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(3);

    private readonly HttpClient _client = new(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Sends a request; the same again where it may be.</summary>
    /// <param name="method">How. All that hooks send may be sent twice.</param>
    /// <param name="address">Where; never a secret.</param>
    /// <param name="token">Who; null: nobody.</param>
    /// <param name="content">Text and media type; null: none.</param>
    /// <param name="headers">Further headers.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <exception cref="HookException">Nobody answered.</exception>
    public async Task<CallAnswer> SendAsync(
        HttpMethod method, Uri address, string? token, (string Text, string Type)? content, IReadOnlyDictionary<string, string>? headers, CancellationToken cancellation)
    {
        for (var n = 1; ; n++)
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            foreach (var (name, value) in headers ?? new Dictionary<string, string>())
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            if (content is var (text, type))
            {
                request.Content = new StringContent(text, Encoding.UTF8);
                request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
            }

            using var limit = new CancellationTokenSource(s_try, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            string fault;
            try
            {
                using var answer = await _client.SendAsync(request, both.Token).ConfigureAwait(false);
                if (n == Tries || !(answer.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)answer.StatusCode >= 500))
                {
                    return new(answer.StatusCode, await answer.Content.ReadAsStringAsync(both.Token).ConfigureAwait(false));
                }

                fault = "";
            }
            catch (HttpRequestException e)
            {
                fault = e.Message;
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
            {
                fault = $"no answer within {s_try.TotalSeconds:0} s";
            }

            if (n == Tries)
            {
                throw new HookException($"{address.Host} does not answer: {fault}; look at the network, then run `azd up` again");
            }

            await Task.Delay(s_between * n, time, cancellation).ConfigureAwait(false);
        }
    }

    public void Dispose() => _client.Dispose();
}
