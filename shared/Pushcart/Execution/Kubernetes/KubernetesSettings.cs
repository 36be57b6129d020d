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

    /// <summary>Address of the API server, https, of a cluster that is asked as a Microsoft Entra identity (AKS), without a kubeconfig. Default: none.</summary>
    [Setting("Kubernetes:Server")]
    public string? Server { get; init; }

    /// <summary>With <see cref="Server"/>: the cluster's certificate authority in PEM, or that in base64 as kubeconfigs have it. Default: none, which means the system's.</summary>
    [Setting("Kubernetes:CertificateAuthority")]
    public string? CertificateAuthority { get; init; }

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
        if (Server is not null || CertificateAuthority is not null)
        {
            return ConnectByEntra(time);
        }

        var answer = Kubeconfig is null && Context is null && KubeConnection.IsInCluster()
            ? KubeConnection.InCluster(time)
            : KubeConnection.FromKubeconfig(new() { Path = Kubeconfig, Context = Context }, time);
        return answer.Failure is { } failure ? (null, failure.Message)
            : answer.Value is { Context: { } context, IsLocal: false } found && Context is null
                ? (null, $"the current context is {context} ({found.Server.Host}), which is no local cluster and was not named; name it by --context {context} or Kubernetes:Context, if jobs shall run there")
            : (answer.Value, null);
    }

    private (KubeConnection? Connection, string? Error) ConnectByEntra(TimeProvider time)
    {
        if (!Uri.TryCreate(Server, UriKind.Absolute, out var server))
        {
            return (null, Server is null
                ? "Kubernetes:CertificateAuthority is set, and Kubernetes:Server is not: give the address of the API server, such as https://NAME.hcp.REGION.azmk8s.io:443"
                : $"Kubernetes:Server: '{Server}' is no address such as https://NAME.hcp.REGION.azmk8s.io:443");
        }

        if (Kubeconfig is not null || Context is not null)
        {
            return (null, "Kubernetes:Server and a kubeconfig or context are both set, and only one can say which cluster; remove one");
        }

        var answer = KubeConnection.ByEntra(server, Pem(CertificateAuthority), null, KubeConnection.AzureIdentity(null), time);
        return answer.Failure is { } failure ? (null, $"Kubernetes:Server: {failure.Message}") : (answer.Value, null);
    }

    private static string? Pem(string? authority)
    {
        var decoded = new byte[authority?.Length ?? 0];
        return authority is not null && Convert.TryFromBase64String(authority, decoded, out var length) ? System.Text.Encoding.ASCII.GetString(decoded, 0, length) : authority;
    }
}
