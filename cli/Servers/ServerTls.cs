using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Pushcart.Cli.Servers;

/// <summary>TLS with a server: who vouches for it, and the certificate that is shown to it.</summary>
internal sealed class ServerTls
{
    private readonly bool _insecure;
    private readonly string _advice;

    private ServerTls(ServerAccess access)
    {
        _insecure = access.Insecure;
        _advice = access.CaFile is null ? "name the certificate of its authority by --ca-file" : $"{access.CaFile} (--ca-file) does not vouch for it";
    }

    /// <summary>Why the server's certificate was not trusted last, and the next step; null where it was, or none came.</summary>
    public string? Problem { get; private set; }

    /// <summary>A handler of connections to a server. It follows no redirect: a token goes where it was meant to go.</summary>
    /// <param name="access">The server.</param>
    /// <returns>The handler, and what looks at certificates.</returns>
    /// <exception cref="CommandException">A file is not there, or holds no certificate.</exception>
    public static (SocketsHttpHandler Handler, ServerTls Tls) Open(ServerAccess access)
    {
        var tls = new ServerTls(access);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // HTTPS_PROXY, HTTP_PROXY and NO_PROXY; a host on this machine is asked directly.
            UseProxy = !access.Server.IsLoopback,
            ConnectTimeout = TimeSpan.FromSeconds(15),
            SslOptions = new() { RemoteCertificateValidationCallback = tls.IsTrusted },
        };
        if (access.CaFile is not null)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
            policy.CustomTrustStore.AddRange(Certificates("--ca-file", access.CaFile));
            handler.SslOptions.CertificateChainPolicy = policy;
        }

        if (access.ClientCert is { } own)
        {
            var all = Certificates("--client-cert", own);
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(WithKey(own, access.ClientKey), all, offline: true);
        }

        return (handler, tls);
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (_insecure || errors == SslPolicyErrors.None)
        {
            return true;
        }

        var status = chain?.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, next) => all | next.Status) ?? X509ChainStatusFlags.NoError;
        Problem = errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable) ? "it has none"
            : errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch) ? "it is for another host"
            : status.HasFlag(X509ChainStatusFlags.NotTimeValid) ? "it has expired, or is not valid yet"
            : $"its issuer is unknown; {_advice}";
        return false;
    }

    private static X509Certificate2Collection Certificates(string option, string path)
    {
        var all = new X509Certificate2Collection();
        try
        {
            all.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandException(ExitCode.Failed, $"{option}: {path} cannot be read: {e.Message}");
        }

        return all.Count > 0 ? all : throw new CommandException(ExitCode.Failed, $"{option}: {path} holds no certificate (PEM)");
    }

    private static X509Certificate2 WithKey(string certificate, string? key)
    {
        try
        {
            using var pem = X509Certificate2.CreateFromPemFile(certificate, key);

            // By way of PKCS #12, for TLS on Windows takes no key that is in memory alone.
            return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new CommandException(
                ExitCode.Failed,
                $"{(key is null ? "--client-cert" : "--client-key")}: {key ?? certificate} holds no key of {certificate} that can be used, in PEM and without a passphrase: {e.Message}");
        }
    }
}
