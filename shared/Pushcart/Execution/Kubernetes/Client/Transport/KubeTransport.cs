using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Git;

namespace Pushcart.Execution.Kubernetes.Client.Transport;

/// <summary>
/// The connections to the API server. A client certificate belongs to a connection, so a new one (of an exec plugin) means new connections.
/// They follow no redirect, keep no cookie, and speak HTTP/1.1, which repeats no request that has a body.
/// </summary>
internal sealed class KubeTransport(KubeConnection connection, HttpMessageHandler? sender) : IDisposable
{
    private readonly Lock _lock = new();
    private SocketsHttpHandler? _current;
    private SocketsHttpHandler? _previous;
    private X509Certificate2? _certificate;

    /// <summary>Sends one request, once. The answer's body is not read yet.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, KubeCredential credential, CancellationToken cancellation)
    {
        using var http = new HttpMessageInvoker(sender ?? Connections(credential), disposeHandler: false);
        return await http.SendAsync(request, cancellation).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _current?.Dispose();
            _previous?.Dispose();
        }
    }

    private SocketsHttpHandler Connections(KubeCredential credential)
    {
        lock (_lock)
        {
            if (_current is null || !ReferenceEquals(_certificate, credential.Certificate))
            {
                // The one before may just be about to send: it is closed when the next one comes.
                _previous?.Dispose();
                (_previous, _current, _certificate) = (_current, Create(credential), credential.Certificate);
            }

            return _current;
        }
    }

    private SocketsHttpHandler Create(KubeCredential credential)
    {
        var trust = connection.Trust;
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                trust.SkipVerify || IsTrusted(certificate, chain, errors) ? true : throw new UntrustedServerException(CertificateTrust.Reason(chain, errors)),
            ClientCertificateContext = credential.Certificate is { } own ? SslStreamCertificateContext.Create(own, credential.Chain, offline: true) : null,
        };
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            MaxResponseHeadersLength = 64,
            MaxResponseDrainSize = 64 * 1024,

            // A create on a connection that the server is just closing is a create of which nobody knows: idle ones are closed early.
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(15),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = tls,
        };
        if (trust.Proxy is { } proxy)
        {
            handler.Proxy = new WebProxy(proxy) { Credentials = ProxyCredentials(proxy) };
        }
        else
        {
            handler.UseProxy = trust.ServerName is null && !connection.Server.IsLoopback;
        }

        if (trust.ServerName is { } name && connection.Server.Scheme == Uri.UriSchemeHttps)
        {
            // The handler itself takes the name from the address, whatever the options say.
            handler.ConnectCallback = (context, cancellation) => ConnectAsync(context.DnsEndPoint, name, tls, cancellation);
        }

        return handler;
    }

    private static async ValueTask<Stream> ConnectAsync(DnsEndPoint server, string name, SslClientAuthenticationOptions tls, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server, cancellation).ConfigureAwait(false);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            var options = new SslClientAuthenticationOptions
            {
                TargetHost = name,
                RemoteCertificateValidationCallback = tls.RemoteCertificateValidationCallback,
                ClientCertificateContext = tls.ClientCertificateContext,
            };
            await stream.AuthenticateAsClientAsync(options, cancellation).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private bool IsTrusted(X509Certificate? certificate, X509Chain? seen, SslPolicyErrors errors)
    {
        if (connection.Trust.Roots is not { } roots)
        {
            return errors == SslPolicyErrors.None;
        }

        // The kubeconfig's issuers stand in place of the system's. They do not make another host's certificate right, nor one that has expired.
        if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None || certificate is not X509Certificate2 leaf)
        {
            return false;
        }

        return CertificateTrust.Vouch(roots, leaf, seen);
    }

    private static NetworkCredential? ProxyCredentials(Uri proxy)
    {
        var parts = proxy.UserInfo.Split(':', 2);
        return proxy.UserInfo.Length == 0 ? null : new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }
}

/// <summary>The API server's certificate is not trusted. The message says why, as the end of a sentence.</summary>
/// <param name="reason">Why.</param>
internal sealed class UntrustedServerException(string reason) : AuthenticationException(reason);
