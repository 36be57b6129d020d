using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class KubeconfigTests : IDisposable
{
    private const string Simple = """
        apiVersion: v1
        kind: Config
        clusters:
        - {name: one, cluster: {server: "https://one.test:6443"}}
        - {name: two, cluster: {server: "https://two.test"}}
        users:
        - {name: ann, user: {token: ann-s3cret}}
        - {name: bob, user: {token: bob-s3cret}}
        contexts:
        - {name: first, context: {cluster: one, user: ann, namespace: team}}
        - {name: second, context: {cluster: two, user: bob}}
        current-context: first
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("kubeconfig").FullName;
    private readonly ManualTime _time = new();
    private readonly Dictionary<string, string> _environment = [];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_current_context_counts()
    {
        var connection = Open(Simple);

        Assert.Equal(("first", "https://one.test:6443/", "team"), (connection.Context, connection.Server.AbsoluteUri, connection.Namespace));
        Assert.Equal("ann-s3cret", await TokenOf(connection));
    }

    [Fact]
    public async Task A_named_context_counts_more()
    {
        var connection = Open(Simple, context: "second");

        Assert.Equal(("second", "https://two.test/", "default"), (connection.Context, connection.Server.AbsoluteUri, connection.Namespace));
        Assert.Equal("bob-s3cret", await TokenOf(connection));
    }

    [Fact]
    public async Task Of_several_files_the_first_that_has_something_counts()
    {
        var first = Write("""
            clusters: [{name: one, cluster: {server: "https://first.test"}}]
            users:
            contexts: []
            """);
        var second = Write(Simple.Replace("first.test", "unused.test", StringComparison.Ordinal));
        _environment["KUBECONFIG"] = string.Join(Path.PathSeparator, first, Path.Combine(_folder, "missing"), "", second);

        var connection = KubeConnection.FromKubeconfig(new KubeconfigChoice(), _time, _environment.GetValueOrDefault, _folder).Value!;

        Assert.Equal(("first", "https://first.test/"), (connection.Context, connection.Server.AbsoluteUri));
        Assert.Equal("ann-s3cret", await TokenOf(connection));
    }

    [Fact]
    public void Without_KUBECONFIG_the_one_of_the_home_directory_is_read()
    {
        Assert.Contains(Path.Combine(_folder, ".kube", "config"), Answer(new KubeconfigChoice()).Failure?.Message, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Combine(_folder, ".kube"));
        File.WriteAllText(Path.Combine(_folder, ".kube", "config"), Simple);
        Assert.Equal("first", Answer(new KubeconfigChoice()).Value?.Context);
    }

    [Fact]
    public void A_kubeconfig_in_JSON_and_one_with_aliases_are_read()
    {
        Assert.Equal("https://j.test/", Open("""
            {"clusters":[{"name":"c","cluster":{"server":"https://j.test"}}],"users":[],"contexts":[{"name":"x","context":{"cluster":"c","user":""}}],"current-context":"x"}
            """).Server.AbsoluteUri);
        Assert.Equal("https://a.test/", Open("""
            clusters: [{name: c, cluster: &c {server: "https://a.test"}}, {name: d, cluster: *c}]
            contexts: [{name: x, context: {cluster: d}}]
            current-context: x
            """).Server.AbsoluteUri);
    }

    [Theory]
    [InlineData("current-context: first", "current-context: third", "there is no context \"third\"; there are \"first\", \"second\"")]
    [InlineData("current-context: first", "", "current-context is not set")]
    [InlineData("cluster: one, user: ann", "cluster: none, user: ann", "contexts[0].context.cluster names \"none\", which is not in clusters")]
    [InlineData("cluster: one, user: ann", "cluster: one, user: none", "contexts[0].context.user names \"none\", which is not in users")]
    [InlineData("server: \"https://one.test:6443\"", "servr: x", "clusters[0].cluster.server is missing")]
    [InlineData("server: \"https://one.test:6443\"", "server: one.test", "clusters[0].cluster.server must be an address")]
    [InlineData("server: \"https://one.test:6443\"", "server: \"https://u:s3cret@one.test\"", "clusters[0].cluster.server must be an address")]
    [InlineData("server: \"https://one.test:6443\"", "server: \"http://one.test\"", "unencrypted")]
    [InlineData("https://one.test:6443\"", "https://a.test\", certificate-authority-data: s3cret!", "clusters[0].cluster.certificate-authority-data is not base64")]
    [InlineData("https://one.test:6443\"", "https://a.test\", certificate-authority-data: czNjcmV0", "clusters[0].cluster.certificate-authority holds no certificate in PEM")]
    [InlineData("https://one.test:6443\"", "https://a.test\", certificate-authority: missing.crt", "certificate-authority names a file that cannot be read")]
    [InlineData("https://one.test:6443\"", "https://a.test\", insecure-skip-tls-verify: perhaps", "insecure-skip-tls-verify must be true or false")]
    [InlineData("https://one.test:6443\"", "https://a.test\", proxy-url: \"ftp://x\"", "proxy-url must be an address")]
    [InlineData("token: ann-s3cret", "username: a, password: s3cret", "users[0].user.username is not supported")]
    [InlineData("token: ann-s3cret", "auth-provider: {name: azure}", "users[0].user.auth-provider is not supported")]
    [InlineData("token: ann-s3cret", "token: s3cret, as: root", "users[0].user.as is not supported")]
    [InlineData("token: ann-s3cret", "token: \"s3cret\\nx\"", "users[0].user.token holds a space, a line break")]
    [InlineData("token: ann-s3cret", "client-certificate-data: eA==", "users[0].user.client-key is missing")]
    [InlineData("token: ann-s3cret", "client-certificate-data: eA==, client-key-data: czNjcmV0", "users[0].user.client-certificate is no certificate")]
    [InlineData("token: ann-s3cret", "client-certificate-data: eA==, client-key-data: RU5DUllQVEVE", "users[0].user.client-certificate has an encrypted key")]
    [InlineData("token: ann-s3cret", "exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: x}", "users[0].user.exec.apiVersion must be client.authentication.k8s.io/v1 or")]
    [InlineData("token: ann-s3cret", "exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always, command: x}", "interactiveMode is Always")]
    [InlineData("token: ann-s3cret", "exec: {apiVersion: client.authentication.k8s.io/v1}", "users[0].user.exec.command is missing")]
    [InlineData("token: ann-s3cret", "token: {a: s3cret}", "users[0].user.token must be a text")]
    [InlineData("users:", "users: 1\nusrs:", "users must be a list")]
    [InlineData("users:", "users: [", "not valid YAML")]
    public void A_fault_names_file_context_and_field_and_no_secret(string written, string instead, string expected)
    {
        var path = Write(Simple.Replace(written, instead, StringComparison.Ordinal));
        var failure = Answer(new KubeconfigChoice { Path = path }).Failure;

        Assert.Equal(KubeFailureKind.Misconfigured, failure?.Kind);
        Assert.Contains(expected, failure!.Message, StringComparison.Ordinal);
        Assert.Contains(path, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_nested_too_deep_or_too_large_is_not_read()
    {
        Assert.Contains("nested more than 32 deep", Answer(new KubeconfigChoice { Path = Write("a: " + new string('[', 5000)) }).Failure?.Message, StringComparison.Ordinal);
        Assert.Contains("more than is read", Answer(new KubeconfigChoice { Path = Write("a: " + new string('x', 5_000_000)) }).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_file_is_found_beside_the_kubeconfig_and_read_again_after_a_minute()
    {
        File.WriteAllText(Path.Combine(_folder, "tok"), "one\n");
        var connection = Open(Simple.Replace("token: ann-s3cret", "tokenFile: tok", StringComparison.Ordinal));

        Assert.Equal("one", await TokenOf(connection));
        File.WriteAllText(Path.Combine(_folder, "tok"), "two\n");
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("one", await TokenOf(connection));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("two", await TokenOf(connection));
        File.Delete(Path.Combine(_folder, "tok"));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("two", await TokenOf(connection));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_certificate_is_read_with_a_key_of_either_kind(bool rsa)
    {
        var (certificate, key) = Pem(rsa);
        var inline = Open(Simple.Replace("token: ann-s3cret", $"client-certificate-data: {Base64(certificate)}, client-key-data: {Base64(key)}", StringComparison.Ordinal));
        File.WriteAllText(Path.Combine(_folder, "c.pem"), certificate);
        File.WriteAllText(Path.Combine(_folder, "k.pem"), key);
        var files = Open(Simple.Replace("token: ann-s3cret", "client-certificate: c.pem, client-key: k.pem", StringComparison.Ordinal));

        foreach (var connection in (KubeConnection[])[inline, files])
        {
            var credential = (await connection.Credentials.GetAsync(default)).Value!;
            Assert.Equal(("CN=client", true, null), (credential.Certificate?.Subject, credential.Certificate?.HasPrivateKey, credential.Token));
        }
    }

    [Fact]
    public async Task A_pod_uses_its_service_account()
    {
        using var authority = Certificate("ca", rsa: false);
        File.WriteAllText(Path.Combine(_folder, "ca.crt"), authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_folder, "namespace"), "team");
        (_environment["KUBERNETES_SERVICE_HOST"], _environment["KUBERNETES_SERVICE_PORT"]) = ("fd00::1", "443");
        Assert.Equal(KubeFailureKind.Misconfigured, KubeConnection.InCluster(_time, _environment.GetValueOrDefault, _folder).Failure?.Kind);

        File.WriteAllText(Path.Combine(_folder, "token"), "account");
        var connection = KubeConnection.InCluster(_time, _environment.GetValueOrDefault, _folder).Value!;

        Assert.Equal(("https://[fd00::1]/", "team", null), (connection.Server.AbsoluteUri, connection.Namespace, connection.Context));
        Assert.Equal("account", await TokenOf(connection));
    }

    private static async Task<string?> TokenOf(KubeConnection connection) => (await connection.Credentials.GetAsync(default)).Value?.Token;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static (string Certificate, string Key) Pem(bool rsa)
    {
        using var certificate = Certificate("client", rsa);
        return (certificate.ExportCertificatePem(), rsa ? certificate.GetRSAPrivateKey()!.ExportRSAPrivateKeyPem() : certificate.GetECDsaPrivateKey()!.ExportECPrivateKeyPem());
    }

    private static X509Certificate2 Certificate(string name, bool rsa)
    {
        var request = rsa
            ? new CertificateRequest($"CN={name}", RSA.Create(2048), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={name}", ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private KubeConnection Open(string text, string? context = null)
    {
        var answer = Answer(new KubeconfigChoice { Path = Write(text), Context = context });
        Assert.Null(answer.Failure);
        return answer.Value!;
    }

    private KubeAnswer<KubeConnection> Answer(KubeconfigChoice choice) => KubeConnection.FromKubeconfig(choice, _time, _environment.GetValueOrDefault, _folder);

    private string Write(string text)
    {
        var path = Path.Combine(_folder, $"config-{Directory.GetFiles(_folder).Length}");
        File.WriteAllText(path, text);
        return path;
    }
}
