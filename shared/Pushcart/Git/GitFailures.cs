using System.Net.Sockets;

namespace Pushcart.Git;

/// <summary>The failures of a request, told apart, in sentences for people. One place, so that they can be read side by side.</summary>
internal static class GitFailures
{
    /// <summary>Fails where the credentials cannot be sent: a header holds visible ASCII only, and a line break would end it.</summary>
    public static void CheckHeader(GitAuth auth)
    {
        if (auth.Header is { } header && header.Any(c => c is < ' ' or > '~'))
        {
            throw new GitException(
                GitFailureKind.Unauthorized, "the token has a line break or another character that no header may have; look at the secret that authConfig names");
        }
    }

    /// <summary>The sentence without the credentials, which a server's own words might repeat.</summary>
    public static string WithoutSecrets(string sentence, GitAuth auth)
    {
        string[] secrets = auth switch
        {
            BasicAuth basic => [basic.Header, basic.Header.Split(' ')[1], basic.Password],
            TokenAuth token => [token.Value, .. token.Value.Split(' ')[1..]],
            _ => [],
        };
        return secrets.Where(secret => secret.Length > 3).Aggregate(sentence, (text, secret) => text.Replace(secret, "***", StringComparison.Ordinal));
    }

    /// <summary>A server's own words, as far as they can be shown: a line of 200 characters at most.</summary>
    public static string Printable(string text) =>
        string.Concat(text.Trim().Take(200).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? ' ' : c));

    /// <summary>The failure of an answer that is not 200.</summary>
    public static GitException OfStatus(HttpResponseMessage response, GitAuth auth)
    {
        var status = (int)response.StatusCode;
        var (kind, sentence) = status switch
        {
            401 when auth.Header is null =>
                (GitFailureKind.Unauthorized, "the server asks for credentials (401): the repository is private or does not exist; set authConfig"),
            401 => (GitFailureKind.Unauthorized, "the server refuses the credentials (401); look at the secret that authConfig names"),
            403 when auth.Header is null => (GitFailureKind.Forbidden, "the server denies access (403); set authConfig, or look at the server's rules"),
            403 => (GitFailureKind.Forbidden, "the credentials may not read this repository (403); grant them read access"),
            404 or 410 => (GitFailureKind.NotFound, auth.Header is null
                ? $"there is no such repository ({status}), or none that is public; look at repoUri"
                : $"there is no such repository ({status}), or none that these credentials may see; look at repoUri"),
            407 => (GitFailureKind.Unreachable, "the proxy asks for credentials (407)"),
            429 => (GitFailureKind.ServerError, "the server takes no more requests for now (429); it is asked again later"),
            >= 500 => (GitFailureKind.ServerError, $"the server has a problem of its own ({status}); it is asked again later"),
            >= 300 and < 400 => (GitFailureKind.Redirected, $"the server redirects{Target(response)} ({status}), which is not followed; look at repoUri"),
            _ => (GitFailureKind.NotGit, $"the server does not answer as git does ({status}); look at repoUri"),
        };

        // Older servers die of a request of version 2 (500), and some know the repository by another address only when asked for capabilities.
        return new GitException(kind, sentence) { MayHaveAskedWrongly = status is (>= 300 and < 500 and not (401 or 403 or 407 or 408 or 429)) or 500 or 501 };
    }

    /// <summary>The failure of an answer that is not of git's type.</summary>
    public static GitException OfType(string? mediaType) => new(
        GitFailureKind.NotGit,
        mediaType is "text/html" or "application/xhtml+xml"
            ? "a web page answers, not git; look at repoUri"
            : $"the answer is of type {(mediaType is { Length: < 80 } ? mediaType : "unknown")}, not git's; look at repoUri")
    {
        MayHaveAskedWrongly = true,
    };

    /// <summary>The failure of a request that got no whole answer; null where the exception is not one of those.</summary>
    public static (GitFailureKind Kind, string Sentence)? Of(Exception exception) => exception switch
    {
        HttpRequestException request => OfRequest(request),
        HttpIOException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => (GitFailureKind.TooLarge, "the headers of the answer are too large"),
        IOException => (GitFailureKind.Unreachable, "the answer was cut off before its end"),
        InvalidDataException => (GitFailureKind.Malformed, "the answer is not compressed as it says"),
        _ => null,
    };

    private static (GitFailureKind, string) OfRequest(HttpRequestException exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            switch (inner)
            {
                case UntrustedCertificateException:
                    return (GitFailureKind.Untrusted, $"the server's certificate is not trusted, {inner.Message}; set tlsConfig.caCert, or tlsConfig.noVerifySsl");
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return (GitFailureKind.Unreachable, "the connection was refused");
            }
        }

        return exception.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => (GitFailureKind.Unreachable, "the host's name is not known (DNS)"),
            HttpRequestError.SecureConnectionError => (GitFailureKind.Unreachable, "no secure connection could be made (TLS)"),
            HttpRequestError.ResponseEnded => (GitFailureKind.Unreachable, "the answer was cut off before its end"),
            HttpRequestError.ConfigurationLimitExceeded => (GitFailureKind.TooLarge, "the headers of the answer are too large"),
            HttpRequestError.InvalidResponse => (GitFailureKind.NotGit, "what answers does not speak HTTP; look at repoUri"),
            HttpRequestError.ProxyTunnelError => (GitFailureKind.Unreachable, "the proxy makes no connection"),
            _ when exception.InnerException is IOException => (GitFailureKind.Unreachable, "the connection was cut off"),
            _ => (GitFailureKind.Unreachable, "no connection could be made"),
        };
    }

    private static string Target(HttpResponseMessage response) =>
        response is { Headers.Location: { } location, RequestMessage.RequestUri: { } from } && Uri.TryCreate(from, location, out var to)
            ? " to " + GitAddress.Show(to)
            : "";
}
