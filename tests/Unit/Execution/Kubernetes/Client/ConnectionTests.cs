using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class ConnectionTests
{
    [Theory]
    [InlineData("https://127.0.0.1:6443", null, true)]
    [InlineData("https://127.8.8.8:6443", "prod", true)]
    [InlineData("https://[::1]:6443", "prod", true)]
    [InlineData("https://localhost:6443", "prod", true)]
    [InlineData("https://0.0.0.0:40123", "k3d-x", true)]
    [InlineData("https://192.168.49.2:8443", "minikube", true)]
    [InlineData("https://172.18.0.2:6443", "kind-a", true)]
    [InlineData("https://kubernetes.docker.internal:6443", "docker-desktop", true)]
    [InlineData("https://192.168.49.2:8443", "prod", false)]
    [InlineData("https://172.32.0.2:6443", "kind-a", false)]
    [InlineData("https://20.1.2.3:443", "minikube", false)]
    [InlineData("https://a.hcp.westeurope.azmk8s.io:443", "kind-a", false)]
    [InlineData("https://127.0.0.1.evil.test:443", "kindergarten", false)]
    public void A_cluster_is_local_by_its_address_or_by_both_its_names(string server, string? context, bool local) =>
        Assert.Equal(local, Connection(server, context).IsLocal);

    [Fact]
    public void A_connection_is_shown_with_context_server_and_namespace_and_no_credential()
    {
        Assert.Equal("""context "prod", server https://a.test:6443/x, namespace team""", Connection("https://a.test:6443/x", "prod").ToString());
        Assert.Equal("service account of the pod, server https://10.0.0.1, namespace team", Connection("https://10.0.0.1:443", null).ToString());
        Assert.Equal("token", new KubeCredential("s3cret").ToString());
    }

    private static KubeConnection Connection(string server, string? context) =>
        new(new Uri(server), new KubeTrust(), new StaticCredentials(new KubeCredential("s3cret"))) { Context = context, Namespace = "team", Origin = "service account of the pod" };
}
