using System.Net;
using System.Text.Json.Nodes;

namespace Pushcart.Cli.Servers;

/// <summary>An answer of the API: JSON, or a refusal.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Body">What it holds; null where it holds nothing.</param>
internal sealed record ApiAnswer(HttpStatusCode Status, JsonNode? Body)
{
    /// <summary>True where it is no refusal.</summary>
    public bool IsOk => (int)Status is >= 200 and < 300;

    /// <summary>The code of a refusal; null where it has none.</summary>
    public string? Code => IsOk ? null : (string?)Body?["code"];

    /// <summary>How a command ends by it.</summary>
    public int ExitCode => Status switch
    {
        _ when IsOk => Cli.ExitCode.Done,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Cli.ExitCode.NotAllowed,
        HttpStatusCode.NotFound => Cli.ExitCode.NotFound,
        HttpStatusCode.ServiceUnavailable => Cli.ExitCode.Unreachable,
        _ => Cli.ExitCode.Failed,
    };

    /// <summary>What a user is told of a refusal.</summary>
    /// <param name="server">Who has answered.</param>
    public CommandException Refusal(Uri server)
    {
        var message = (string?)Body?["message"] ?? $"{server} answers {(int)Status}";
        var single = Body?["errors"] as JsonArray is { Count: > 1 } errors ? string.Concat(errors.Select(e => "\n  " + Fault(e!))) : "";
        var next = Status switch
        {
            HttpStatusCode.Unauthorized => $"; 'pushcart login --server {server}' stores a token, --token-file takes one",
            HttpStatusCode.ServiceUnavailable => "; try again",
            _ => "",
        };
        return new(ExitCode, $"{message} ({Code}){next}{single}");
    }

    private static string Fault(JsonNode fault) =>
        (fault["document"] is { } document ? $"document {document}: " : "") + (fault["path"] is { } path ? $"{path}: " : "") + fault["message"];
}
