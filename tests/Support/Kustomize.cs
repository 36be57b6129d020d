using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Pushcart.Tests.Support;

/// <summary>Renders folders of <c>infra/kubernetes</c> as its users do, by <c>kubectl kustomize</c>.</summary>
public static class Kustomize
{
    /// <summary>Why nothing can be rendered here; null where it can.</summary>
    public static string? MissingReason { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "kubectl"))) ? null : "kubectl is not on PATH";

    /// <summary>The folder of the server's manifests.</summary>
    public static string Server { get; } = Path.Combine(ProjectFolder.Path, "infra", "kubernetes", "server");

    /// <summary>A folder, rendered.</summary>
    public static IReadOnlyList<JsonObject> Render(string folder)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(RenderText(folder)));
        return [.. yaml.Documents.Select(document => (JsonObject)Json(document.RootNode)!)];
    }

    /// <summary>A kustomization of a user's own, in a folder beside the project's, rendered.</summary>
    /// <param name="content">Its text; <c>{server}</c> is the path of the server's manifests.</param>
    public static IReadOnlyList<JsonObject> RenderOwn(string content)
    {
        var folder = Directory.CreateTempSubdirectory("kustomize").FullName;
        try
        {
            File.WriteAllText(Path.Combine(folder, "kustomization.yaml"), content.Replace("{server}", Path.GetRelativePath(folder, Server), StringComparison.Ordinal));
            return Render(folder);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>The one object of a kind, and of a name where there are several.</summary>
    public static JsonObject Of(this IEnumerable<JsonObject> objects, string kind, string? name = null) =>
        objects.Single(o => o["kind"]!.GetValue<string>() == kind && (name is null || o["metadata"]!["name"]!.GetValue<string>() == name));

    private static string RenderText(string folder)
    {
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"kubectl kustomize {folder} ended with {process.ExitCode}: {errors.GetAwaiter().GetResult()}");
    }

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(child => KeyValuePair.Create(((YamlScalarNode)child.Key).Value!, Json(child.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } text => text.Value,
        YamlScalarNode { Value: "true" or "false" } flag => flag.Value == "true",
        YamlScalarNode number when long.TryParse(number.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        YamlScalarNode { Value: "null" or "~" or "" } => null,
        YamlScalarNode text => text.Value,
        _ => throw new InvalidOperationException($"{node} is no value of a manifest"),
    };
}

/// <summary>Where the clone of this project is that the tests were built from.</summary>
public static class ProjectFolder
{
    /// <summary>The folder of <c>Serverless.sln</c>.</summary>
    public static string Path { get; } = Find(new DirectoryInfo(AppContext.BaseDirectory));

    private static string Find(DirectoryInfo folder) => File.Exists(System.IO.Path.Combine(folder.FullName, "Serverless.sln"))
        ? folder.FullName
        : Find(folder.Parent ?? throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no clone of this project"));
}
