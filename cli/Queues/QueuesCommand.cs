using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Queues;

/// <summary><c>pushcart queues</c>: how much waits; <c>pushcart queues peek QUEUE</c>: what.</summary>
internal static class QueuesCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("queues", "Tells of each queue how many messages it has, and how old the oldest is") { Peek(options) };
        command.AsksServer(options, async (_, session, cancellation) =>
        {
            var answer = await session.Api.GetAsync("api/queues", cancellation);
            session.Printer.Print(answer, () => Listing.Of(
                answer["queues"],
                q => [(string?)q["name"], q["messages"]?.ToString(), ((bool?)q["visibleAtLeast"] == true ? "at least " : "") + q["visible"], q["hidden"]?.ToString() ?? "-", (string?)q["oldestAge"] ?? "-"],
                "NAME", "MESSAGES", "VISIBLE", "HIDDEN", "OLDEST"));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Peek(ServerOptions options)
    {
        var queue = new Argument<string>("QUEUE") { Description = "Its name, as 'pushcart queues' lists it" };
        var max = new Option<int>("--max") { Description = "How many messages, 32 at most", DefaultValueFactory = _ => 32 };
        var command = new Command("peek", "Shows the first messages of a queue, and leaves them there") { queue, max };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var answer = await session.Api.GetAsync(
                string.Create(CultureInfo.InvariantCulture, $"api/queues/{Uri.EscapeDataString(parsed.GetValue(queue)!)}/messages?max={parsed.GetValue(max)}"), cancellation);
            session.Printer.Print(answer, () => Listing.Of(
                answer["messages"],
                m => [(string?)m["id"], (string?)m["insertedAt"], m["dequeueCount"]?.ToString(), Body(m)],
                "ID", "INSERTED", "DEQUEUED", "MESSAGE"));
            Pages.Hint(session, answer, "messages");
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What a message holds, on one line.</summary>
    internal static string? Body(JsonNode message) => message["body"]?.ToJsonString() ?? (string?)message["text"];
}
