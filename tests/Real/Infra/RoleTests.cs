using System.Text.RegularExpressions;

namespace Pushcart.Tests.Real.Infra;

/// <summary>Who may do what in Azure: only what is listed here, with its reason, and each on one resource.</summary>
public sealed partial class RoleTests(BicepFixture infra) : IClassFixture<BicepFixture>
{
    // Ids are those of Azure's built-in roles.
    private static readonly Dictionary<string, (string Name, string Why)> s_allowed = new()
    {
        ["b7e6dc6d-f1e8-4753-8033-0f276bb0955b"] = ("Storage Blob Data Owner", "what Microsoft asks of AzureWebJobsStorage: leases of timers, keys of the host, the package"),
        ["974c5e8b-45b9-4653-ba55-5f855dd0fb88"] = ("Storage Queue Data Contributor", "messages are sent, taken, renewed and deleted"),
        ["0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"] = ("Storage Table Data Contributor", "state"),
        ["4633458b-17de-408a-b874-0445c86b69e6"] = ("Key Vault Secrets User", "the app reads secrets of sources, whoever deploys the first admin token"),
        ["3913510d-42f4-4e42-8a64-420c390055eb"] = ("Monitoring Metrics Publisher", "telemetry without a key"),
        ["2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"] = ("Storage Blob Data Reader", "a hook tries whether roles count; operators look"),
        ["19e7f393-937e-4f77-808e-94535e297925"] = ("Storage Queue Data Reader", "the same"),
        ["76199698-9eea-4c19-bc75-cec21354c6b6"] = ("Storage Table Data Reader", "the same"),
        ["b1ff04bb-8a4e-4dc4-8eb5-8693973ce19b"] = ("Azure Kubernetes Service RBAC Cluster Admin", "of a new cluster only: whoever deploys gives the app its Role there"),
    };

    [Fact]
    public void Only_roles_with_a_reason_are_given_and_each_is_named_beside_its_id()
    {
        var given = infra.Files.SelectMany(file => Role().Matches(file.Root.Text).Select(m => (Id: m.Groups[1].Value, Comment: m.Groups[2].Value))).ToList();

        Assert.Equal(s_allowed.Keys.Order(StringComparer.Ordinal), given.Select(g => g.Id).Order(StringComparer.Ordinal));
        Assert.All(given, g => Assert.StartsWith(s_allowed[g.Id].Name, g.Comment, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_role_is_given_on_one_resource_with_the_kind_of_who_gets_it()
    {
        var assignments = infra.Files.SelectMany(file => file.Resources.Where(r => r.Text.Contains("roleAssignments@", StringComparison.Ordinal))).ToList();

        Assert.Equal(6, assignments.Count);
        foreach (var assignment in assignments)
        {
            Assert.Contains(assignment.Property("scope")!.Text, (string[])["storage", "vault", "insights", "cluster"]);
            var (who, kind) = (assignment.Property("properties", "principalId")!.Text, assignment.Property("properties", "principalType")!.Text);
            Assert.Contains((who, kind), new[] { ("appPrincipalId", "'ServicePrincipal'"), ("deployerId", "deployerType") });
        }
    }

    [Fact]
    public void The_app_starts_after_its_roles_and_only_whoever_deploys_administers_a_new_cluster()
    {
        Assert.Contains("roles", infra.Main.Modules.Single(m => m.Name == "app").Node.Property("dependsOn")!.Text, StringComparison.Ordinal);
        Assert.Equal("principalType", infra.Main.Modules.Single(m => m.Name == "roles").Node.Property("params", "deployerType")!.Text);
        Assert.DoesNotContain("appPrincipalId", infra.Module("cluster").Root.Text, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"'([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})' // ([^\n]+)")]
    private static partial Regex Role();
}
