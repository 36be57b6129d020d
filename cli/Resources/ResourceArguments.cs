using System.CommandLine;
using Pushcart.Resources;

namespace Pushcart.Cli.Resources;

/// <summary>Arguments and options that name resources.</summary>
internal static class ResourceArguments
{
    /// <summary>The namespace that is meant where none is named.</summary>
    public const string DefaultNamespace = "default";

    /// <summary>A kind, in capitals or not, in the singular or the plural.</summary>
    /// <param name="description">What it says; the kinds are added.</param>
    /// <param name="isOptional">True where it may be left out.</param>
    public static Argument<ResourceKind?> Kind(string description, bool isOptional = false)
    {
        var kind = new Argument<ResourceKind?>("KIND")
        {
            Description = $"{description}: {string.Join(", ", Enum.GetNames<ResourceKind>())}",
            HelpName = "KIND",
            Arity = isOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            CustomParser = result =>
            {
                if (KindOf(result.Tokens[0].Value) is { } found)
                {
                    return found;
                }

                result.AddError($"there is no kind {result.Tokens[0].Value}; the kinds are {string.Join(", ", Enum.GetNames<ResourceKind>())}");
                return null;
            },
        };
        kind.CompletionSources.Add(Enum.GetNames<ResourceKind>());
        return kind;
    }

    /// <summary>The option that names a namespace.</summary>
    /// <param name="description">What for.</param>
    public static Option<string?> Namespace(string description) => new("--namespace", "-n") { Description = description, HelpName = "NAMESPACE" };

    /// <summary>The kind of that name, in capitals or not, in the singular or the plural; null where there is none.</summary>
    public static ResourceKind? KindOf(string text)
    {
        foreach (var kind in Enum.GetValues<ResourceKind>())
        {
            if (string.Equals(text, kind.ToString(), StringComparison.OrdinalIgnoreCase) || string.Equals(text, kind + "s", StringComparison.OrdinalIgnoreCase))
            {
                return kind;
            }
        }

        return null;
    }

    /// <summary>The name of a resource.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace, where one was named.</param>
    /// <param name="name">Its name.</param>
    /// <exception cref="CommandException">The kind belongs to no namespace, and one was named.</exception>
    public static ResourceName NameOf(ResourceKind kind, string? ns, string name) => !kind.IsOfCluster() ? new(kind, ns ?? DefaultNamespace, name)
        : ns is null ? new(kind, null, name)
        : throw new CommandException(ExitCode.Usage, $"a {kind} belongs to no namespace; leave out --namespace");

    /// <summary>Where a resource stands in paths of the API: <c>GitRepo/default/app</c>.</summary>
    public static string Path(this ResourceName name) =>
        string.Join('/', new[] { name.Kind.ToString(), name.Namespace, name.Name }.OfType<string>().Select(Uri.EscapeDataString));
}
