using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Resources;

/// <summary><c>pushcart delete KIND NAME</c>.</summary>
internal static class DeleteCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var kind = ResourceArguments.Kind("Its kind");
        var name = new Argument<string>("NAME") { Description = "Its name" };
        var ns = ResourceArguments.Namespace($"Its namespace; without it {ResourceArguments.DefaultNamespace}");
        var force = new Option<bool>("--force") { Description = "Also where others name it: they cannot be used then" };
        var command = new Command("delete", "Deletes a resource") { kind, name, ns, force };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = ResourceArguments.NameOf(parsed.GetValue(kind)!.Value, parsed.GetValue(ns), parsed.GetValue(name)!);
            var answer = await session.Api.SendAsync(HttpMethod.Delete, $"api/resources/{of.Path()}{(parsed.GetValue(force) ? "?force=true" : "")}", cancellation);
            if (!answer.IsOk)
            {
                // The server's next step is that of its API.
                throw answer.Code == "resources.in_use"
                    ? new CommandException(ExitCode.Failed, $"{of} is named by {string.Join(", ", (answer.Body!["usedBy"] as JsonArray ?? []).Select(u => (string?)u))} (resources.in_use); change these first, or delete it with --force")
                    : answer.Refusal(session.Api.Server);
            }

            session.Printer.Print(answer.Body, () => [$"{of} deleted"]);
            return ExitCode.Done;
        });
        return command;
    }
}
