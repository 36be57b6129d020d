using System.Net.Sockets;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>The failures of a request, told apart, in sentences for people. One place, so that they can be read side by side.</summary>
internal static class KubeFailures
{
    private const int ShownCharacters = 2000;

    /// <summary>The failure of an answer that is not 2xx.</summary>
    public static KubeFailure OfStatus(HttpResponseMessage response, byte[] body, string where, KubeCredential credential, TimeProvider time)
    {
        var code = (int)response.StatusCode;

        // Only the API itself can say what is there and what is allowed: a gateway's 404 proves nothing.
        var status = KubeJson.Parse(body) is { } json && KubeJson.Text(json["kind"]) == "Status" ? json : null;
        var details = status?["details"] as JsonObject;
        var kind = code switch
        {
            401 => KubeFailureKind.Unauthorized,
            429 => KubeFailureKind.TooManyRequests,
            _ when status is null => KubeFailureKind.ServerError,
            404 => KubeFailureKind.NotFound,
            403 => KubeFailureKind.Forbidden,
            409 => KubeFailureKind.Conflict,
            410 => KubeFailureKind.Gone,
            408 => KubeFailureKind.ServerError,
            >= 400 and < 500 => KubeFailureKind.Invalid,
            _ => KubeFailureKind.ServerError,
        };
        var said = KubeJson.Text(status?["message"]) is { Length: > 0 } message ? WithoutSecret(message, credential) : null;
        return new KubeFailure(kind, $"{where}: {Sentence(kind, code, said, status is not null)}")
        {
            Reason = KubeJson.Text(status?["reason"]),
            Causes = Causes(details),
            Subject = KubeJson.Text(details?["kind"]),
            RetryAfter = RetryAfter(response, details, time),
            MayPass = kind == KubeFailureKind.TooManyRequests || code >= 500,
        };
    }

    /// <summary>No whole answer in time.</summary>
    /// <param name="where">What was asked of whom.</param>
    /// <param name="timeout">How long it was waited for.</param>
    /// <param name="sent">False: surely nothing was sent.</param>
    public static KubeFailure OfTimeout(string where, TimeSpan timeout, bool? sent) => sent == false
        ? new(KubeFailureKind.Unreachable, $"{where}: no connection within {timeout.TotalSeconds:0.###} s; nothing was sent")
        : new(KubeFailureKind.Unknown, $"{where}: no whole answer within {timeout.TotalSeconds:0.###} s");

    /// <summary>No whole answer, by an exception.</summary>
    /// <param name="exception">What was thrown.</param>
    /// <param name="where">What was asked of whom.</param>
    /// <param name="sent">False: surely nothing was sent; null: it has no body, so that nobody can tell.</param>
    /// <param name="answered">True where an answer had begun.</param>
    /// <param name="tooLate">True where it was not sent because its time was over.</param>
    public static KubeFailure Of(Exception exception, string where, bool? sent, bool answered, bool tooLate)
    {
        var (connected, sentence) = tooLate ? (false, "the connection came too late; nothing was sent") : Sentence(exception);
        return sent == false || (sent is null && !connected && !answered)
            ? new(KubeFailureKind.Unreachable, $"{where}: {sentence}")
            : new(KubeFailureKind.Unknown, $"{where}: {sentence}") { MayPass = true };
    }

    private static string Sentence(KubeFailureKind kind, int code, string? said, bool ofTheApi) => kind switch
    {
        // The API's own text names the user, the verb, the resource and the namespace.
        _ when said is not null => $"{(said.Length > ShownCharacters ? said[..ShownCharacters] + "…" : said)} ({code}){(kind == KubeFailureKind.Forbidden ? KubeRights.Advice(said) : "")}",
        KubeFailureKind.Unauthorized => "the server refuses the credentials (401); look at the user of the context",
        KubeFailureKind.TooManyRequests => "the server takes no more requests for now (429)",
        _ when code is >= 300 and < 400 => $"the server redirects ({code}), which is not followed; look at the server's address",
        _ when !ofTheApi && code < 500 => $"something that is not the Kubernetes API answers ({code}); look at the server's address and the proxy",
        _ => $"the server has a problem of its own ({code})",
    };

    /// <summary>What went wrong, and whether there was a connection.</summary>
    private static (bool Connected, string Sentence) Sentence(Exception exception)
    {
        for (var inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case UntrustedServerException:
                    return (false, $"the server's certificate is not trusted, {inner.Message}; look at certificate-authority-data of the cluster");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return (false, "the connection was refused");
            }
        }

        return (exception as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => (false, "the server's name is not known (DNS)"),
            HttpRequestError.SecureConnectionError => (false, "no secure connection could be made (TLS)"),
            HttpRequestError.ProxyTunnelError => (false, "the proxy makes no connection"),
            HttpRequestError.ConnectionError => (false, "no connection could be made"),
            HttpRequestError.InvalidResponse => (true, "what answers does not speak HTTP; look at the server's address"),
            _ when exception is InvalidDataException => (true, "the answer is not compressed as it says"),
            _ => (true, "the connection was cut off before the end of the answer"),
        };
    }

    private static List<string> Causes(JsonObject? details) => details?["causes"] is JsonArray causes
        ? [.. causes.OfType<JsonObject>().Select(cause => KubeJson.Text(cause["reason"])).OfType<string>().Take(16)]
        : [];

    private static TimeSpan? RetryAfter(HttpResponseMessage response, JsonObject? details, TimeProvider time)
    {
        var asked = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ when details?["retryAfterSeconds"] is JsonValue value && value.TryGetValue<int>(out var seconds) && seconds > 0 => TimeSpan.FromSeconds(seconds),
            _ => (TimeSpan?)null,
        };
        return asked < TimeSpan.Zero ? TimeSpan.Zero : asked;
    }

    private static string WithoutSecret(string sentence, KubeCredential credential) =>
        credential.Token is { Length: > 3 } token ? sentence.Replace(token, "***", StringComparison.Ordinal) : sentence;
}
