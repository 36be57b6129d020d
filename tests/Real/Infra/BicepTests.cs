using System.Text.Json;
using System.Text.RegularExpressions;
using Pushcart.Tests.Support.Bicep;

namespace Pushcart.Tests.Real.Infra;

/// <summary>What holds for all templates: they are Bicep, say what they mean, and tell no secret. Whether Azure takes them nobody has tried.</summary>
public sealed partial class BicepTests(BicepFixture infra) : IClassFixture<BicepFixture>
{
    [Fact]
    public async Task Every_file_is_Bicep_and_what_is_not_is_found()
    {
        Assert.True(infra.Files.Count >= 10);
        Assert.Empty(infra.Files.SelectMany(file => file.Faults));

        var broken = Path.Combine(Directory.CreateTempSubdirectory("bicep").FullName, "broken.bicep");
        await File.WriteAllTextAsync(broken, infra.Main.Root.Text.Replace("module storage ", "module ", StringComparison.Ordinal));
        Assert.NotEmpty((await BicepFile.ParseAsync([broken]))[0].Faults);
        Directory.Delete(Path.GetDirectoryName(broken)!, recursive: true);
    }

    [Fact]
    public void Every_parameter_and_output_is_described_and_every_parameter_and_variable_used()
    {
        foreach (var file in infra.Files)
        {
            Assert.All(file.Parameters.Concat(file.Outputs), d => Assert.True(DescriptionOf().IsMatch(d.Decorators), $"{file.Name}: {d.Name} has no @description that ends in a full stop"));
            Assert.All(file.Parameters.Concat(file.Variables), d => Assert.True(file.Uses(d.Name) > 0, $"{file.Name}: {d.Name} is not used"));
        }
    }

    [Fact]
    public void Every_parameter_of_main_is_given_and_its_default_is_the_same_in_both_files()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(BicepFixture.Folder, "main.parameters.json")));
        var given = json.RootElement.GetProperty("parameters").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetProperty("value").GetString()!);

        Assert.Equal(infra.Main.Parameters.Select(p => p.Name).Order(StringComparer.Ordinal), given.Keys.Order(StringComparer.Ordinal));
        foreach (var parameter in infra.Main.Parameters)
        {
            var variable = Variable().Match(given[parameter.Name]);
            Assert.True(variable.Success, $"{parameter.Name}: {given[parameter.Name]} is no ${{NAME}} or ${{NAME=default}}");
            var standard = parameter.Default?.Text.Trim('\'');
            Assert.True(
                standard is null ? !variable.Groups[2].Success : variable.Groups[2].Value == standard || parameter.Name == "principalId",
                $"{parameter.Name}: the default is '{standard}' in main.bicep, '{variable.Groups[2].Value}' in main.parameters.json");
            var allowed = Allowed().Match(parameter.Decorators);
            Assert.True(!allowed.Success || standard is null || allowed.Groups[1].Value.Contains($"'{standard}'", StringComparison.Ordinal), $"{parameter.Name}: {standard} is not allowed");
        }
    }

    [Fact]
    public void Every_module_is_a_file_of_this_folder_and_gets_what_it_takes_and_no_more()
    {
        foreach (var module in infra.Main.Modules)
        {
            var path = module.Node.Children.First(c => c.Type == "string").Text.Trim('\'');
            var file = infra.Files.Single(f => f.Path == Path.Combine(BicepFixture.Folder, path));
            var takes = module.Node.Property("params")!.Properties().Select(p => p.Name).ToList();
            Assert.Equal(file.Parameters.Where(p => p.Default is null).Select(p => p.Name).Order(StringComparer.Ordinal), takes.Order(StringComparer.Ordinal));
            foreach (Match use in Regex.Matches(infra.Main.Root.Text, $@"\b{module.Name}!?\.outputs\.(\w+)"))
            {
                Assert.Contains(use.Groups[1].Value, file.Outputs.Select(o => o.Name));
            }
        }

        Assert.All(infra.Files, file => Assert.DoesNotContain("'br/", file.Root.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void No_output_tells_a_secret_and_no_parameter_takes_one_in_the_open()
    {
        foreach (var file in infra.Files)
        {
            Assert.Empty(file.Outputs.Where(o => TellsSecret(o.Node.Text)).Select(o => $"{file.Name}: {o.Name}"));
            Assert.Empty(file.Parameters.Where(p => SecretName().IsMatch(p.Name) && !p.Decorators.Contains("@secure()", StringComparison.Ordinal)).Select(p => $"{file.Name}: {p.Name}"));
        }

        Assert.True(TellsSecret("output k string = account.listKeys().keys[0].value"));
        Assert.True(TellsSecret("output c string = insights.properties.ConnectionString"));
        Assert.True(TellsSecret("output adminToken string = x"));
    }

    [Fact]
    public void Versions_of_resources_are_released_ones_and_one_kind_has_one()
    {
        var used = infra.Files.SelectMany(file => ResourceType().Matches(file.Root.Text).Select(m => (Type: m.Groups[1].Value, Version: m.Groups[2].Value))).Distinct().ToList();

        Assert.True(used.Count > 15);
        Assert.All(used, u => Assert.Matches("^20[12][0-9]-[0-9]{2}-[0-9]{2}$", u.Version));
        Assert.Equal(used.Select(u => u.Type).Distinct().Count(), used.Count);
    }

    private static bool TellsSecret(string output) => SecretUse().IsMatch(output);

    [GeneratedRegex(@"@description\('(?:[^'\\]|\\.)+\.'\)")]
    private static partial Regex DescriptionOf();

    [GeneratedRegex(@"^\$\{([A-Z_]+)(?:=(.*))?\}$")]
    private static partial Regex Variable();

    [GeneratedRegex(@"@allowed\(\[([^\]]*)\]\)")]
    private static partial Regex Allowed();

    [GeneratedRegex(@"\blist[A-Z]\w*\(|connectionString|\bkeys?\b|secret|password|token", RegexOptions.IgnoreCase)]
    private static partial Regex SecretUse();

    [GeneratedRegex(@"secret|password|token|connectionString|(?<!public)key$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex(@"'(Microsoft\.[\w./]+)@([^']+)'")]
    private static partial Regex ResourceType();
}
