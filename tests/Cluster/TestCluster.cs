using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster;

/// <summary>The cluster that the tests were given.</summary>
public static class TestCluster
{
    /// <summary>Names the kubeconfig whose current context is used; nothing else is ever asked.</summary>
    public const string Variable = "PUSHCART_TEST_KUBECONFIG";

    /// <summary>Path of the kubeconfig; null where there is no cluster.</summary>
    public static string? Kubeconfig { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } path ? path : null;

    /// <summary>Why tests are skipped; null where they run.</summary>
    public static string? MissingReason { get; } = Kubeconfig is null ? $"{Variable} names no kubeconfig of a cluster for tests" : null;

    /// <summary>An image with a shell, which the cluster has or can pull: <c>PUSHCART_TEST_IMAGE</c>, or the one that the tests' own cluster holds.</summary>
    public static string Image { get; } = Environment.GetEnvironmentVariable("PUSHCART_TEST_IMAGE") is { Length: > 0 } image ? image : "docker.io/library/worker:1";

    /// <summary>The connection. A kubeconfig that was named and cannot be used fails the tests.</summary>
    public static KubeConnection Connect()
    {
        var answer = KubeConnection.FromKubeconfig(new KubeconfigChoice { Path = Kubeconfig }, TimeProvider.System);
        return answer.Value ?? throw new InvalidOperationException(answer.Failure!.Message);
    }

    /// <summary>A client with these credentials.</summary>
    public static KubeClient Client(KubeLimits? limits = null) => new(Connect(), TimeProvider.System, Chance.System, limits);
}
