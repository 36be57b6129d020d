using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;
using Pushcart.Resources;

namespace Pushcart.Cli.Sources;

/// <summary><c>pushcart sources</c>: sources with their health; <c>pushcart sources test [KIND/]NAME</c>: looks at one.</summary>
internal static class SourcesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("sources", "Lists sources with their health") { Test(options) };
        command.AsksServer(options, async (_, session, cancellation) =>
        {
            var answer = await session.Api.GetAsync("api/sources", cancellation);
            session.Printer.Print(answer, () => Listing.Of(
                answer["sources"],
                s => [(string?)s["kind"], (string?)s["namespace"] ?? "-", (string?)s["name"], (bool?)s["healthy"] == true ? "healthy" : "unhealthy", (string?)s["repoUri"], Error(s)],
                "KIND", "NAMESPACE", "NAME", "HEALTH", "REPOSITORY", "ERROR"));
            Pages.Hint(session, answer, "sources");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Test(ServerOptions options)
    {
        var name = new Argument<string>("NAME") { Description = "The source; one of the cluster is ClusterGitRepo/NAME", HelpName = "[KIND/]NAME" };
        var ns = ResourceArguments.Namespace($"Namespace of a GitRepo; without it {ResourceArguments.DefaultNamespace}");
        var command = new Command("test", TestCommand.About) { name, ns };
        command.AsksServer(
            options,
            (parsed, session, cancellation) =>
            {
                var of = parsed.GetValue(name)!.Split('/', 2) is [var kind, var one]
                    ? ResourceArguments.KindOf(kind) is { } known and (ResourceKind.GitRepo or ResourceKind.ClusterGitRepo)
                        ? ResourceArguments.NameOf(known, parsed.GetValue(ns), one)
                        : throw new CommandException(ExitCode.Usage, $"{kind} is no kind of source; write GitRepo/NAME or ClusterGitRepo/NAME")
                    : ResourceArguments.NameOf(ResourceKind.GitRepo, parsed.GetValue(ns), parsed.GetValue(name)!);
                return TestCommand.RunAsync(of, session, cancellation);
            },
            Session.PatienceWithGit);
        return command;
    }

    private static string? Error(JsonNode source) =>
        (string?)source["error"] ?? (source["triggers"] as JsonArray ?? []).Select(t => (string?)t!["state"]?["lastError"]).FirstOrDefault(error => error is not null);
}
