using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;
using Pushcart.Tokens;

namespace Pushcart.Cli.Tokens;

/// <summary><c>pushcart tokens create</c> and <c>rotate</c>, whose answers show a value, once.</summary>
internal static class NewTokenCommand
{
    /// <summary><c>pushcart tokens create</c>.</summary>
    public static Command Create(ServerOptions options)
    {
        var description = new Option<string>("--description") { Description = "What it is for", Required = true, HelpName = "TEXT" };
        var scopes = new Option<string[]>("--scope") { Description = $"{string.Join(", ", Scopes.Words)}; several times for several; read unless you say", HelpName = "SCOPE" };
        scopes.AcceptOnlyFromAmong([.. Scopes.Words]);
        var namespaces = new Option<string[]>("--namespace", "-n") { Description = "A namespace that it is for; several times for several; all of them unless you say", HelpName = "NAMESPACE" };
        var shown = new ShownToken(options);
        var command = new Command("create", "Makes a token, and prints its value, once") { description, scopes, namespaces };
        shown.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var body = new JsonObject { ["description"] = parsed.GetValue(description) };
            Add(body, "scopes", parsed.GetValue(scopes));
            Add(body, "namespaces", parsed.GetValue(namespaces));
            shown.AddExpiry(body, parsed, session);
            shown.Print((await session.Api.PostAsync(TokensCommand.Path, cancellation, body))!, parsed, session);
            return ExitCode.Done;
        }, showsToken: true);
        return command;
    }

    /// <summary><c>pushcart tokens rotate</c>.</summary>
    public static Command Rotate(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Its id" };
        var overlap = Durations.Option("--overlap", "How long the old value works on, in whole minutes; not at all unless you say");
        var shown = new ShownToken(options);
        var command = new Command("rotate", "Gives a token a new value, and prints it, once") { id, overlap };
        shown.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var body = new JsonObject();
            if (parsed.GetValue(overlap) is { } time)
            {
                body["overlap_minutes"] = (int)Math.Ceiling(time.TotalMinutes);
            }

            shown.AddExpiry(body, parsed, session);
            shown.Print((await session.Api.PostAsync($"{TokensCommand.Path}/{Uri.EscapeDataString(parsed.GetValue(id)!)}/rotate", cancellation, body))!, parsed, session);
            return ExitCode.Done;
        }, showsToken: true);
        return command;
    }

    private static void Add(JsonObject body, string name, string[]? words)
    {
        if (words is { Length: > 0 })
        {
            body[name] = new JsonArray([.. words.Select(w => (JsonNode?)w)]);
        }
    }
}
