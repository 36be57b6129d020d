using System.Text.RegularExpressions;
using Pushcart.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Pushcart.Tests.Real.Infra;

/// <summary>azure.yaml, by the rules of its schema (schemas/v1.0/azure.yaml.json of Azure/azure-dev) and by how azd runs hooks in C#.</summary>
public sealed partial class AzureYamlTests
{
    // The hooks that the schema knows at the root.
    private static readonly string[] s_hooks =
    [
        .. from moment in (string[])["pre", "post"]
           from step in (string[])["restore", "build", "provision", "package", "deploy", "publish", "up", "down", "infracreate", "infradelete"]
           select moment + step,
    ];

    private static readonly YamlMappingNode s_file = Load();

    [Fact]
    public void Its_root_has_what_the_schema_asks_for_and_a_schema_comment()
    {
        Assert.StartsWith("# yaml-language-server: $schema=https://raw.githubusercontent.com/Azure/azure-dev/main/schemas/v1.0/azure.yaml.json\n", Text(), StringComparison.Ordinal);
        Assert.Matches("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", Scalar("name"));
        Assert.Matches("^[a-z-]+@[0-9]+\\.[0-9]+\\.[0-9]+$", Scalar("metadata", "template"));
        Assert.Equal(["name", "metadata", "services", "hooks"], s_file.Children.Keys.Select(k => k.ToString()));
    }

    [Fact]
    public void Its_one_service_is_the_functions_project()
    {
        Assert.Equal(("function", "dotnet"), (Scalar("services", "functions", "host"), Scalar("services", "functions", "language")));
        var project = Path.Combine(ProjectFolder.Path, Scalar("services", "functions", "project"));
        Assert.Single(Directory.EnumerateFiles(project, "*.csproj"));
    }

    [Fact]
    public void Its_hooks_are_files_in_CSharp_that_azd_runs_by_themselves()
    {
        var hooks = (YamlMappingNode)s_file["hooks"];
        Assert.Equal(["postprovision", "predeploy", "postdeploy"], hooks.Children.Keys.Select(k => k.ToString()));
        Assert.Subset(s_hooks.ToHashSet(), hooks.Children.Keys.Select(k => k.ToString()).ToHashSet());
        foreach (var (name, hook) in hooks.Children)
        {
            var path = Path.GetFullPath(Path.Combine(ProjectFolder.Path, hook["run"].ToString()));
            Assert.Equal($"{name}.cs", Path.GetFileName(path));
            Assert.True(File.Exists(path), path);

            // A project file beside it, or above it up to the root, and azd runs that in place of the file.
            for (var folder = Path.GetDirectoryName(path)!; folder.Length >= ProjectFolder.Path.TrimEnd('/').Length; folder = Path.GetDirectoryName(folder)!)
            {
                Assert.Empty(Directory.EnumerateFiles(folder, "*.*proj"));
            }

            // Without it `dotnet run` restores what only ahead-of-time compilation needs.
            Assert.Contains("#:property PublishAot=false\n", File.ReadAllText(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_project_has_an_id_for_user_secrets_so_that_azd_adds_none() =>
        Assert.Matches(UserSecrets(), File.ReadAllText(Path.Combine(ProjectFolder.Path, "functions", "Functions.csproj")));

    private static string Text() => File.ReadAllText(Path.Combine(ProjectFolder.Path, "azure.yaml")).ReplaceLineEndings("\n");

    private static string Scalar(params string[] path) => path.Aggregate((YamlNode)s_file, (node, key) => node[key]).ToString();

    private static YamlMappingNode Load()
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(Text()));
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    [GeneratedRegex("<UserSecretsId>[0-9a-f-]{36}</UserSecretsId>")]
    private static partial Regex UserSecrets();
}
