using Pushcart.Execution.Kubernetes;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

public sealed class KubernetesSettingsTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), "pushcart-kubeconfig-" + Chance.System.NewId());

    [Theory]
    [InlineData("prod", "https://aks.example.com", null, "the current context is prod (aks.example.com), which is no local cluster and was not named; name it by --context prod or Kubernetes:Context, if jobs shall run there")]
    [InlineData("prod", "https://aks.example.com", "prod", null)]
    [InlineData("kind-test", "https://127.0.0.1:6443", null, null)]
    [InlineData("minikube", "https://192.168.49.2:8443", null, null)]
    public void Jobs_run_in_a_cluster_that_is_local_or_was_named(string context, string server, string? named, string? error)
    {
        File.WriteAllText(_path, $$"""
            current-context: {{context}}
            contexts: [{name: {{context}}, context: {cluster: c, user: u} }]
            clusters: [{name: c, cluster: {server: "{{server}}"} }]
            users: [{name: u, user: {token: t} }]
            """);

        var (connection, refused) = new KubernetesSettings { Kubeconfig = _path, Context = named }.Connect(TimeProvider.System);

        Assert.Equal(error, refused);
        Assert.Equal(error is null, connection is not null);
    }

    [Fact]
    public void A_kubeconfig_that_is_not_there_is_named() =>
        Assert.Contains(_path, new KubernetesSettings { Kubeconfig = _path }.Connect(TimeProvider.System).Error, StringComparison.Ordinal);

    [Theory]
    [InlineData("https://c.hcp.westeurope.azmk8s.io:443", null, null)]
    [InlineData("c.hcp.westeurope.azmk8s.io", null, "Kubernetes:Server: 'c.hcp.westeurope.azmk8s.io' is no address")]
    [InlineData("http://c.hcp.westeurope.azmk8s.io", null, "Kubernetes:Server: the address of the API server must begin with https://")]
    [InlineData("https://c.hcp.westeurope.azmk8s.io", "rubbish", "Kubernetes:Server: the certificate authority of the cluster holds no certificate in PEM")]
    [InlineData(null, "rubbish", "Kubernetes:CertificateAuthority is set, and Kubernetes:Server is not")]
    public void A_cluster_of_Microsoft_Entra_is_known_by_its_address(string? server, string? authority, string? error)
    {
        var (connection, refused) = new KubernetesSettings { Server = server, CertificateAuthority = authority }.Connect(TimeProvider.System);

        Assert.Equal(error is null, refused is null);
        Assert.StartsWith(error ?? "", refused ?? "", StringComparison.Ordinal);
        Assert.Equal(error is null ? "c.hcp.westeurope.azmk8s.io" : null, connection?.Server.Host);
    }

    [Fact]
    public void The_certificate_authority_is_taken_in_PEM_and_as_kubeconfigs_have_it()
    {
        using var key = System.Security.Cryptography.ECDsa.Create();
        using var certificate = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=ca", key, System.Security.Cryptography.HashAlgorithmName.SHA256)
            .CreateSelfSigned(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero), new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var pem = certificate.ExportCertificatePem();

        foreach (var text in new[] { pem, Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(pem)) })
        {
            var (connection, error) = new KubernetesSettings { Server = "https://c.example.com", CertificateAuthority = text }.Connect(TimeProvider.System);
            Assert.Null(error);
            Assert.Equal("ca", connection!.Trust.Roots!.Single().GetNameInfo(System.Security.Cryptography.X509Certificates.X509NameType.SimpleName, false));
        }
    }

    [Fact]
    public void Two_ways_to_name_a_cluster_are_one_too_many() => Assert.Contains(
        "only one can say which cluster", new KubernetesSettings { Server = "https://c.example.com", Context = "prod" }.Connect(TimeProvider.System).Error, StringComparison.Ordinal);

    public void Dispose() => File.Delete(_path);
}
