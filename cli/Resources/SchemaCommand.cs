using System.CommandLine;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli.Resources;

/// <summary><c>pushcart schema [KIND]</c>: the JSON schemas of manifests.</summary>
internal static class SchemaCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var kind = ResourceArguments.Kind("The kind, or, without it, all of them", isOptional: true);
        var command = new Command("schema", "Prints the JSON schema of manifests, for editors: pushcart schema > pushcart.schema.json") { kind };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(kind) is { } one ? ManifestSchema.Of(one) : ManifestSchema.OfAll()));
        return command;
    }
}
