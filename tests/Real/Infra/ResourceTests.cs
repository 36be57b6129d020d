using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Tests.Support.Bicep;

namespace Pushcart.Tests.Real.Infra;

/// <summary>What the templates make, against what the code and Azure ask of it.</summary>
public sealed partial class ResourceTests(BicepFixture infra) : IClassFixture<BicepFixture>
{
    [Theory]
    [InlineData("group", @"^[-\w.()]{1,89}[-\w()]$")]
    [InlineData("identity", "^[a-zA-Z0-9][-a-zA-Z0-9_]{2,127}$")]
    [InlineData("storage", "^[a-z0-9]{3,24}$")]
    [InlineData("vault", "^[a-zA-Z](?!.*--)[-a-zA-Z0-9]{1,22}[a-zA-Z0-9]$")]
    [InlineData("workspace", "^[a-zA-Z0-9][-a-zA-Z0-9]{2,61}[a-zA-Z0-9]$")]
    [InlineData("insights", "^[^<>*%&:?+/]{1,255}[^<>*%&:?+/. ]$")]
    [InlineData("network", "^[a-zA-Z0-9][-a-zA-Z0-9_.]{0,62}[a-zA-Z0-9_]$")]
    [InlineData("cluster", "^[a-zA-Z0-9][-a-zA-Z0-9_]{0,52}[a-zA-Z0-9]$")]
    [InlineData("plan", "^[-a-zA-Z0-9]{1,60}$")]
    [InlineData("app", "^[a-zA-Z0-9][-a-zA-Z0-9]{0,58}[a-zA-Z0-9]$")]
    public void A_name_is_within_the_limits_of_its_kind(string key, string rule)
    {
        var names = infra.Main.Variables.Single(v => v.Name == "names").Node.Properties().ToDictionary(p => p.Name, p => p.Value.Text.Trim('\''));

        // uniqueString gives 13 characters; an environment's name has 64 at most.
        var name = names[key].Replace("${token}", "abcdefghijk12", StringComparison.Ordinal).Replace("${environmentName}", new string('e', 64), StringComparison.Ordinal);

        Assert.Matches(rule, name);
        Assert.Equal(10, names.Count);
    }

    [Fact]
    public void Storage_is_open_to_roles_only()
    {
        var account = Resource("storage", "account");

        Assert.Equal(
            ["'TLS1_2'", "true", "false", "false", "false"],
            new[] { "minimumTlsVersion", "supportsHttpsTrafficOnly", "allowSharedKeyAccess", "allowBlobPublicAccess", "allowCrossTenantReplication" }.Select(p => account.Property("properties", p)!.Text));
        Assert.Equal("isPrivate ? 'Disabled' : 'Enabled'", account.Property("properties", "publicNetworkAccess")!.Text);
        Assert.Equal("'None'", Resource("storage", "container").Property("properties", "publicAccess")!.Text);
    }

    [Fact]
    public void Every_queue_and_table_of_the_code_is_made()
    {
        // workers and logs are for registered workers.
        Assert.Equal(QueueNames.All.Order(StringComparer.Ordinal), Words("queues"));
        Assert.Empty(TableNames.All.Except(Words("tables")));
        Assert.Empty(Words("tables").Except(TableNames.All).Except(["workers", "logs"]));

        string[] Words(string variable) => [.. Regex.Matches(infra.Module("storage").Variables.Single(v => v.Name == variable).Node.Text, "'([^']+)'").Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void The_vault_is_open_to_roles_only_and_cannot_be_purged()
    {
        var vault = Resource("vault", "vault");

        Assert.Equal(["true", "true", "true"], new[] { "enableRbacAuthorization", "enableSoftDelete", "enablePurgeProtection" }.Select(p => vault.Property("properties", p)!.Text));
    }

    [Fact]
    public void Telemetry_and_deployments_and_a_new_cluster_know_no_keys_and_passwords()
    {
        Assert.Equal("true", Resource("monitoring", "insights").Property("properties", "DisableLocalAuth")!.Text);
        Assert.Equal("true", Resource("monitoring", "workspace").Property("properties", "features", "disableLocalAuth")!.Text);
        Assert.All(["ftp", "scm"], name => Assert.Equal("false", Resource("app", name).Property("properties", "allow")!.Text));
        Assert.Equal("true", Resource("cluster", "cluster").Property("properties", "disableLocalAccounts")!.Text);
        Assert.Equal("true", Resource("cluster", "cluster").Property("properties", "aadProfile", "managed")!.Text);
    }

    [Fact]
    public void The_app_is_what_Flex_Consumption_takes()
    {
        var app = Resource("app", "app");
        var flex = app.Property("properties", "functionAppConfig")!;
        var framework = XDocument.Load(Path.Combine(ProjectFolder.Path, "Directory.Build.props")).Descendants("TargetFramework").Single().Value;

        Assert.Equal("'FC1'", Resource("app", "plan").Property("sku", "name")!.Text);
        Assert.Equal("'functionapp,linux'", app.Property("kind")!.Text);
        Assert.Equal("true", app.Property("properties", "httpsOnly")!.Text);
        Assert.Equal(("'dotnet-isolated'", $"'{framework[3..]}'"), (flex.Property("runtime", "name")!.Text, flex.Property("runtime", "version")!.Text));
        Assert.InRange(int.Parse(flex.Property("scaleAndConcurrency", "maximumInstanceCount")!.Text, CultureInfo.InvariantCulture), 40, 1000);
        Assert.Contains("@allowed([512, 2048, 4096])", infra.Module("app").Parameters.Single(p => p.Name == "instanceMemory").Decorators, StringComparison.Ordinal);
        Assert.Equal("'UserAssignedIdentity'", flex.Property("deployment", "storage", "authentication", "type")!.Text);
        Assert.Contains("'azd-service-name': 'functions'", infra.Main.Root.Text, StringComparison.Ordinal);

        // Flex Consumption refuses an app that is given these.
        Assert.Empty(infra.AppSettings.Keys.Intersect(["FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_EXTENSION_VERSION", "WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTSHARE"]));
    }

    [Fact]
    public void Functions_that_the_templates_name_are_there()
    {
        var names = FunctionList.OfAssembly().Select(f => f.Name).ToHashSet();
        var ready = Regex.Matches(infra.Module("app").Root.Text, "'function:(\\w+)'").Select(m => m.Groups[1].Value).ToList();
        var watched = infra.Module("alerts").Variables.Single(v => v.Name == "rules").Node.All.Where(n => n.Type == "string" && n.Text.StartsWith("'AppRequests", StringComparison.Ordinal) || n.Text.StartsWith("'datatable", StringComparison.Ordinal))
            .SelectMany(n => Regex.Matches(n.Text, "\"(\\w+)\"").Select(m => m.Groups[1].Value)).Distinct().ToList();

        Assert.Equal(["Check", "Claim"], ready);
        Assert.Equal(["CheckPoison", "JobPoison", "Observe", "Poll"], watched.Order(StringComparer.Ordinal));
        Assert.Empty(ready.Concat(watched).Except(names));
    }

    [Fact]
    public void What_bindings_name_is_a_setting_of_the_app_with_the_hosts_own_default()
    {
        var named = FunctionList.OfAssembly().SelectMany(f => Regex.Matches(f.Binding, "%([^%]+)%").Select(m => m.Groups[1].Value)).Distinct().ToList();

        Assert.Contains("Poll:Schedule", named);
        foreach (var name in named)
        {
            var setting = name.Replace(":", "__", StringComparison.Ordinal);
            Assert.True(infra.AppSettings.TryGetValue(setting, out var value), $"a binding names %{name}%: infra/modules/app.bicep must set {setting}, for the Functions host reads it before the worker starts");
            Assert.Equal(value == "storagePrefix" ? infra.Main.Parameters.Single(p => p.Name == "storagePrefix").Default!.Text.Trim('\'') : value, Pushcart.Functions.Composition.Defaults[name]);
        }
    }

    [Fact]
    public void Every_setting_of_the_app_is_documented()
    {
        var page = File.ReadAllText(Path.Combine(ProjectFolder.Path, "docs", "settings.md"));

        Assert.True(infra.AppSettings.Count > 15);
        Assert.All(infra.AppSettings.Keys, setting => Assert.Contains($"`{setting.Replace("__", ":", StringComparison.Ordinal)}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void What_hooks_read_is_an_output_and_the_secret_that_they_make_is_the_one_that_the_app_reads()
    {
        var steps = string.Concat(Directory.EnumerateFiles(Path.Combine(BicepFixture.Folder, "hooks", "steps"), "*.cs").Select(File.ReadAllText));
        var read = Regex.Matches(steps, "(?:Require|Setting)\\(\"(\\w+)\"\\)").Select(m => m.Groups[1].Value).Distinct().ToList();

        Assert.True(read.Count > 8);
        Assert.Empty(read.Except(infra.Main.Outputs.Select(o => o.Name)));
        Assert.Contains($"/secrets/{Pushcart.Deployment.FirstToken.Secret})", infra.AppSettings["Tokens__FirstAdmin"], StringComparison.Ordinal);
    }

    private BicepNode Resource(string file, string name) => infra.Module(file).Resources.Single(r => r.Name == name);
}
