using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster;

/// <summary>A namespace of one test class, in which pods can be created; deleted with all it holds, without waiting until it is gone.</summary>
public sealed class TestNamespace : IAsyncLifetime
{
    /// <summary>Its name, drawn anew.</summary>
    public string Name { get; } = "pushcart-test-" + Chance.System.NewId()[..10];

    /// <inheritdoc/>
    public async Task InitializeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        using var client = TestCluster.Client();
        var created = await client.CreateAsync(
            KubeResource.Namespaces, ns: null, new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Namespace", ["metadata"] = new JsonObject { ["name"] = Name } }, sendBefore: null, default);
        Assert.Null(created.Failure);

        // Pods are refused until the namespace has its service account.
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(new KubeResource("", "v1", "serviceaccounts"), Name, "default", default)).Value is not null, "the default service account is there");
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        using var client = TestCluster.Client();
        await client.DeleteAsync(KubeResource.Namespaces, ns: null, Name, new KubeDelete(KubePropagation.Background), default);
    }
}
