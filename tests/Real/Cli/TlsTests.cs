using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Pushcart.Tests.Real.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Whom the command line trusts, what it shows, and which way it takes: against a front with a certificate of an authority that the machine does not know, and a real host with one.</summary>
[Collection("hosts")]
public sealed class TlsTests : IDisposable
{
    private readonly AzuriteFixture _azurite;
    private readonly PushcartCli _cli = new();
    private readonly X509Certificate2 _authority = Issue("authority", null);
    private readonly X509Certificate2 _server;
    private readonly string _ca;

    public TlsTests(AzuriteFixture azurite)
    {
        _azurite = azurite;
        _server = Issue("server", _authority);
        _ca = _cli.Write("ca.crt", _authority.ExportCertificatePem());
    }

    public void Dispose()
    {
        _cli.Dispose();
        _server.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task A_host_with_a_certificate_of_an_own_authority_is_logged_in_to_and_asked()
    {
        await using var place = new HostPlace(_azurite.ConnectionString);
        place.Settings["Host__Urls"] = "https://127.0.0.1:0";
        place.Settings["Host__Certificate"] = place.Write("tls.crt", _server.ExportCertificatePem());
        place.Settings["Host__CertificateKey"] = place.Write("tls.key", _server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var host = place.Start();
        var address = (await host.LineAsync("Listening on https")).Split("Listening on ")[1].Split(';')[0];
        await host.UntilAsync(() => File.Exists(Path.Combine(place.Folder, ".pushcart", "admin-token")), "the token");

        Assert.Equal((3, $"error: {address}/: the server's certificate is not trusted: its issuer is unknown; name the certificate of its authority by --ca-file\n"), ErrorOf(await _cli.RunAsync("jobs", "--server", address)));
        var login = await _cli.WithInputAsync(host.AdminToken + "\n", "login", "--server", address, "--ca-file", "ca.crt");
        Assert.True(login.Exit == 0, login.Errors);
        Assert.Equal((0, "there are none\n"), ErrorOf(await _cli.RunAsync("jobs")));
    }

    [Fact]
    public async Task Another_authority_another_host_and_a_file_that_holds_none_are_told_apart()
    {
        await using var front = Front();
        using var other = Issue("authority", null);
        var wrong = _cli.Write("other.crt", other.ExportCertificatePem());
        var empty = _cli.Write("empty.crt", "no certificate");
        using var elsewhere = Issue("elsewhere", _authority);
        await using var named = Front(elsewhere);

        Assert.Equal(0, (await AskAsync(front, "--ca-file", _ca)).Exit);
        Assert.Equal((3, $"error: {front.Address}: the server's certificate is not trusted: its issuer is unknown; {wrong} (--ca-file) does not vouch for it\n"), ErrorOf(await AskAsync(front, "--ca-file", wrong)));
        Assert.Equal((3, $"error: {named.Address}: the server's certificate is not trusted: it is for another host\n"), ErrorOf(await AskAsync(named, "--ca-file", _ca)));
        Assert.Equal((1, $"error: --ca-file: {empty} holds no certificate (PEM)\n"), ErrorOf(await AskAsync(front, "--ca-file", empty)));
    }

    [Fact]
    public async Task Insecure_warns_each_time()
    {
        await using var front = Front();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(
                (0, $"warning: --insecure: who {front.Address} is was not looked at, and whoever stands between can read the token\nthere are none\n"),
                ErrorOf(await AskAsync(front, "--insecure")));
        }
    }

    [Fact]
    public async Task A_client_certificate_is_shown_with_its_key_in_the_same_file_or_another()
    {
        using var own = Issue("ann", _authority);
        var key = own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var (cert, keyFile, both) = (_cli.Write("own.crt", own.ExportCertificatePem()), _cli.Write("own.key", key), _cli.Write("own.pem", own.ExportCertificatePem() + "\n" + key));
        await using var front = Front(clientCertificate: true);

        Assert.Equal(0, (await AskAsync(front, "--ca-file", _ca, "--client-cert", cert, "--client-key", keyFile)).Exit);
        Assert.Equal(0, (await AskAsync(front, "--ca-file", _ca, "--client-cert", both)).Exit);
        Assert.Equal(["CN=ann", "CN=ann"], front.Requests.Select(r => r.Certificate));

        var without = await AskAsync(front, "--ca-file", _ca);
        Assert.Equal(3, without.Exit);
        Assert.Contains("--client-cert", without.Errors, StringComparison.Ordinal);
        var keyless = await AskAsync(front, "--ca-file", _ca, "--client-cert", cert);
        Assert.Equal(1, keyless.Exit);
        Assert.StartsWith($"error: --client-cert: {cert} holds no key of {cert} that can be used", keyless.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTPS_PROXY_is_asked_for_a_tunnel_to_the_server_by_name()
    {
        using var named = Issue("pushcart.test", _authority);
        await using var front = Front(named);
        var asked = new TaskCompletionSource<string>();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var tunnel = TunnelAsync(proxy, front.Port, asked);
        _cli.Variables["HTTPS_PROXY"] = $"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}";

        var result = await _cli.RunAsync("jobs", "--server", "https://pushcart.test", "--ca-file", _ca);

        Assert.True(result.Exit == 0, result.Errors);
        Assert.StartsWith("CONNECT pushcart.test:443 HTTP/1.1", await asked.Task, StringComparison.Ordinal);
        await tunnel;
    }

    private Task<CliResult> AskAsync(WireServer front, params string[] options) => _cli.RunAsync(["jobs", "--server", front.Address.ToString(), .. options]);

    private static (int, string) ErrorOf(CliResult result) => (result.Exit, result.Errors);

    private WireServer Front(X509Certificate2? certificate = null, bool clientCertificate = false) => new(
        (_, stream) => WireServer.RespondAsync(stream, "200 OK", """{"jobs":[]}"""),
        new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate ?? _server,
            ClientCertificateRequired = clientCertificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => !clientCertificate || shown is not null,
        });

    internal static async Task TunnelAsync(TcpListener proxy, int port, TaskCompletionSource<string> asked)
    {
        using var client = await proxy.AcceptTcpClientAsync();
        await using var near = client.GetStream();
        var head = new byte[4096];
        asked.SetResult(System.Text.Encoding.ASCII.GetString(head, 0, await near.ReadAsync(head)));
        await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
        using var server = new TcpClient();
        await server.ConnectAsync(IPAddress.Loopback, port);
        await using var far = server.GetStream();
        await Task.WhenAny(near.CopyToAsync(far), far.CopyToAsync(near));
    }

    internal static X509Certificate2 Issue(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=" + name, key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(issuer is null, false, 0, true));
        if (issuer is null)
        {
            return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        }

        var names = new SubjectAlternativeNameBuilder();
        if (name == "server")
        {
            names.AddIpAddress(IPAddress.Loopback);
        }
        else
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(8));
        using var withKey = signed.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
