using Pushcart.Execution.Kubernetes.Client.Credentials;

namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>The user of a context: where the credentials come from.</summary>
internal static class KubeconfigUser
{
    private static readonly string[] s_execVersions = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

    // Not to be left out silently: the requests would be somebody else's.
    private static readonly (string Field, string Why)[] s_unsupported =
    [
        ("username", "is not supported: the API takes no passwords any more; use a token, a client certificate or exec"),
        ("password", "is not supported: the API takes no passwords any more; use a token, a client certificate or exec"),
        ("auth-provider", "is not supported, and was removed from Kubernetes; use exec (for AKS: kubelogin convert-kubeconfig)"),
        ("as", "is not supported: requests would not be those of the user who is named"),
        ("as-uid", "is not supported: requests would not be those of the user who is named"),
        ("as-groups", "is not supported: requests would not be those of the user who is named"),
        ("as-user-extra", "is not supported: requests would not be those of the user who is named"),
    ];

    /// <summary>The credentials.</summary>
    public static IKubeCredentials Credentials(ConfigMap? user, ConfigMap cluster, TimeProvider time)
    {
        if (user is null)
        {
            return new StaticCredentials(KubeCredential.None);
        }

        foreach (var (field, why) in s_unsupported.Where(field => user.Has(field.Field)))
        {
            throw user.Wrong(field, why);
        }

        var token = Token(user);
        var certificate = Certificate(user, token);
        if (user.Map("exec") is { } exec)
        {
            return token is null && certificate is null && !user.Has("tokenFile")
                ? ExecPlugin.Open(Order(exec, cluster), time)
                : throw user.Wrong("exec", "cannot stand beside a token or a client certificate; leave one of them out");
        }

        if (user.Text("tokenFile") is { } file)
        {
            return certificate is null
                ? TokenFile.Open(Path.GetFullPath(file, user.Folder), time)
                : throw user.Wrong("tokenFile", "cannot stand beside a client certificate; leave one of them out");
        }

        return new StaticCredentials(certificate ?? new KubeCredential(token));
    }

    private static string? Token(ConfigMap user) => user.Text("token") is { } token && TokenFile.Fault(token) is { } fault
        ? throw user.Wrong("token", fault)
        : user.Text("token");

    private static KubeCredential? Certificate(ConfigMap user, string? token)
    {
        var (certificate, key) = (user.Pem("client-certificate"), user.Pem("client-key"));
        if (certificate is null && key is null)
        {
            return null;
        }

        if (certificate is null || key is null)
        {
            throw user.Wrong(certificate is null ? "client-certificate" : "client-key", "is missing: a client certificate needs both");
        }

        return ClientCertificate.Read(certificate, key, token, out var fault) ?? throw user.Wrong("client-certificate", fault!);
    }

    private static ExecPluginOrder Order(ConfigMap exec, ConfigMap cluster)
    {
        var version = exec.Required("apiVersion");
        if (!s_execVersions.Contains(version))
        {
            throw exec.Wrong("apiVersion", $"must be {string.Join(" or ", s_execVersions)}, not {Wording.Quote(version)}");
        }

        if (exec.Text("interactiveMode") == "Always")
        {
            throw exec.Wrong("interactiveMode", "is Always, and there is no terminal here; use a plugin that can do without");
        }

        return new ExecPluginOrder
        {
            ApiVersion = version,
            Command = exec.Required("command"),
            Args = [.. exec.Texts("args")],
            Environment = [.. exec.Maps("env").Select(pair => KeyValuePair.Create(pair.Required("name"), pair.Text("value") ?? ""))],
            InstallHint = exec.Text("installHint") is { } hint ? hint.Trim()[..Math.Min(hint.Trim().Length, 1000)] : null,
            Cluster = exec.Flag("provideClusterInfo") ? KubeconfigCluster.ForPlugin(cluster) : null,
            Folder = exec.Folder,
        };
    }
}
