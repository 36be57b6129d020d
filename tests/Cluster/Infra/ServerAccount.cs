using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Infra;

/// <summary>The server's account as <c>infra/kubernetes/server</c> makes it, in a namespace of a test: a token, and what the rendered Role gives it.</summary>
internal static class ServerAccount
{
    private static readonly KubeResource s_accounts = new("", "v1", "serviceaccounts");
    private static readonly KubeResource s_roles = new("rbac.authorization.k8s.io", "v1", "roles");
    private static readonly KubeResource s_bindings = new("rbac.authorization.k8s.io", "v1", "rolebindings");

    /// <summary>What an overlay renders for a server in this namespace.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="suffix">Follows every name, so that several fit into one namespace.</param>
    public static IReadOnlyList<JsonObject> Rendered(string ns, string suffix = "") => Kustomize.RenderOwn($$"""
        apiVersion: kustomize.config.k8s.io/v1beta1
        kind: Kustomization
        namespace: {{ns}}
        nameSuffix: "{{suffix}}"
        resources: ["{server}/overlays/storage-account"]
        """);

    /// <summary>Makes account, Role and RoleBinding as they were rendered.</summary>
    /// <returns>The account's token.</returns>
    public static async Task<string> ApplyAsync(KubeClient admin, IReadOnlyList<JsonObject> rendered)
    {
        var account = rendered.Of("ServiceAccount");
        await CreateAsync(admin, s_accounts, account);
        await GrantAsync(admin, rendered);
        var (ns, name) = (Text(account, "namespace"), Text(account, "name"));
        var asked = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject() };
        var token = await admin.CreateAsync(s_accounts with { Plural = $"serviceaccounts/{name}/token" }, ns, asked, sendBefore: null, default);
        Assert.Null(token.Failure);
        return token.Value!["status"]!["token"]!.GetValue<string>();
    }

    /// <summary>Makes the Role and its binding.</summary>
    public static async Task GrantAsync(KubeClient admin, IReadOnlyList<JsonObject> rendered)
    {
        await CreateAsync(admin, s_roles, rendered.Of("Role"));
        await CreateAsync(admin, s_bindings, rendered.Of("RoleBinding"));
    }

    /// <summary>A kubeconfig that has this token and nothing else.</summary>
    public static string WriteKubeconfig(string folder, string token, string ns)
    {
        var cluster = TestCluster.Connect();
        File.WriteAllText(Path.Combine(folder, "ca.crt"), cluster.Trust.RootsPem);
        var path = Path.Combine(folder, "kubeconfig");
        File.WriteAllText(
            path,
            $$"""
            clusters: [{name: c, cluster: {server: "{{cluster.Server}}", certificate-authority: ca.crt} }]
            users: [{name: u, user: {token: "{{token}}"} }]
            contexts: [{name: account, context: {cluster: c, user: u, namespace: {{ns}} } }]
            current-context: account
            """);
        return path;
    }

    /// <summary>The rights of a Role: verb and resource, as in <c>get pods/log</c>.</summary>
    public static IEnumerable<(string Verb, string Resource)> Rights(JsonObject role) =>
        from rule in role["rules"]!.AsArray()
        from resource in rule!["resources"]!.AsArray()
        from verb in rule["verbs"]!.AsArray()
        select (verb!.GetValue<string>(), resource!.GetValue<string>());

    /// <summary>Takes one right out of a Role.</summary>
    public static void Remove(JsonObject role, (string Verb, string Resource) right)
    {
        var rules = role["rules"]!.AsArray();
        var rule = rules.Single(rule => rule!["resources"]!.AsArray().Any(r => r!.GetValue<string>() == right.Resource));
        var verbs = rule!["verbs"]!.AsArray();
        verbs.Remove(verbs.Single(verb => verb!.GetValue<string>() == right.Verb));
        if (verbs.Count == 0)
        {
            rules.Remove(rule);
        }
    }

    private static async Task CreateAsync(KubeClient admin, KubeResource resource, JsonObject content) =>
        Assert.Null((await admin.CreateAsync(resource, Text(content, "namespace"), content, sendBefore: null, default)).Failure);

    private static string Text(JsonObject content, string field) => content["metadata"]![field]!.GetValue<string>();
}
