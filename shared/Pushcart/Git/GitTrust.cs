using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Git;

/// <summary>Connections to git servers, by whom they trust: the system's roots, those and a bundle, or anyone.</summary>
internal static class GitTrust
{
    /// <summary>Connections for this trust. They follow no redirect, keep no cookie and know no credentials.</summary>
    /// <exception cref="GitException">The bundle holds no certificate.</exception>
    public static SocketsHttpHandler Connections(string? caCertificates, bool noVerifySsl)
    {
        var roots = Read(caCertificates);
        return new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            MaxResponseHeadersLength = 32,

            // What is too large, or not needed, is not read to its end to keep a connection.
            MaxResponseDrainSize = 64 * 1024,

            // Checks come a minute apart: an idle connection would only be found closed. Names are looked up anew every few minutes.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                    noVerifySsl || IsTrusted(certificate, chain, errors, roots) ? true : throw new UntrustedCertificateException(CertificateTrust.Reason(chain, errors)),
            },
        };
    }

    private static X509Certificate2Collection Read(string? pem)
    {
        var certificates = new X509Certificate2Collection();
        if (pem is null)
        {
            return certificates;
        }

        try
        {
            certificates.ImportFromPem(pem);
        }
        catch (CryptographicException)
        {
            certificates.Clear();
        }

        return certificates.Count > 0
            ? certificates
            : throw new GitException(GitFailureKind.Untrusted, "tlsConfig.caCert names a key that holds no certificate in PEM");
    }

    private static bool IsTrusted(X509Certificate? certificate, X509Chain? seen, SslPolicyErrors errors, X509Certificate2Collection roots)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        // A bundle vouches for the issuer; it does not make another host's certificate right, nor one that has expired.
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || roots.Count == 0 || certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        return CertificateTrust.Vouch(roots, leaf, seen);
    }
}

/// <summary>A server's certificate is not trusted. The message says why, as the end of a sentence.</summary>
/// <param name="reason">Why.</param>
internal sealed class UntrustedCertificateException(string reason) : AuthenticationException(reason);
