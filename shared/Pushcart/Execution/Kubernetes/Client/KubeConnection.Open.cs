using Azure.Core;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Kubeconfigs;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>Which kubeconfig, and what of it.</summary>
public sealed record KubeconfigChoice
{
    /// <summary>A file that was named; null: the files of <c>KUBECONFIG</c>, or <c>~/.kube/config</c>.</summary>
    public string? Path { get; init; }

    /// <summary>A context that was named; null: the current one.</summary>
    public string? Context { get; init; }

    /// <summary>A Microsoft Entra identity that stands in place of the context's user (AKS, where no plugin can run); null: the user.</summary>
    public TokenCredential? Entra { get; init; }
}

/// <content>Where connections come from. Nothing is sent yet: what is wrong with a kubeconfig is told, what is wrong with the cluster is not.</content>
public sealed partial class KubeConnection
{
    /// <summary>Where Kubernetes puts the service account of a pod.</summary>
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>The cluster of a context of the kubeconfig. The failure (<see cref="KubeFailureKind.Misconfigured"/>) names file, context and field.</summary>
    public static KubeAnswer<KubeConnection> FromKubeconfig(KubeconfigChoice choice, TimeProvider time) =>
        FromKubeconfig(choice, time, Environment.GetEnvironmentVariable, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile));

    /// <summary>True within a pod that has a service account.</summary>
    public static bool IsInCluster() => InCluster(TimeProvider.System).Failure is null;

    /// <summary>The cluster that this process runs in, as its pod's service account. The token is read again as Kubernetes renews it.</summary>
    public static KubeAnswer<KubeConnection> InCluster(TimeProvider time) => InCluster(time, Environment.GetEnvironmentVariable, AccountFolder);

    /// <summary>A cluster by its address, as a Microsoft Entra identity (AKS).</summary>
    /// <param name="server">Address of the API server, https.</param>
    /// <param name="certificateAuthority">The cluster's certificate authority in PEM; null: the system's.</param>
    /// <param name="ns">The namespace; null: <c>default</c>.</param>
    /// <param name="identity">The identity, as <see cref="AzureIdentity"/>.</param>
    /// <param name="time">The clock.</param>
    public static KubeAnswer<KubeConnection> ByEntra(Uri server, string? certificateAuthority, string? ns, TokenCredential identity, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(server);
        var roots = certificateAuthority is null ? null : KubeconfigCluster.Roots(certificateAuthority);
        return server.Scheme != Uri.UriSchemeHttps ? Misconfigured($"the address of the API server must begin with https://, not {server.Scheme}://: a token would be sent unencrypted")
            : certificateAuthority is not null && roots is null ? Misconfigured("the certificate authority of the cluster holds no certificate in PEM")
            : new KubeConnection(server, new KubeTrust { Roots = roots, RootsPem = certificateAuthority }, EntraToken.Open(identity, time))
            {
                Namespace = ns ?? "default",
                Origin = "Microsoft Entra",
            };
    }

    /// <summary>The identity of this process in Azure: a managed or workload identity, the environment's, or who is signed in with the Azure CLI.</summary>
    /// <param name="clientId">Which of several managed identities; null: that of <c>AZURE_CLIENT_ID</c>, or the only one.</param>
    public static TokenCredential AzureIdentity(string? clientId) =>
        new Azure.Identity.DefaultAzureCredential(new Azure.Identity.DefaultAzureCredentialOptions { ManagedIdentityClientId = clientId ?? Environment.GetEnvironmentVariable("AZURE_CLIENT_ID") });

    internal static KubeAnswer<KubeConnection> FromKubeconfig(KubeconfigChoice choice, TimeProvider time, Func<string, string?> environment, string home)
    {
        try
        {
            var config = Kubeconfig.Open(choice.Path, environment, home);
            var name = choice.Context ?? config.CurrentContext
                ?? throw new KubeconfigException($"kubeconfig {config.Paths}: current-context is not set; set it, or name a context");
            return Open(config, name, choice.Entra, time);
        }
        catch (KubeconfigException fault)
        {
            return Misconfigured(fault.Message);
        }
    }

    internal static KubeAnswer<KubeConnection> InCluster(TimeProvider time, Func<string, string?> environment, string folder)
    {
        var (host, port) = (environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT"));
        var token = Path.Combine(folder, "token");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port) || !File.Exists(token))
        {
            return Misconfigured("this process is not in a pod with a service account: KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT "
                + $"or {token} is missing; use a kubeconfig, or set automountServiceAccountToken of the pod");
        }

        if (!Uri.TryCreate($"https://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{port}", UriKind.Absolute, out var server))
        {
            return Misconfigured("KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are no address");
        }

        try
        {
            var pem = File.ReadAllText(Path.Combine(folder, "ca.crt"));
            return KubeconfigCluster.Roots(pem) is not { } roots
                ? Misconfigured($"{Path.Combine(folder, "ca.crt")} holds no certificate in PEM")
                : new KubeConnection(server, new KubeTrust { Roots = roots, RootsPem = pem }, TokenFile.Open(token, time))
                {
                    Namespace = File.ReadAllText(Path.Combine(folder, "namespace")).Trim(),
                    Origin = "service account of the pod",
                };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Misconfigured($"the service account of the pod cannot be read: {failure.Message}");
        }
    }

    private static KubeConnection Open(Kubeconfig config, string name, TokenCredential? entra, TimeProvider time)
    {
        try
        {
            var context = config.Context(name);
            var cluster = config.Cluster(context);
            var user = config.User(context);
            var server = KubeconfigCluster.Server(cluster);
            if (server.Scheme == Uri.UriSchemeHttp && !IsLoopback(server) && (entra is not null || user is not null))
            {
                throw cluster.Wrong("server", "begins with http://, and the credentials would be sent unencrypted; use https://");
            }

            var credentials = entra is null ? KubeconfigUser.Credentials(user, cluster, time) : EntraToken.Open(entra, time);
            return new KubeConnection(server, KubeconfigCluster.Trust(cluster), credentials)
            {
                Context = name,
                Namespace = context.Text("namespace") ?? "default",
                Origin = $"kubeconfig {context.File}",
            };
        }
        catch (KubeconfigException fault)
        {
            throw new KubeconfigException($"context {Wording.Quote(name)}: {fault.Message}");
        }
    }

    private static KubeFailure Misconfigured(string message) => new(KubeFailureKind.Misconfigured, message);
}
