using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;
using Pushcart.Resources;

namespace Pushcart.Cli.Sources;

/// <summary><c>pushcart test KIND NAME</c>: looks at a source once, by the server, and tells each step.</summary>
internal static class TestCommand
{
    /// <summary>What it does.</summary>
    public const string About = "Looks at a source once and tells each step; nothing is written, and nothing follows from it";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var kind = new Argument<ResourceKind>("KIND") { HelpName = "KIND", Description = "GitRepo or ClusterGitRepo" };
        kind.AcceptOnlyFromAmong(nameof(ResourceKind.GitRepo), nameof(ResourceKind.ClusterGitRepo));
        var name = new Argument<string>("NAME") { Description = "Name of the source" };
        var ns = ResourceArguments.Namespace($"Namespace of a GitRepo; without it {ResourceArguments.DefaultNamespace}");
        var command = new Command("test", About) { kind, name, ns };
        command.AsksServer(
            options,
            (parsed, session, cancellation) => RunAsync(ResourceArguments.NameOf(parsed.GetValue(kind), parsed.GetValue(ns), parsed.GetValue(name)!), session, cancellation),
            Session.PatienceWithGit);
        return command;
    }

    /// <summary>Tests a source.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(ResourceName source, Session session, CancellationToken cancellation)
    {
        var test = (await session.Api.PostAsync($"api/sources/{source.Path()}/test", cancellation))!;
        session.Printer.Print(test, () => (test["steps"] as JsonArray ?? []).Select(s => $"{((bool?)s!["ok"] == true ? "ok    " : "FAILED")}  {s["step"]}: {s["detail"]}"));
        return (bool?)test["ok"] == true ? ExitCode.Done : ExitCode.Failed;
    }
}
