using System.CommandLine;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli;

/// <summary><c>pushcart schema [KIND]</c>: the JSON schemas of manifests.</summary>
internal static class SchemaCommand
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var kind = new Argument<ResourceKind?>("KIND")
        {
            Description = $"One of {string.Join(", ", Enum.GetNames<ResourceKind>())}; without it, the schema of all of them",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = result =>
            {
                if (Enum.GetValues<ResourceKind>().Where(k => string.Equals(k.ToString(), result.Tokens[0].Value, StringComparison.OrdinalIgnoreCase)).ToList() is [var found])
                {
                    return found;
                }

                result.AddError($"there is no kind {result.Tokens[0].Value}; the kinds are {string.Join(", ", Enum.GetNames<ResourceKind>())}");
                return null;
            },
        };
        var command = new Command("schema", "Prints the JSON schema of manifests, for editors: pushcart schema > pushcart.schema.json") { kind };
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(parsed.GetValue(kind) is { } one ? ManifestSchema.Of(one) : ManifestSchema.OfAll()));
        return command;
    }
}
