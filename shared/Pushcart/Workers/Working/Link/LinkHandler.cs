using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pushcart.Git;

namespace Pushcart.Workers.Working.Link;

/// <summary>The connections to the server: no redirect is followed, which would show the token elsewhere; proxies are those of the environment (<c>HTTPS_PROXY</c>).</summary>
public static class LinkHandler
{
    /// <summary>Makes them.</summary>
    public static HttpMessageHandler Create(LinkSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 64 * 1024,
            ConnectTimeout = settings.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            UseProxy = !settings.Server.IsLoopback,
            SslOptions = new()
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    settings.Insecure || IsTrusted(settings.Roots, certificate, chain, errors) ? true : throw new AuthenticationException(Untrusted(settings, chain, errors)),
                ClientCertificateContext = settings.Certificate is { } own ? SslStreamCertificateContext.Create(own, additionalCertificates: null, offline: true) : null,
            },
        };
    }

    private static bool IsTrusted(X509Certificate2Collection? roots, X509Certificate? certificate, X509Chain? seen, SslPolicyErrors errors) => roots is null
        ? errors == SslPolicyErrors.None
        : (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None && certificate is X509Certificate2 leaf && CertificateTrust.Vouch(roots, leaf, seen);

    private static string Untrusted(LinkSettings settings, X509Chain? chain, SslPolicyErrors errors) =>
        $"the certificate of {settings.Server.Host} is not trusted: {CertificateTrust.Reason(chain, errors)}; "
        + (settings.Roots is null ? "--ca-file names the issuers to trust" : "--ca-file does not hold its issuer");
}
