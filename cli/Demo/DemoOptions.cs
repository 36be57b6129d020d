using Pushcart.Execution.Kubernetes;

namespace Pushcart.Cli.Demo;

/// <summary>What the demo was asked for.</summary>
/// <param name="Keep">True where everything is left running at the end.</param>
/// <param name="Kubernetes">The cluster that jobs run in; null: this machine.</param>
internal sealed record DemoOptions(bool Keep, DemoClusterOptions? Kubernetes);

/// <summary>The cluster that the demo's jobs run in. What is not named is that of the tests' cluster, where the environment names one.</summary>
internal sealed record DemoClusterOptions
{
    /// <summary>Path of a kubeconfig; null: <c>KUBECONFIG</c>, or <c>~/.kube/config</c>.</summary>
    public string? Kubeconfig { get; init; } = TestsKubeconfig;

    /// <summary>A context; null: the current one, where its cluster is a local one or that of the tests.</summary>
    public string? Context { get; init; }

    /// <summary>An image that has <c>sh</c> and <c>git</c>.</summary>
    public string Image { get; init; } = TestsImage ?? KubernetesExecutor.DefaultClonerImage;

    /// <summary>The address by which pods reach this machine; null: it is found out.</summary>
    public string? Address { get; init; } = Variable("PUSHCART_TEST_HOST");

    /// <summary>True where the kubeconfig is that of the tests, which was named by naming it for them.</summary>
    public bool IsOfTests => Kubeconfig is not null && Kubeconfig == TestsKubeconfig;

    private static string? TestsKubeconfig => Variable("PUSHCART_TEST_KUBECONFIG");

    // The cluster of the tests may reach no registry; this image is on its node.
    private static string? TestsImage => Variable("PUSHCART_TEST_IMAGE") ?? (TestsKubeconfig is null ? null : "docker.io/library/worker:1");

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
