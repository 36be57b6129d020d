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

    public void Dispose() => File.Delete(_path);
}
