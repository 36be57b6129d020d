using System.Text;
using System.Text.Json.Nodes;

using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;
using Pushcart.Telemetry;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>
/// Sends requests, and says what came of them. 1. A credential. 2. The request, with a time-out. 3. A failure that may pass, of a request that may be
/// repeated: wait, and again from 1. A 401 takes the credential away and, where there may be another, repeats at once, but once only.
/// </summary>
internal sealed class KubeRequests(KubeConnection connection, KubeTransport transport, KubeLimits limits, TimeProvider time, Chance chance)
{
    /// <summary>Sends it, and reads the answer as one JSON object.</summary>
    public Task<KubeAnswer<JsonObject>> JsonAsync(KubeRequest request, CancellationToken cancellation) => RepeatAsync<JsonObject>(
        request,
        async (response, ended) => await BoundedBody.ReadAsync(response.Content, limits.AnswerBytes, ended).ConfigureAwait(false) switch
        {
            null => new KubeFailure(KubeFailureKind.Unknown, $"{Where(request)}: the answer is larger than {limits.AnswerBytes} bytes, which is more than is read"),
            var bytes when KubeJson.Parse(bytes) is { } json => json,
            _ => NotKubernetes(request),
        },
        cancellation);

    /// <summary>The same, where the answer must be an object of the API.</summary>
    public async Task<KubeAnswer<JsonObject>> ObjectAsync(KubeRequest request, CancellationToken cancellation)
    {
        var answer = await JsonAsync(request, cancellation).ConfigureAwait(false);
        return answer.Value is { } json && KubeJson.Text(json["kind"]) is null ? NotKubernetes(request) : answer;
    }

    /// <summary>Sends it, as often as it may be, until an answer is read.</summary>
    /// <param name="request">What is sent.</param>
    /// <param name="read">Reads a successful answer, in the time of the try. What it throws is a cut-off answer. It owns the response where it says so by its value.</param>
    /// <param name="cancellation">Ends the call, by an exception.</param>
    /// <param name="keep">True where the answer is read by the caller later: it is disposed here only after a failure.</param>
    public async Task<KubeAnswer<T>> RepeatAsync<T>(
        KubeRequest request, Func<HttpResponseMessage, CancellationToken, Task<KubeAnswer<T>>> read, CancellationToken cancellation, bool keep = false)
        where T : class
    {
        var refreshed = false;
        for (var tries = 1; ; tries++)
        {
            var credential = await connection.Credentials.GetAsync(cancellation).ConfigureAwait(false);
            if (credential.Failure is { } none)
            {
                return none with { Message = $"{Where(request)}: {none.Message}" };
            }

            var answer = await TryAsync(request, credential.Value!, read, keep, cancellation).ConfigureAwait(false);
            if (answer.Failure is not { } failure)
            {
                return answer;
            }

            if (failure.Kind == KubeFailureKind.Unauthorized && connection.Credentials.Refused(credential.Value!) && !request.Once && !refreshed)
            {
                refreshed = true;
                continue;
            }

            if (request.Once || !failure.MayPass || tries >= limits.Tries || failure.RetryAfter > limits.LongestRetryAfter)
            {
                return answer;
            }

            await Task.Delay(Wait(failure, tries), time, cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>The beginning of a message: what was asked of whom.</summary>
    public string Where(KubeRequest request) => $"{connection.Server.Authority}: cannot {request.What}";

    /// <summary>Something answered with success, but not as the API does.</summary>
    public KubeFailure NotKubernetes(KubeRequest request) =>
        new(KubeFailureKind.Unknown, $"{Where(request)}: the answer is cut off, or not of the Kubernetes API") { MayPass = true };

    private async Task<KubeAnswer<T>> TryAsync<T>(
        KubeRequest request,
        KubeCredential credential,
        Func<HttpResponseMessage, CancellationToken, Task<KubeAnswer<T>>> read,
        bool keep,
        CancellationToken cancellation)
        where T : class
    {
        using var timeout = new CancellationTokenSource(limits.TryTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        using var body = Body(request);
        using var message = Message(request, credential, body);
        HttpResponseMessage? response = null;
        var kept = false;
        try
        {
            response = await transport.SendAsync(message, credential, either.Token).ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                var text = await BoundedBody.ReadAsync(response.Content, BoundedBody.FailureBytes, either.Token).ConfigureAwait(false);
                return KubeFailures.OfStatus(response, text ?? [], Where(request), credential, time);
            }

            var answer = await read(response, either.Token).ConfigureAwait(false);
            kept = keep && answer.Failure is null;
            return answer;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return KubeFailures.OfTimeout(Where(request), limits.TryTimeout, Sent(body));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException)
        {
            return KubeFailures.Of(exception, Where(request), Sent(body), response is not null, body is { TooLate: true });
        }
        finally
        {
            Measures.AskedKubernetes(request.Method, (int?)response?.StatusCode);
            if (!kept)
            {
                response?.Dispose();
            }
        }
    }

    // Of a request without a body nobody can tell, but it changes nothing either.
    private static bool? Sent(RequestBody? body) => body?.Started;

    private RequestBody? Body(KubeRequest request) => request.Content is null
        ? null
        : new RequestBody(
            Encoding.UTF8.GetBytes(request.Content.ToJsonString()), request.MediaType, () => request.SendBefore is not { } before || time.GetUtcNow() < before);

    private HttpRequestMessage Message(KubeRequest request, KubeCredential credential, RequestBody? body)
    {
        var message = new HttpRequestMessage(request.Method, request.Address(connection.Server)) { Content = body };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", "pushcart");
        if (credential.Token is { } token)
        {
            message.Headers.TryAddWithoutValidation("Authorization", "Bearer " + token);
        }

        return message;
    }

    private TimeSpan Wait(KubeFailure failure, int tries)
    {
        var delay = limits.RetryDelay * Math.Pow(2, Math.Min(tries - 1, 10));
        var jitter = delay * (chance.Next() / (double)ulong.MaxValue) / 2;

        // A server that names a time names it to everybody: jitter comes on top.
        return failure.RetryAfter is { } asked ? asked + jitter : delay - jitter;
    }
}
