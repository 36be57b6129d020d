using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Pushcart.Tests.Real.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;
using Tls = Pushcart.Tests.Real.Cli.TlsTests;

namespace Pushcart.Tests.Real.Workers.Working;

/// <summary>Whom <c>pushcart worker</c> trusts, what it shows, and which way it takes: to a real host with a certificate of an authority that the machine does not know, and to a front.</summary>
[Collection("calls")]
public sealed class WorkerTlsTests : IAsyncLifetime, IDisposable
{
    private static readonly string s_token = "pct_" + new string('1', 64);

    private readonly HostPlace _place;
    private readonly List<HostProcess> _workers = [];
    private readonly X509Certificate2 _authority = Tls.Issue("authority", null);
    private readonly X509Certificate2 _server;
    private string _ca = "";

    public WorkerTlsTests(AzuriteFixture azurite)
    {
        _place = new(azurite.ConnectionString);
        _server = Tls.Issue("server", _authority);
    }

    public Task InitializeAsync()
    {
        _ca = _place.Write("ca.crt", _authority.ExportCertificatePem());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        foreach (var worker in _workers)
        {
            await worker.DisposeAsync();
        }

        await _place.DisposeAsync();
    }

    public void Dispose()
    {
        _server.Dispose();
        _authority.Dispose();
    }

    [Fact]
    public async Task An_unknown_authority_names_the_setting_and_with_it_the_worker_registers_and_checks_in()
    {
        var (host, address) = await HostAsync();
        using var another = Tls.Issue("authority", null);
        var wrong = _place.Write("other.crt", another.ExportCertificatePem());
        var added = await CommandAsync("workers", "add", "edge", "--server", address, "--ca-file", _ca);
        var token = _place.Write("registration", added.Lines.Single(l => l.StartsWith("pcr_", StringComparison.Ordinal)));

        var unknown = Start(address, "--registration-token-file", token);
        var line = await unknown.LineAsync("paused: not registered yet");
        Assert.EndsWith("the certificate of 127.0.0.1 is not trusted: its issuer is unknown; --ca-file names the issuers to trust", line, StringComparison.Ordinal);
        await unknown.KillAsync();
        var other = Start(address, "--registration-token-file", token, "--ca-file", wrong);
        Assert.EndsWith("its issuer is unknown; --ca-file does not hold its issuer", await other.LineAsync("paused: not registered yet"), StringComparison.Ordinal);
        await other.KillAsync();

        // The token is as good as new: no request with it went to somebody unknown.
        var known = Start(address, "--registration-token-file", token, "--ca-file", _ca);
        await known.LineAsync("checked in as edge");
        Assert.DoesNotContain("warning: --insecure", known.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("pcr_", host.Text + known.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Insecure_is_off_and_warned_of_at_each_start()
    {
        var (_, address) = await HostAsync();
        var made = await CommandAsync("tokens", "create", "--description", "worker", "--scope", "worker", "--server", address, "--ca-file", _ca);
        var token = _place.Write("token", made.Lines.Single(l => l.StartsWith("pct_", StringComparison.Ordinal)));
        foreach (var flag in (string[][])[["--insecure"], []])
        {
            // By flag, and by the environment.
            var worker = Start(address, flag.Length == 0 ? [new("PUSHCART_WORKER_INSECURE", "true")] : [], ["--token-file", token, .. flag]);
            await worker.LineAsync($"warning: --insecure: who {address}/ is is not looked at, and whoever stands between can read the token");
            await worker.LineAsync("checked in as edge");
            worker.Terminate();
            Assert.Equal(0, await worker.ExitAsync());
        }

        var secure = Start(address, "--token-file", token);
        await secure.LineAsync("the certificate of 127.0.0.1 is not trusted");
        Assert.DoesNotContain("insecure", secure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_of_its_own_is_shown_with_its_key_in_the_same_file_or_another_and_what_is_wrong_with_it_is_told_at_the_start()
    {
        using var own = Tls.Issue("edge", _authority);
        var key = own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        var (cert, keyFile, both) = (_place.Write("own.crt", own.ExportCertificatePem()), _place.Write("own.key", key), _place.Write("own.pem", own.ExportCertificatePem() + "\n" + key));
        var token = _place.Write("token", s_token);
        await using var front = Front(clientCertificate: true);

        foreach (var flags in (string[][])[["--client-cert", cert, "--client-key", keyFile], ["--client-cert", both]])
        {
            var before = front.Requests.Count;
            var worker = Start(front.Address.ToString(), ["--token-file", token, "--ca-file", _ca, .. flags]);
            await worker.UntilAsync(() => front.Requests.Count > before, "a request");
            await worker.KillAsync();
        }

        Assert.All(front.Requests, request => Assert.Equal("CN=edge", request.Certificate));
        var without = Start(front.Address.ToString(), "--token-file", token, "--ca-file", _ca);
        await without.LineAsync("the check-in was not answered");
        Assert.All(front.Requests, request => Assert.NotNull(request.Certificate));

        var wrong = Start(front.Address.ToString(), "--token-file", token, "--ca-file", Path.Combine(_place.Folder, "nowhere"), "--client-cert", cert, "--client-key", _ca);
        Assert.Equal(2, await wrong.ExitAsync());
        Assert.Collection(
            wrong.Errors,
            error => Assert.StartsWith($"error: ca-file: {_place.Folder}/nowhere cannot be used: ", error, StringComparison.Ordinal),
            error => Assert.StartsWith($"error: client-cert: {cert} cannot be used: ", error, StringComparison.Ordinal));
        Assert.DoesNotContain("PRIVATE KEY", wrong.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HTTPS_PROXY_is_asked_for_a_tunnel_to_the_server_by_name()
    {
        using var named = Tls.Issue("pushcart.test", _authority);
        await using var front = Front(named);
        var asked = new TaskCompletionSource<string>();
        using var proxy = new TcpListener(IPAddress.Loopback, 0);
        proxy.Start();
        var tunnel = Tls.TunnelAsync(proxy, front.Port, asked);

        var worker = Start("https://pushcart.test", [new("HTTPS_PROXY", $"http://127.0.0.1:{((IPEndPoint)proxy.LocalEndpoint).Port}")], ["--token-file", _place.Write("token", s_token), "--ca-file", _ca]);

        Assert.StartsWith("CONNECT pushcart.test:443 HTTP/1.1", await asked.Task.WaitAsync(TimeSpan.FromSeconds(60)), StringComparison.Ordinal);
        await worker.UntilAsync(() => !front.Requests.IsEmpty, "a request");
        Assert.Equal("pushcart.test", front.Requests.First().ServerName);
        await worker.KillAsync();
        await tunnel;
    }

    private async Task<(HostProcess Host, string Address)> HostAsync()
    {
        _place.Settings["Host__Urls"] = "https://127.0.0.1:0";
        _place.Settings["Host__Certificate"] = _place.Write("tls.crt", _server.ExportCertificatePem());
        _place.Settings["Host__CertificateKey"] = _place.Write("tls.key", _server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        var host = _place.Start();
        var address = (await host.LineAsync("Listening on https")).Split("Listening on ")[1].Split(';')[0];
        await host.UntilAsync(() => File.Exists(Path.Combine(_place.Folder, ".pushcart", "admin-token")), "the token");
        return (host, address);
    }

    private async Task<HostProcess> CommandAsync(params string[] words)
    {
        var command = HostProcess.Start(_place.Folder, [], words, program: Cli);
        Assert.True(await command.ExitAsync() == 0, command.Text);
        return command;
    }

    private HostProcess Start(string server, params string[] flags) => Start(server, [], flags);

    private HostProcess Start(string server, IEnumerable<KeyValuePair<string, string?>> variables, string[] flags)
    {
        _workers.Add(HostProcess.Start(
            _place.Folder, variables, ["worker", "--executor", "process", "--server", server, "--name", "edge", "--check-in-interval", "1s", "--link-back-off", "1s", .. flags], program: Cli));
        return _workers[^1];
    }

    // Whatever it is asked, it is away; what counts is who asks.
    private WireServer Front(X509Certificate2? certificate = null, bool clientCertificate = false) => new(
        (_, stream) => WireServer.RespondAsync(stream, "503 Service Unavailable", "{}"),
        new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate ?? _server,
            ClientCertificateRequired = clientCertificate,
            RemoteCertificateValidationCallback = (_, shown, _, _) => !clientCertificate || shown is not null,
        });

    private static string Cli => HostProcess.Program("cli", "Pushcart.Cli.dll");
}
