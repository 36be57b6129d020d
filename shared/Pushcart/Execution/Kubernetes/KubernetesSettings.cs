using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Settings;

namespace Pushcart.Execution.Kubernetes;

/// <summary>Which cluster jobs run in.</summary>
public sealed record KubernetesSettings
{
    /// <summary>Path of a kubeconfig. Default: none, which means the account of the pod that Pushcart runs in, or else the files of <c>KUBECONFIG</c>, or <c>~/.kube/config</c>.</summary>
    [Setting("Kubernetes:Kubeconfig")]
    public string? Kubeconfig { get; init; }

    /// <summary>A context of the kubeconfig. Default: none, which means the current one, and only where it is a local cluster's: jobs shall not run where nobody meant them to.</summary>
    [Setting("Kubernetes:Context")]
    public string? Context { get; init; }

    /// <summary>True where Jobs and pods are listed once for all namespaces, which needs a ClusterRole. Default false: once for each namespace in use.</summary>
    [Setting("Kubernetes:AllNamespaces")]
    public bool AllNamespaces { get; init; }

    /// <summary>How long a secret is kept in memory once it was read. Default 60 s.</summary>
    [Setting("Kubernetes:SecretsKept", Minimum = "1s", Maximum = "1h")]
    public TimeSpan SecretsKept { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The cluster.</summary>
    /// <returns>The connection; or why there is none, and what to do. Nothing is sent yet.</returns>
    public (KubeConnection? Connection, string? Error) Connect(TimeProvider time)
    {
        var answer = Kubeconfig is null && Context is null && KubeConnection.IsInCluster()
            ? KubeConnection.InCluster(time)
            : KubeConnection.FromKubeconfig(new() { Path = Kubeconfig, Context = Context }, time);
        return answer.Failure is { } failure ? (null, failure.Message)
            : answer.Value is { Context: { } context, IsLocal: false } found && Context is null
                ? (null, $"the current context is {context} ({found.Server.Host}), which is no local cluster and was not named; name it by --context {context} or Kubernetes:Context, if jobs shall run there")
            : (answer.Value, null);
    }
}
