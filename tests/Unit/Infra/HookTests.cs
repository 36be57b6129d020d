using System.Net;
using System.Text;
using System.Text.Json;
using Pushcart.Deployment;
using Pushcart.Tests.Support;
using Pushcart.Tokens;
using YamlDotNet.RepresentationModel;

namespace Pushcart.Tests.Unit.Infra;

/// <summary>The hooks of `azd up`, against a stand-in of what they call.</summary>
public sealed class HookTests
{
    private const string Cluster = "/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/aks-1";

    [Fact]
    public async Task Before_a_deployment_blobs_messages_and_rows_are_asked_for_until_roles_count()
    {
        var refused = 7;
        using var azure = new FakeAzure { Answer = call => refused-- > 0 ? (HttpStatusCode.Forbidden, "AuthorizationPermissionMismatch") : null };

        Assert.Equal(0, await azure.RunAsync(WaitForStorage.RunAsync));

        Assert.Equal(10, azure.Calls.Count);
        Assert.Equal(
            ["https://st1.blob.core.windows.net/deployment", "https://st1.queue.core.windows.net/pushcartjobs/messages", "https://st1.table.core.windows.net/pushcartlive()"],
            azure.Calls.Select(c => c.Address.Split('?')[0]).Distinct());
        Assert.All(azure.Calls, c => Assert.Equal("token-of-https://storage.azure.com/.default", c.Token));
        Assert.EndsWith("Roles on st1 count.\n", azure.Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Forbidden, "blobs of st1 cannot be read (403 no); look whether you have its Data Reader roles")]
    [InlineData(HttpStatusCode.NotFound, "blobs of st1 cannot be read (404 no)")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "blobs of st1 cannot be read (503 no)")]
    public async Task Roles_that_never_count_end_in_one_line_that_says_what_to_do(HttpStatusCode status, string expected)
    {
        using var azure = new FakeAzure { Answer = _ => (status, "no") };

        Assert.Equal(1, await azure.RunAsync(WaitForStorage.RunAsync));

        Assert.StartsWith($"error: {expected}", azure.Errors.ToString(), StringComparison.Ordinal);
        Assert.Single(azure.Errors.ToString().Trim().Split('\n'));
    }

    [Theory]
    [InlineData("PUSHCART_NETWORK", "private")]
    [InlineData("PUSHCART_DEPLOYER_ID", null)]
    public async Task Where_roles_cannot_be_tried_that_is_said(string setting, string? value)
    {
        using var azure = new FakeAzure { [setting] = value };

        Assert.Equal(0, await azure.RunAsync(WaitForStorage.RunAsync));

        Assert.Empty(azure.Calls);
        Assert.Contains("at its first start", azure.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_admin_token_is_made_once_in_the_body_of_a_request_and_the_app_reads_it()
    {
        using var azure = new FakeAzure { Answer = call => call.Method == "GET" ? (HttpStatusCode.NotFound, "") : null };

        Assert.Equal(0, await azure.RunAsync(Provisioned.RunAsync));

        Assert.Equal(
            [
                "GET https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-1/secrets/pushcart-first-admin",
                "PUT https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/kv-1/secrets/pushcart-first-admin",
                "POST https://management.azure.com/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-1/config/configreferences/appsettings/refresh",
            ],
            azure.Calls.Select(c => $"{c.Method} {c.Address.Split('?')[0]}"));
        var value = JsonDocument.Parse(azure.Calls[1].Body).RootElement.GetProperty("properties").GetProperty("value").GetString()!;
        Assert.True(TokenValue.HasForm(value) && value.StartsWith(TokenValue.Service, StringComparison.Ordinal));
        Assert.DoesNotContain(value, azure.Output + string.Concat(azure.Calls.Select(c => c.Address)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_first_admin_token_that_is_there_stays()
    {
        using var azure = new FakeAzure();

        Assert.Equal(0, await azure.RunAsync(Provisioned.RunAsync));

        Assert.Equal("GET", Assert.Single(azure.Calls).Method);
    }

    [Fact]
    public async Task A_vault_that_refuses_the_token_does_not_bring_it_into_the_message()
    {
        using var azure = new FakeAzure { Answer = call => call.Method == "GET" ? (HttpStatusCode.NotFound, "") : (HttpStatusCode.Forbidden, call.Body) };

        Assert.Equal(1, await azure.RunAsync(Provisioned.RunAsync));

        Assert.DoesNotContain("pct_\"", azure.Errors.ToString(), StringComparison.Ordinal);
        Assert.DoesNotMatch("pct_[0-9a-f]", azure.Errors.ToString());
        Assert.Contains("does not take the secret pushcart-first-admin (403)", azure.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Local_settings_are_written_once_and_never_over_somebodys_own()
    {
        using var azure = new FakeAzure();
        var path = Path.Combine(azure.Project, "local.settings.json");

        Assert.Equal(0, await azure.RunAsync(Provisioned.RunAsync));
        Assert.Contains("UseDevelopmentStorage=true", await File.ReadAllTextAsync(path), StringComparison.Ordinal);

        await File.WriteAllTextAsync(path, "mine");
        Assert.Equal(0, await azure.RunAsync(Provisioned.RunAsync));
        Assert.Equal("mine", await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task The_identity_gets_the_Role_of_the_servers_manifests_in_each_namespace()
    {
        var kubeconfig = "apiVersion: v1\nclusters:\n- cluster:\n    certificate-authority-data: Q0E=\n    server: https://aks-1.example.com:443\n  name: aks-1\n";
        var credentials = JsonSerializer.Serialize(new { kubeconfigs = new[] { new { name = "clusterUser", value = Convert.ToBase64String(Encoding.UTF8.GetBytes(kubeconfig)) } } });
        using var azure = new FakeAzure
        {
            ["PUSHCART_KUBERNETES"] = "existing",
            ["PUSHCART_CLUSTER_ID"] = Cluster,
            Answer = call => call.Address.Contains("listClusterUserCredential", StringComparison.Ordinal) ? (HttpStatusCode.OK, credentials)
                : call.Method == "GET" && call.Address.EndsWith("/namespaces/team-b", StringComparison.Ordinal) ? (HttpStatusCode.NotFound, "") : null,
        };

        Assert.Equal(0, await azure.RunAsync(Provisioned.RunAsync));

        var calls = azure.Calls.Where(c => c.Address.StartsWith("https://aks-1.example.com/", StringComparison.Ordinal)).ToList();
        Assert.All(calls, c => Assert.Equal("token-of-6dae42f8-4368-4678-94ff-3960e28e3630/.default", c.Token));
        Assert.Equal(
            [
                "GET team-a", "PATCH team-a/roles/pushcart-jobs", "PATCH team-a/rolebindings/pushcart-object-1",
                "GET team-b", "PATCH team-b", "PATCH team-b/roles/pushcart-jobs", "PATCH team-b/rolebindings/pushcart-object-1",
            ],
            calls.Select(c => $"{c.Method} {c.Address.Split("/namespaces/")[1].Split('?')[0]}"));
        Assert.All(calls.Where(c => c.Method == "PATCH"), c => Assert.Equal("application/apply-patch+yaml", c.Type));

        var role = Yaml(calls[1].Body);
        Assert.Equal(("Role", "pushcart-jobs"), (role["kind"].ToString(), role["metadata"]["name"].ToString()));
        Assert.Equal(Rules(Path.Combine(ProjectFolder.Path, "infra/kubernetes/server/components/job-namespace/role.yaml")), role["rules"].ToString());
        var binding = Yaml(calls[2].Body);
        Assert.Equal(("Role", "pushcart-jobs"), (binding["roleRef"]["kind"].ToString(), binding["roleRef"]["name"].ToString()));
        Assert.Equal(("User", "object-1"), (binding["subjects"][0]["kind"].ToString(), binding["subjects"][0]["name"].ToString()));

        static string Rules(string path) => Yaml(File.ReadAllText(path))["rules"].ToString();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("aks-1")]
    [InlineData("/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/func-1")]
    public async Task What_is_no_id_of_a_cluster_is_told_with_the_way_to_set_it(string? id)
    {
        using var azure = new FakeAzure { ["PUSHCART_KUBERNETES"] = "existing", ["PUSHCART_CLUSTER_ID"] = id };

        Assert.Equal(1, await azure.RunAsync(Provisioned.RunAsync));

        Assert.Contains("azd env set PUSHCART_CLUSTER_ID", azure.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_a_deployment_it_says_where_Pushcart_is_and_how_to_read_the_token_and_not_the_token()
    {
        var away = 3;
        using var azure = new FakeAzure { Answer = _ => away-- > 0 ? (HttpStatusCode.NotFound, "") : null };

        Assert.Equal(0, await azure.RunAsync(Deployed.RunAsync));

        Assert.All(azure.Calls, c => Assert.Equal(("https://func-1.azurewebsites.net/healthz/ready", (string?)null), (c.Address, c.Token)));
        Assert.Contains("Pushcart is ready: https://func-1.azurewebsites.net", azure.Output.ToString(), StringComparison.Ordinal);
        Assert.Contains("az keyvault secret show --vault-name kv-1 --name pushcart-first-admin", azure.Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_app_that_does_not_become_ready_is_told_with_its_answer_and_where_to_look()
    {
        using var azure = new FakeAzure { Answer = _ => (HttpStatusCode.ServiceUnavailable, "storage is away") };

        Assert.Equal(1, await azure.RunAsync(Deployed.RunAsync));

        Assert.Contains("is not ready after 12 minutes (503 storage is away)", azure.Errors.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_output_that_is_missing_is_named_with_the_command_that_makes_it()
    {
        using var azure = new FakeAzure { ["PUSHCART_URL"] = null };

        Assert.Equal(1, await azure.RunAsync(Deployed.RunAsync));

        Assert.Equal("error: PUSHCART_URL is not set in the azd environment; it is an output of the resources: run `azd provision` first", azure.Errors.ToString().Trim());
    }

    private static YamlNode Yaml(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents[0].RootNode;
    }
}
