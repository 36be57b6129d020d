using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>HTTPS by certificate files; the certificate is of an intermediate authority, whose own must come along.</summary>
[Collection("azurite")]
public sealed class HttpsTests : IDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly string _folder = Directory.CreateTempSubdirectory("pushcart-https-").FullName;
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;

    public HttpsTests(AzuriteFixture azurite)
    {
        _azurite = azurite;
        _root = Issue("root", null);
        _intermediate = Issue("intermediate", _root);
    }

    [Fact]
    public async Task It_serves_the_certificate_of_the_files_with_its_chain_and_a_new_one_once_they_change()
    {
        Write("first");
        using var record = new Record();
        await using var host = await TestHost.StartAsync(
            _azurite.ConnectionString,
            typeof(Functions),
            record,
            [("Host:Urls", "https://127.0.0.1:0"), ("Host:Certificate", Path.Combine(_folder, "tls.crt")), ("Host:CertificateKey", Path.Combine(_folder, "tls.key"))]);
        Assert.Equal(("https", "CN=first"), await AskAsync(host.Client.BaseAddress!));

        // As a cluster changes a mounted secret that is half-way there: the certificate of another key is not used.
        File.WriteAllText(Path.Combine(_folder, "tls.key"), ECDsa.Create(ECCurve.NamedCurves.nistP256).ExportPkcs8PrivateKeyPem());
        await Eventually.TrueAsync(
            async () =>
            {
                Assert.Equal(("https", "CN=first"), await AskAsync(host.Client.BaseAddress!));
                return record.Log.Any(line => line.StartsWith("The certificate stays as it was: ", StringComparison.Ordinal));
            },
            "the fault is told");

        Write("second");
        await Eventually.TrueAsync(async () => await AskAsync(host.Client.BaseAddress!) == ("https", "CN=second"), "the new certificate");
        Assert.Single(record.Log, line => line.EndsWith("has changed and is used for new connections", StringComparison.Ordinal));
        Assert.DoesNotContain(record.Log, line => line.Contains("PRIVATE", StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A request on a connection of its own by a client that trusts the root only; answers the scheme that the function saw, and the certificate's subject.</summary>
    private async Task<(string Scheme, string Subject)> AskAsync(Uri address)
    {
        var subject = "";
        using var handler = new SocketsHttpHandler
        {
            SslOptions = new SslClientAuthenticationOptions
            {
                CertificateChainPolicy = new X509ChainPolicy
                {
                    TrustMode = X509ChainTrustMode.CustomRootTrust,
                    CustomTrustStore = { _root },
                    RevocationMode = X509RevocationMode.NoCheck,
                    DisableCertificateDownloads = true,
                },
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                {
                    subject = certificate!.Subject;
                    return errors == SslPolicyErrors.None;
                },
            },
        };
        using var client = new HttpClient(handler) { BaseAddress = address };
        return (await client.GetStringAsync("/scheme"), subject);
    }

    private void Write(string name)
    {
        using var certificate = Issue(name, _intermediate);
        File.WriteAllText(Path.Combine(_folder, "tls.crt"), certificate.ExportCertificatePem() + "\n" + _intermediate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "tls.key"), certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    private static X509Certificate2 Issue(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        var isAuthority = name is "root" or "intermediate";
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(isAuthority, false, 0, true));
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        }

        if (!isAuthority)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(System.Net.IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        using var signed = request.Create(issuer, now.AddHours(-12), issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        return signed.CopyWithPrivateKey(key);
    }

    public sealed class Functions
    {
        [Function("Scheme")]
        public static string Scheme([HttpTrigger("get", Route = "scheme")] HttpRequest request) => request.Scheme;
    }
}
