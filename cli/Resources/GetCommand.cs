using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli.Resources;

/// <summary><c>pushcart get KIND [NAME]</c>, <c>pushcart get all</c>: resources, or one with its manifest.</summary>
internal static class GetCommand
{
    private const string All = "all";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var kind = new Argument<string>("KIND") { HelpName = "KIND", Description = $"One of {string.Join(", ", Enum.GetNames<ResourceKind>())}, or {All}" };
        kind.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && text != All && ResourceArguments.KindOf(text) is null)
            {
                result.AddError($"there is no kind {text}; the kinds are {string.Join(", ", Enum.GetNames<ResourceKind>())}, or {All}");
            }
        });
        kind.CompletionSources.Add([.. Enum.GetNames<ResourceKind>(), All]);
        var name = new Argument<string?>("NAME") { Description = "One of them: its manifest, and who names it", Arity = ArgumentArity.ZeroOrOne };
        var ns = ResourceArguments.Namespace($"Namespace; without it all of them, and of a NAME {ResourceArguments.DefaultNamespace}");
        var command = new Command("get", "Lists resources, or shows one with its manifest") { kind, name, ns };
        command.AsksServer(options, (parsed, session, cancellation) => (ResourceArguments.KindOf(parsed.GetValue(kind)!), parsed.GetValue(name)) switch
        {
            ({ } one, { } of) => OneAsync(ResourceArguments.NameOf(one, parsed.GetValue(ns), of), session, cancellation),
            ({ } one, null) => ListAsync([one], parsed.GetValue(ns), session, cancellation),
            (null, null) => ListAsync(Enum.GetValues<ResourceKind>(), parsed.GetValue(ns), session, cancellation),
            _ => throw new CommandException(ExitCode.Usage, $"'{All}' takes no NAME; name the kind"),
        });
        return command;
    }

    private static async Task<int> OneAsync(ResourceName name, Session session, CancellationToken cancellation)
    {
        var view = await session.Api.GetAsync($"api/resources/{name.Path()}", cancellation);
        session.Printer.Print(view, () => Lines(view));
        return ExitCode.Done;
    }

    // A manifest that apply takes again, with what is known beside it as comments.
    private static IEnumerable<string> Lines(JsonNode view)
    {
        if ((string?)view["error"] is { } error)
        {
            yield return $"# cannot be used: {error.ReplaceLineEndings(" ")}";
        }

        foreach (var user in view["usedBy"] as JsonArray ?? [])
        {
            yield return $"# used by {user}";
        }

        yield return ManifestWriter.Write(view["manifest"]).TrimEnd('\n');
    }

    private static async Task<int> ListAsync(IEnumerable<ResourceKind> kinds, string? ns, Session session, CancellationToken cancellation)
    {
        var all = new JsonArray();
        foreach (var kind in kinds.Where(k => ns is null || !k.IsOfCluster()))
        {
            var answer = await session.Api.GetAsync($"api/resources/{kind}", cancellation);
            foreach (var resource in (answer["resources"] as JsonArray ?? []).Where(r => ns is null || (string?)r!["namespace"] == ns))
            {
                all.Add(resource!.DeepClone());
            }
        }

        if (all.Count == 0)
        {
            session.Notices.Hint("there are none");
        }

        session.Printer.Print(
            new JsonObject { ["resources"] = all },
            () => Listing.Of(all, r => [(string?)r["kind"], (string?)r["namespace"] ?? "-", (string?)r["name"], (string?)r["error"]], "KIND", "NAMESPACE", "NAME", "ERROR"));
        return ExitCode.Done;
    }
}
