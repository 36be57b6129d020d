using System.Diagnostics;
using System.Text.Json;

namespace Pushcart.Tests.Support.Bicep;

/// <summary>A parsed Bicep file: by a grammar that npm has, for there is no compiler of Bicep that comes without a network.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Root">Its tree.</param>
public sealed record BicepFile(string Path, BicepNode Root)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { MaxDepth = 512 };

    /// <summary>Name of the file.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Parameters, with what stands before each.</summary>
    public IReadOnlyList<BicepDeclaration> Parameters => Of("parameter_declaration");

    /// <summary>Variables.</summary>
    public IReadOnlyList<BicepDeclaration> Variables => Of("variable_declaration");

    /// <summary>Outputs.</summary>
    public IReadOnlyList<BicepDeclaration> Outputs => Of("output_declaration");

    /// <summary>Modules.</summary>
    public IReadOnlyList<BicepDeclaration> Modules => Of("module_declaration");

    /// <summary>Resources, also those within others.</summary>
    public IReadOnlyList<BicepNode> Resources => [.. Root.All.Where(node => node.Type == "resource_declaration")];

    /// <summary>Places that are no Bicep.</summary>
    public IEnumerable<string> Faults => Root.All.Where(node => node.Error).Select(node => $"{Name}, line {node.Row}: {node.Text}");

    /// <summary>How often a name is used, beside its declaration.</summary>
    public int Uses(string name) => Root.All.Count(node => node.Type == "identifier" && node.Text == name) - 1 - Root.All.Count(node => node.Type == "object_property" && node.Children[0].Type == "identifier" && node.Name == name);

    /// <summary>Parses files.</summary>
    public static async Task<IReadOnlyList<BicepFile>> ParseAsync(IReadOnlyList<string> paths)
    {
        var modules = await NpmPackage.EnsureAsync("bicep", default);
        var start = new ProcessStartInfo("node", [System.IO.Path.Combine(ProjectFolder.Path, "tests", "Support", "npm", "bicep", "parse.cjs"), .. paths]) { RedirectStandardOutput = true };
        start.Environment["NODE_PATH"] = modules;
        using var node = Process.Start(start)!;
        var trees = await JsonSerializer.DeserializeAsync<List<BicepNode>>(node.StandardOutput.BaseStream, s_json);
        await node.WaitForExitAsync();
        return [.. paths.Zip(trees!, (path, tree) => new BicepFile(path, tree.Of(File.ReadAllText(path))))];
    }

    private List<BicepDeclaration> Of(string type)
    {
        var found = new List<BicepDeclaration>();
        for (var n = 0; n < Root.Children.Count; n++)
        {
            if (Root.Children[n].Type == type)
            {
                found.Add(new(Root.Children[n], n > 0 && Root.Children[n - 1].Type == "decorators" ? Root.Children[n - 1].Text : ""));
            }
        }

        return found;
    }
}

/// <summary>A declaration at the top of a file.</summary>
/// <param name="Node">The declaration.</param>
/// <param name="Decorators">What stands before it: description, allowed values ….</param>
public sealed record BicepDeclaration(BicepNode Node, string Decorators)
{
    /// <summary>Its name.</summary>
    public string Name => Node.Name;

    /// <summary>The default of a parameter, as it is written; null where there is none.</summary>
    public BicepNode? Default => Node.Children.Any(child => child.Type == "=") ? Node.Value : null;
}
