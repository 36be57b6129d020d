using System.Net;
using System.Text;
using System.Text.Json;

namespace Pushcart.Deployment;

/// <summary>
/// What the app may do in the cluster: the Role of infra/kubernetes/server, the same file that a server within the cluster has, bound to the object id of the app's identity, in each namespace.
/// It is applied by the Kubernetes API itself, so neither kubectl nor kubelogin is needed.
/// </summary>
internal static class ClusterRole
{
    private const string AksScope = "6dae42f8-4368-4678-94ff-3960e28e3630/.default";
    private const string Manager = "fieldManager=pushcart-azd&force=true";
    private static readonly TimeSpan s_most = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(5);

    /// <summary>Applies Role and RoleBinding in each namespace; a namespace that is missing is made.</summary>
    public static async Task ApplyAsync(HookContext context, CancellationToken cancellation)
    {
        if (context.Setting("PUSHCART_KUBERNETES") is not ("existing" or "new"))
        {
            return;
        }

        var id = context.Setting("PUSHCART_CLUSTER_ID");
        if (id is null || id.Split('/') is not ["", "subscriptions", _, "resourceGroups", _, "providers", "Microsoft.ContainerService", "managedClusters", { Length: > 0 }])
        {
            throw new HookException($"PUSHCART_CLUSTER_ID '{id}' is no resource id of an AKS cluster; set it to what `az aks show --query id` prints, by azd env set PUSHCART_CLUSTER_ID …");
        }

        var identity = context.Require("PUSHCART_IDENTITY_ID");
        var (server, authority) = await FindAsync(context, id, cancellation).ConfigureAwait(false);
        var token = await context.Token(AksScope, cancellation).ConfigureAwait(false);
        using var handler = context.ClusterHandler(authority);
        using var caller = new Caller(handler, context.Time);
        var began = context.Time.GetTimestamp();
        var role = ReadRole(context.Project);
        foreach (var ns in context.Require("PUSHCART_NAMESPACES").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var there = await SendAsync(HttpMethod.Get, $"api/v1/namespaces/{ns}", null, missing: true).ConfigureAwait(false);
            if (!there)
            {
                await SendAsync(HttpMethod.Patch, $"api/v1/namespaces/{ns}?{Manager}", JsonSerializer.Serialize(new { apiVersion = "v1", kind = "Namespace", metadata = new { name = ns } })).ConfigureAwait(false);
            }

            const string Rights = "apis/rbac.authorization.k8s.io/v1/namespaces";
            await SendAsync(HttpMethod.Patch, $"{Rights}/{ns}/roles/pushcart-jobs?{Manager}", role).ConfigureAwait(false);
            await SendAsync(HttpMethod.Patch, $"{Rights}/{ns}/rolebindings/pushcart-{identity}?{Manager}", Binding(identity)).ConfigureAwait(false);
            await context.Output.WriteLineAsync($"The app may run jobs in the namespace {ns} of {FirstToken.Name(id)}.").ConfigureAwait(false);
        }

        // A role on a cluster that was just made counts after minutes.
        async Task<bool> SendAsync(HttpMethod method, string path, string? body, bool missing = false)
        {
            while (true)
            {
                var answer = await caller.SendAsync(method, new(server, path), token, body is null ? null : (body, "application/apply-patch+yaml"), null, cancellation).ConfigureAwait(false);
                if (answer.IsGood || (missing && answer.Status == HttpStatusCode.NotFound))
                {
                    return answer.IsGood;
                }

                if (answer.Status is not (HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) || context.Time.GetElapsedTime(began) > s_most)
                {
                    throw new HookException($"the cluster {FirstToken.Name(id)} refuses {method} {path.Split('?')[0]} ({answer.Short}); whoever deploys needs the role Azure Kubernetes Service RBAC Cluster Admin, or the like, there");
                }

                await Task.Delay(s_between, context.Time, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task<(Uri Server, string Authority)> FindAsync(HookContext context, string id, CancellationToken cancellation)
    {
        var token = await context.Token(FirstToken.Management, cancellation).ConfigureAwait(false);
        using var caller = new Caller(context.Handler, context.Time);
        var answer = await caller.SendAsync(
            HttpMethod.Post, new($"https://management.azure.com{id}/listClusterUserCredential?api-version=2024-09-01"), token, ("", "application/json"), null, cancellation).ConfigureAwait(false);
        if (!answer.IsGood)
        {
            throw new HookException($"the cluster {FirstToken.Name(id)} cannot be found or asked ({(int)answer.Status}); you need the role Azure Kubernetes Service Cluster User there");
        }

        using var json = JsonDocument.Parse(answer.Text);
        var kubeconfig = Encoding.UTF8.GetString(json.RootElement.GetProperty("kubeconfigs")[0].GetProperty("value").GetBytesFromBase64());
        return Value(kubeconfig, "server") is { } server && Uri.TryCreate(server.TrimEnd('/') + "/", UriKind.Absolute, out var address) && Value(kubeconfig, "certificate-authority-data") is { } authority
            ? (address, authority)
            : throw new HookException($"the kubeconfig of the cluster {FirstToken.Name(id)} has no server or no certificate-authority-data; look at it with `az aks get-credentials --file -`");
    }

    // A line of the one cluster that AKS writes; the whole of YAML is not needed.
    private static string? Value(string kubeconfig, string name) => kubeconfig.Split('\n').Select(line => line.Trim())
        .FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal))?[(name.Length + 1)..].Trim().Trim('"');

    private static string ReadRole(string project)
    {
        var path = Path.Combine(project, "infra", "kubernetes", "server", "components", "job-namespace", "role.yaml");
        return File.ReadAllText(path).ReplaceLineEndings("\n").Split("\n---\n")[0];
    }

    private static string Binding(string identity) => JsonSerializer.Serialize(new
    {
        apiVersion = "rbac.authorization.k8s.io/v1",
        kind = "RoleBinding",
        metadata = new { name = $"pushcart-{identity}" },
        roleRef = new { apiGroup = "rbac.authorization.k8s.io", kind = "Role", name = "pushcart-jobs" },
        subjects = new[] { new { apiGroup = "rbac.authorization.k8s.io", kind = "User", name = identity } },
    });
}
