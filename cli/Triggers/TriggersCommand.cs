using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary><c>pushcart triggers</c>: how triggers stand.</summary>
internal static class TriggersCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var ns = ResourceArguments.Namespace("Namespace; without it all of them");
        var command = new Command("triggers", "Tells how triggers stand: state, runs, and what is wrong") { ns };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var answer = await session.Api.GetAsync("api/triggers", cancellation);
            if (parsed.GetValue(ns) is { } only)
            {
                answer["triggers"] = new JsonArray([.. answer["triggers"]!.AsArray().Where(t => (string?)t!["namespace"] == only).Select(t => t!.DeepClone())]);
            }

            session.Printer.Print(answer, () => Listing.Of(
                answer["triggers"],
                t => [(string?)t["kind"], (string?)t["namespace"], (string?)t["name"], (bool?)t["suspended"] == true ? "suspended" : (string?)t["state"], (string?)t["lastRun"], (string?)t["nextRun"], Wrong(t)],
                "KIND", "NAMESPACE", "NAME", "STATE", "LAST RUN", "NEXT RUN", "WRONG"));
            return ExitCode.Done;
        });
        return command;
    }

    private static string? Wrong(JsonNode trigger) =>
        (string?)trigger["reason"] ?? (trigger["sources"] as JsonArray ?? []).Select(s => (string?)s!["lastError"]).FirstOrDefault(error => error is not null) ?? (string?)trigger["note"];
}
