using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Queues;

/// <summary><c>pushcart dead</c>: messages that could not be worked off, and why; got, sent again and deleted one by one.</summary>
internal static class DeadCommand
{
    private const string Path = "api/dead";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options) => new("dead", "Messages that could not be worked off")
    {
        List(options),
        One("get", "Shows one, with its text", options, async (id, session, cancellation) =>
        {
            var letter = await session.Api.GetAsync(PathOf(id), cancellation);
            session.Printer.Print(letter, () => letter.AsObject().Where(f => f.Value is not null).Select(f => $"{f.Key + ":",-8} {(f.Value is JsonObject ? f.Value.ToJsonString() : f.Value)}"));
        }),
        One("send", "Sends one again to its queue", options, async (id, session, cancellation) =>
        {
            var answer = await session.Api.PostAsync($"{PathOf(id)}/send", cancellation);
            session.Printer.Print(answer, () => [(string?)answer?["message"] ?? $"{id} sent again"]);
        }),
        One("delete", "Deletes one", options, async (id, session, cancellation) =>
        {
            var answer = await session.Api.DeleteAsync(PathOf(id), cancellation);
            session.Printer.Print(answer, () => [$"{id} deleted"]);
        }),
    };

    private static Command List(ServerOptions options)
    {
        var next = new Option<string?>("--next") { Description = "The page after the one that has told this", HelpName = "PAGE" };
        var all = new Option<bool>("--all") { Description = "All pages" };
        var command = new Command("list", "Lists them with their reasons") { next, all };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var answer = await Pages.GetAsync(session, Path, "dead", [], parsed.GetValue(next), parsed.GetValue(all), cancellation);
            session.Printer.Print(answer, () => Listing.Of(answer["dead"], d => [(string?)d["id"], (string?)d["queue"], (string?)d["at"], (string?)d["reason"]], "ID", "QUEUE", "AT", "REASON"));
            Pages.Hint(session, answer, "dead");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command One(string verb, string description, ServerOptions options, Func<string, Session, CancellationToken, Task> run)
    {
        var id = new Argument<string>("ID") { Description = "Its id, as 'pushcart dead list' lists it" };
        var command = new Command(verb, description) { id };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            await run(parsed.GetValue(id)!, session, cancellation);
            return ExitCode.Done;
        });
        return command;
    }

    private static string PathOf(string id) => $"{Path}/{Uri.EscapeDataString(id)}";
}
