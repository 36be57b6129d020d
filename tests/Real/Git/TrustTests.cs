using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pushcart.Git;

namespace Pushcart.Tests.Real.Git;

public sealed class TrustTests
{
    private static readonly string Commit = new('1', 40);

    [Fact]
    public async Task An_unknown_issuer_is_told_and_trusted_by_a_bundle_or_by_not_looking()
    {
        using var issuer = Issuer("Test issuer");
        await using var server = new TlsFront(Certificate(issuer, "localhost"));
        using var client = new GitClient(TimeProvider.System);

        var unknown = (await client.ListRefsAsync(server.Endpoint, ["refs/heads/main"], null, CancellationToken.None)).Failure;
        var bundle = await client.ListRefsAsync(
            server.Endpoint with { CaCertificates = issuer.ExportCertificatePem() }, ["refs/heads/main"], null, CancellationToken.None);
        var blind = await client.ListRefsAsync(server.Endpoint with { NoVerifySsl = true }, ["refs/heads/main"], null, CancellationToken.None);

        Assert.Equal(
            new GitFailure(
                GitFailureKind.Untrusted,
                $"{server.Endpoint.RepoUri}: the server's certificate is not trusted, its issuer is unknown; set tlsConfig.caCert, or tlsConfig.noVerifySsl"),
            unknown);
        Assert.Equal(Commit, bundle.Value?.Commits["refs/heads/main"]);
        Assert.Equal(Commit, blind.Value?.Commits["refs/heads/main"]);
    }

    [Fact]
    public async Task A_bundle_vouches_for_its_own_issuer_and_host_only()
    {
        using var issuer = Issuer("Test issuer");
        using var other = Issuer("Other issuer");
        await using var server = new TlsFront(Certificate(issuer, "localhost"));
        await using var elsewhere = new TlsFront(Certificate(issuer, "elsewhere.example.org"));
        using var client = new GitClient(TimeProvider.System);

        var wrongIssuer = (await client.ListRefsAsync(
            server.Endpoint with { CaCertificates = other.ExportCertificatePem() }, ["refs/heads/main"], null, CancellationToken.None)).Failure;
        var wrongHost = (await client.ListRefsAsync(
            elsewhere.Endpoint with { CaCertificates = issuer.ExportCertificatePem() }, ["refs/heads/main"], null, CancellationToken.None)).Failure;
        var noCertificate = (await client.ListRefsAsync(
            server.Endpoint with { CaCertificates = "no certificate" }, ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal((GitFailureKind.Untrusted, true), (wrongIssuer!.Kind, wrongIssuer.Message.Contains("its issuer is unknown", StringComparison.Ordinal)));
        Assert.Equal((GitFailureKind.Untrusted, true), (wrongHost!.Kind, wrongHost.Message.Contains("it is for another host", StringComparison.Ordinal)));
        Assert.Equal((GitFailureKind.Untrusted, true), (noCertificate!.Kind, noCertificate.Message.Contains("caCert", StringComparison.Ordinal)));
    }

    private static X509Certificate2 Issuer(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    private static X509Certificate2 Certificate(X509Certificate2 issuer, string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + host, key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, [1, 2, 3, 4]);
        using var withKey = certificate.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }

    /// <summary>A server of https that answers every request with one branch: what is tested is whether it is asked at all.</summary>
    private sealed class TlsFront : IAsyncDisposable
    {
        private readonly X509Certificate2 _certificate;
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _stopping = new();
        private readonly Task _serving;

        public TlsFront(X509Certificate2 certificate)
        {
            _certificate = certificate;
            _listener.Start();
            _serving = ServeAsync();
        }

        public GitEndpoint Endpoint => new($"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}/app.git");

        public async ValueTask DisposeAsync()
        {
            await _stopping.CancelAsync();
            await _serving;
            _listener.Dispose();
            _stopping.Dispose();
            _certificate.Dispose();
        }

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await _listener.AcceptTcpClientAsync(_stopping.Token);
                    await AnswerAsync(connection);
                }
            }
            catch (OperationCanceledException)
            {
                // The test has ended.
            }
        }

        private async Task AnswerAsync(TcpClient connection)
        {
            try
            {
                await using var stream = new SslStream(connection.GetStream());
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stopping.Token);
                var request = new StringBuilder();
                var buffer = new byte[4096];
                while (!request.ToString().EndsWith("0000", StringComparison.Ordinal))
                {
                    var read = await stream.ReadAsync(buffer, _stopping.Token);
                    if (read == 0)
                    {
                        return;
                    }

                    request.Append(Encoding.ASCII.GetString(buffer, 0, read));
                }

                var body = $"003d{Commit} refs/heads/main\n0000";
                await stream.WriteAsync(
                    Encoding.ASCII.GetBytes(
                        $"HTTP/1.1 200 OK\r\nContent-Type: application/x-git-upload-pack-result\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"),
                    _stopping.Token);
            }
            catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
            {
                // A client that does not trust this server hangs up.
            }
        }
    }
}
