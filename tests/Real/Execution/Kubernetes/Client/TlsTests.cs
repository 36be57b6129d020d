using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Real.Execution.Kubernetes.Client;

/// <summary>Trust and client certificates, by a kubeconfig.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("tls").FullName;
    private readonly X509Certificate2 _server = Certificate("server", "api.test", rsa: false);

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_certificate_is_shown_to_the_server(bool rsa)
    {
        await using var server = Start(clientCertificate: true);
        using var own = Certificate("ann", "ann.test", rsa);
        var key = rsa ? own.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem() : own.GetECDsaPrivateKey()!.ExportECPrivateKeyPem();
        using var client = Open(server, "tls-server-name: api.test, certificate-authority-data: " + Base64(_server.ExportCertificatePem()),
            $"client-certificate-data: {Base64(own.ExportCertificatePem())}, client-key-data: {Base64(key)}");

        Assert.Null((await client.GetVersionAsync(default)).Failure);
        Assert.Equal(("CN=ann", "api.test"), (server.Requests.Single().Certificate, server.Requests.Single().ServerName));
    }

    [Theory]
    [InlineData("tls-server-name: api.test, certificate-authority-data: CA", null)]
    [InlineData("insecure-skip-tls-verify: true", null)]
    [InlineData("certificate-authority-data: CA", "it is for another host")]
    [InlineData("tls-server-name: other.test, certificate-authority-data: CA", "it is for another host")]
    [InlineData("tls-server-name: api.test", "its issuer is unknown")]
    [InlineData("tls-server-name: api.test, certificate-authority-data: OTHER", "its issuer is unknown")]
    public async Task The_server_is_trusted_as_the_kubeconfig_says(string cluster, string? refused)
    {
        await using var server = Start(clientCertificate: false);
        using var other = Certificate("other", "api.test", rsa: false);
        using var client = Open(
            server,
            cluster.Replace("OTHER", Base64(other.ExportCertificatePem()), StringComparison.Ordinal).Replace("CA", Base64(_server.ExportCertificatePem()), StringComparison.Ordinal),
            "token: t");

        var failure = (await client.GetVersionAsync(default)).Failure;

        Assert.Equal(refused is null ? null : KubeFailureKind.Unreachable, failure?.Kind);
        Assert.Contains(refused ?? "", failure?.Message ?? "", StringComparison.Ordinal);
        Assert.Equal(refused is null ? 1 : 0, server.Requests.Count);
    }

    private WireServer Start(bool clientCertificate) => new(
        (_, stream) => WireServer.RespondAsync(stream, "200 OK", """{"major":"1","minor":"30"}"""),
        new SslServerAuthenticationOptions
        {
            ServerCertificate = _server,
            ClientCertificateRequired = clientCertificate,
            RemoteCertificateValidationCallback = (_, certificate, _, _) => !clientCertificate || certificate is not null,
        });

    private KubeClient Open(WireServer server, string cluster, string user)
    {
        var path = Path.Combine(_folder, "config");
        File.WriteAllText(
            path,
            $$"""
            clusters: [{name: c, cluster: {server: "{{server.Address}}", {{cluster}} } }]
            users: [{name: u, user: { {{user}} } }]
            contexts: [{name: x, context: {cluster: c, user: u} }]
            current-context: x
            """);
        var connection = KubeConnection.FromKubeconfig(new KubeconfigChoice { Path = path }, TimeProvider.System);
        Assert.Null(connection.Failure);
        return new KubeClient(connection.Value!, TimeProvider.System, Chance.System);
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static X509Certificate2 Certificate(string name, string host, bool rsa)
    {
        var request = rsa
            ? new CertificateRequest($"CN={name}", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }
}
