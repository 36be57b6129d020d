using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Pushcart.Functions;
using Pushcart.Settings;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Unit.Settings;

/// <summary>docs/settings.md has every setting that the code reads, and no other; and local.settings.sample.json is one to copy.</summary>
public sealed partial class SettingsPageTests
{
    private const string Page = "docs/settings.md";
    private static readonly string[] s_folders = ["shared/Pushcart", "shared/standalone/FunctionsWorker", "functions"];
    private static readonly string[] s_places = ["both", "standalone", "Azure", "local.settings.json"];

    // What is read by Azure Functions or by a client library, and only documented here; or is written in the code in parts.
    private static readonly string[] s_ofOthers =
    [
        "FUNCTIONS_WORKER_RUNTIME", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "AzureWebJobsStorage:credential",
        "Secrets:<namespace>:<name>:<key>", "Webhooks:<Provider>:Secrets",
    ];

    private static readonly List<(string[] Names, string[] Cells)> s_rows =
    [
        .. from line in File.ReadLines(Path.Combine(ProjectFolder.Path, Page)).SkipWhile(line => !line.StartsWith("## Storage", StringComparison.Ordinal)).TakeWhile(line => line != "## host.json")
           where line.StartsWith("| `", StringComparison.Ordinal)
           let cells = line.Trim('|', ' ').Split(" | ")
           select (Name().Matches(cells[0]).Select(m => m.Groups[1].Value).ToArray(), cells),
    ];

    private static HashSet<string> Documented => [.. s_rows.SelectMany(row => row.Names)];

    [Fact]
    public void Every_setting_that_the_code_reads_is_on_the_page()
    {
        var read = Read();

        Assert.True(read.Count > 60, $"only {read.Count} settings were found in the code");
        Assert.True(
            read.IsSubsetOf(Documented),
            $"{Page} lacks {string.Join(", ", read.Except(Documented).Order(StringComparer.Ordinal))}: add a row of name, meaning, default and where it applies ({string.Join(", ", s_places)}) to the table of its topic");
    }

    [Fact]
    public void Every_setting_on_the_page_is_read_by_the_code()
    {
        var unread = Documented.Except(Read()).Except(s_ofOthers).Order(StringComparer.Ordinal).ToList();

        Assert.True(unread.Count == 0, $"{Page} tells of {string.Join(", ", unread)}, which no code reads: take them out");
    }

    [Fact]
    public void Every_row_says_what_it_means_its_default_and_where_it_applies_once()
    {
        Assert.All(s_rows, row =>
        {
            Assert.Equal(4, row.Cells.Length);
            Assert.All(row.Cells, cell => Assert.NotEqual("", cell.Trim()));
            Assert.Contains(row.Cells[3].Trim(), s_places);
        });
        Assert.Equal(Documented.Count, s_rows.Sum(row => row.Names.Length));
    }

    [Fact]
    public void The_sample_has_what_bindings_name_with_the_hosts_own_defaults_and_nothing_unknown()
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(ProjectFolder.Path, "local.settings.sample.json")));
        var values = json.RootElement.GetProperty("Values").EnumerateObject().ToDictionary(v => v.Name.Replace("__", ":", StringComparison.Ordinal), v => v.Value.GetString());

        Assert.False(json.RootElement.GetProperty("IsEncrypted").GetBoolean());
        Assert.All(Composition.Defaults, standard => Assert.Equal(standard.Value, values[standard.Key]));
        Assert.Equal(("UseDevelopmentStorage=true", "dotnet-isolated"), (values["AzureWebJobsStorage"], values["FUNCTIONS_WORKER_RUNTIME"]));
        Assert.Empty(values.Keys.Except(Documented));
    }

    private static HashSet<string> Read()
    {
        var code = s_folders.SelectMany(folder => Directory.EnumerateFiles(Path.Combine(ProjectFolder.Path, folder), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)).Select(File.ReadAllText).ToList();
        return
        [
            .. typeof(SettingAttribute).Assembly.GetTypes().Concat(typeof(Composition).Assembly.GetTypes())
                .SelectMany(type => type.GetProperties()).Select(property => property.GetCustomAttribute<SettingAttribute>()?.Key).OfType<string>(),
            .. code.SelectMany(text => Literal().Matches(text)).Select(m => m.Groups[1].Value),
            .. code.SelectMany(text => Direct().Matches(text)).Select(m => m.Groups[1].Value),
            .. code.SelectMany(text => Below().Matches(text)).Select(m => $"AzureWebJobsStorage:{m.Groups[1].Value}"),
            .. code.SelectMany(text => Variable().Matches(text)).Select(m => m.Groups[1].Value),
        ];
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Name();

    // "Poll:Schedule", wherever it stands.
    [GeneratedRegex("\"([A-Z][A-Za-z]+:[A-Z][A-Za-z]+(?::[A-Z][A-Za-z]+)?)\"")]
    private static partial Regex Literal();

    // configuration["PublicUrl"], and constants whose name ends in Setting.
    [GeneratedRegex("(?:configuration\\[|const string \\w*Setting = )\"([A-Z][A-Za-z:]+)\"[\\];]")]
    private static partial Regex Direct();

    [GeneratedRegex("configuration\\[\\$\"\\{Setting\\}:([a-z]\\w+)\"\\]")]
    private static partial Regex Below();

    [GeneratedRegex("\"((?:OTEL|FUNCTIONS|APPLICATIONINSIGHTS|AZURE_CLIENT|ASPNETCORE_URLS|DOTNET_ENVIRONMENT)[A-Z_]*)\"")]
    private static partial Regex Variable();
}
