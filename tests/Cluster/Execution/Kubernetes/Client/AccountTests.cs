using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster.Execution.Kubernetes.Client;

/// <summary>Who asks: what the real server says to a service account, to a plugin's token and to a wrong one.</summary>
public sealed class AccountTests(TestNamespace place) : IClassFixture<TestNamespace>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("accounts").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClusterFact]
    public async Task A_service_account_is_forbidden_what_no_role_allows()
    {
        using var client = new KubeClient(await AccountAsync("bare"), TimeProvider.System, Chance.System);
        var failure = (await client.ListAsync(KubeResource.Jobs, place.Name, null, null, default)).Failure!;

        Assert.Equal((KubeFailureKind.Forbidden, "Forbidden"), (failure.Kind, failure.Reason));
        foreach (var named in (string[])["list", "jobs", place.Name, $"system:serviceaccount:{place.Name}:bare"])
        {
            Assert.Contains(named, failure.Message, StringComparison.Ordinal);
        }

        var refused = (await client.CreateAsync(KubeResource.Jobs, place.Name, Objects.Job("a", "true"), sendBefore: null, default)).Failure!;
        Assert.Equal((KubeFailureKind.Forbidden, false), (refused.Kind, refused.MayHaveHappened));
        Assert.NotNull((await client.GetVersionAsync(default)).Value);
    }

    [ClusterFact]
    public async Task A_wrong_token_is_unauthorized()
    {
        var connection = await AccountAsync("wrong");
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), "nonsense");
        using var client = new KubeClient(connection, TimeProvider.System, Chance.System);
        var failure = (await client.ListAsync(KubeResource.Jobs, place.Name, null, null, default)).Failure!;

        Assert.Equal((KubeFailureKind.Unauthorized, false), (failure.Kind, failure.MayHaveHappened));
        Assert.DoesNotContain("nonsense", failure.Message, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task A_plugin_gives_the_token()
    {
        await AccountAsync("plugged");
        var plugin = Path.Combine(_folder, "plugin");
        await File.WriteAllTextAsync(
            plugin,
            $$$"""
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1","status":{"token":"%s"}}' "$(cat '{{{_folder}}}/token')"
            """);
        var server = TestCluster.Connect().Server;
        var config = Path.Combine(_folder, "config");
        await File.WriteAllTextAsync(
            config,
            $$"""
            clusters: [{name: c, cluster: {server: "{{server}}", certificate-authority: ca.crt} }]
            users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: sh, args: ["{{plugin}}"]} } }]
            contexts: [{name: x, context: {cluster: c, user: u} }]
            current-context: x
            """);
        using var client = new KubeClient(KubeConnection.FromKubeconfig(new KubeconfigChoice { Path = config }, TimeProvider.System).Value!, TimeProvider.System, Chance.System);

        // Who is asked for is who the server knows.
        Assert.Contains($"{place.Name}:plugged", (await client.ListAsync(KubeResource.Jobs, place.Name, null, null, default)).Failure?.Message, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task A_server_with_another_authority_is_not_trusted()
    {
        var connection = TestCluster.Connect();
        var config = Path.Combine(_folder, "untrusted");
        await File.WriteAllTextAsync(
            config,
            $$"""
            clusters: [{name: c, cluster: {server: "{{connection.Server}}"} }]
            contexts: [{name: x, context: {cluster: c} }]
            current-context: x
            """);
        using var client = new KubeClient(KubeConnection.FromKubeconfig(new KubeconfigChoice { Path = config }, TimeProvider.System).Value!, TimeProvider.System, Chance.System);
        var failure = (await client.CreateAsync(KubeResource.Secrets, place.Name, Objects.Secret("a"), sendBefore: null, default)).Failure!;

        Assert.Equal((KubeFailureKind.Unreachable, false), (failure.Kind, failure.MayHaveHappened));
        Assert.Contains("certificate is not trusted", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>The connection of a pod of a new service account, as the files of a pod have it.</summary>
    private async Task<KubeConnection> AccountAsync(string name)
    {
        using var admin = TestCluster.Client();
        var accounts = new KubeResource("", "v1", "serviceaccounts");
        Assert.Null((await admin.CreateAsync(accounts, place.Name, Objects.ServiceAccount(name), sendBefore: null, default)).Failure);
        var asked = new JsonObject { ["apiVersion"] = "authentication.k8s.io/v1", ["kind"] = "TokenRequest", ["spec"] = new JsonObject() };
        var token = await admin.CreateAsync(accounts with { Plural = $"serviceaccounts/{name}/token" }, place.Name, asked, sendBefore: null, default);
        Assert.Null(token.Failure);
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), token.Value!["status"]!["token"]!.GetValue<string>());
        await File.WriteAllTextAsync(Path.Combine(_folder, "ca.crt"), admin.Connection.Trust.RootsPem);
        await File.WriteAllTextAsync(Path.Combine(_folder, "namespace"), place.Name);
        var environment = new Dictionary<string, string>
        {
            ["KUBERNETES_SERVICE_HOST"] = admin.Connection.Server.Host,
            ["KUBERNETES_SERVICE_PORT"] = $"{admin.Connection.Server.Port}",
        };
        return KubeConnection.InCluster(TimeProvider.System, environment.GetValueOrDefault, _folder).Value!;
    }
}
