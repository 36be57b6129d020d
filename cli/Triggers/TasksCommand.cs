using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Jobs;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary><c>pushcart tasks ID</c>: what became of an accepted event or run.</summary>
internal static class TasksCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "As the webhook or the run was answered" };
        var waiting = new WaitOptions();
        var command = new Command("tasks", "Tells what became of an accepted webhook or run") { id };
        waiting.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            if (parsed.GetValue(waiting.Wait))
            {
                return await TaskWaiting.WaitAsync(parsed.GetValue(id)!, session, waiting.DeadlineOf(parsed, session), cancellation);
            }

            Print(await session.Api.GetAsync($"api/tasks/{Uri.EscapeDataString(parsed.GetValue(id)!)}", cancellation), session);
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>Shows a task.</summary>
    public static void Print(JsonNode task, Session session) => session.Printer.Print(task, () =>
    {
        var listing = new Listing("TRIGGER", "SOURCE", "CHECK", "JOB", "STATE", "ERROR");
        foreach (var source in task["sources"] as JsonArray ?? [])
        {
            listing.Add((string?)source!["trigger"], (string?)source["source"], (string?)source["state"], (string?)source["job"]?["id"], (string?)source["job"]?["state"], (string?)source["error"]);
        }

        if (task["job"] is { } job)
        {
            listing.Add("-", "-", "-", (string?)job["id"], (string?)job["state"], null);
        }

        return listing;
    });
}
