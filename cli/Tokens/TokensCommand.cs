using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Tokens;

/// <summary><c>pushcart tokens</c>: makes, lists, rotates and deletes tokens.</summary>
internal static class TokensCommand
{
    /// <summary>The tokens' path of the API.</summary>
    public const string Path = "api/tokens";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options) => new("tokens", "Tokens: what callers of the API show") { List(options), NewTokenCommand.Create(options), NewTokenCommand.Rotate(options), Delete(options) };

    private static Command List(ServerOptions options)
    {
        var next = new Option<string?>("--next") { Description = "The page after the one that has told this", HelpName = "PAGE" };
        var all = new Option<bool>("--all") { Description = "All pages" };
        var command = new Command("list", "Lists tokens, newest first; never their values") { next, all };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var answer = await Pages.GetAsync(session, Path, "tokens", [], parsed.GetValue(next), parsed.GetValue(all), cancellation);
            session.Printer.Print(answer, () => Listing.Of(
                answer["tokens"],
                t => [(string?)t["id"], (string?)t["description"], Words(t["scopes"]), t["namespaces"] is null ? "(all)" : Words(t["namespaces"]), Expiry(t), (string?)t["last_used_at"] ?? "-", (string?)t["created_by"]],
                "ID", "DESCRIPTION", "SCOPES", "NAMESPACES", "EXPIRES", "LAST USED", "CREATED BY"));
            Pages.Hint(session, answer, "tokens");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Delete(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Its id" };
        var command = new Command("delete", "Deletes a token: it is refused from then on, by other instances within 30 s") { id };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = parsed.GetValue(id)!;
            session.Printer.Print(await session.Api.DeleteAsync($"{Path}/{Uri.EscapeDataString(of)}", cancellation), () => [$"token {of} deleted"]);
            return ExitCode.Done;
        });
        return command;
    }

    private static string Words(JsonNode? list) => string.Join(",", (list as JsonArray ?? []).Select(w => (string?)w));

    private static string Expiry(JsonNode token) =>
        ((string?)token["expires_at"] ?? "never") + ((bool?)token["expired"] == true ? " (expired)" : (bool?)token["expires_soon"] == true ? " (soon)" : "");
}
