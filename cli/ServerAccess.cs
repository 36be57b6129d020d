using System.CommandLine;
using System.Net.Http.Headers;
using Pushcart.Tokens;

namespace Pushcart.Cli;

/// <summary>
/// Where Pushcart listens, and the token that is shown to it, for all commands that ask it: of <c>--token-file</c>, else of the variable <c>PUSHCART_TOKEN</c>, else, for a host on this
/// machine, of the file that the host has made below the working directory or one above it.
/// </summary>
internal sealed class ServerAccess
{
    /// <summary>The variable that holds the token.</summary>
    public const string TokenVariable = "PUSHCART_TOKEN";

    private readonly Option<Uri> _server = Server();
    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = $"File with the token; without it the variable {TokenVariable} holds it, or a host on this machine has made one in {AdminTokenFile.Name}",
        HelpName = "FILE",
    };

    /// <summary>Its options.</summary>
    public IEnumerable<Option> Options => [_server, _tokenFile];

    /// <summary>The option that says where Pushcart listens, also for commands that need no token.</summary>
    public static Option<Uri> Server() => new("--server")
    {
        Description = "Where Pushcart listens",
        DefaultValueFactory = _ => new("http://127.0.0.1:7071"),
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var address) && (address.Scheme is "http" or "https"))
            {
                return address;
            }

            result.AddError($"--server: {result.Tokens[0].Value} is no address; it begins with http:// or https://");
            return null;
        },
    };

    /// <summary>A client of the server that was named, with the token where there is one.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="patience">How long it waits for an answer.</param>
    /// <returns>The client; or null, and what is wrong with the token.</returns>
    public (HttpClient? Client, string? Error) Open(ParseResult parsed, TimeSpan patience)
    {
        var server = parsed.GetValue(_server)!;
        var (token, error) = Token(parsed.GetValue(_tokenFile), Environment.GetEnvironmentVariable(TokenVariable), server, Environment.CurrentDirectory);
        if (error is not null)
        {
            return (null, error);
        }

        var client = new HttpClient { BaseAddress = server, Timeout = patience };
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return (client, null);
    }

    /// <summary>The token to show; null and null where there is none. Errors never hold what a file or a variable holds.</summary>
    internal static (string? Token, string? Error) Token(string? file, string? variable, Uri server, string folder)
    {
        try
        {
            if (file is not null)
            {
                return AdminTokenFile.Read(file) is { } ofFile ? (ofFile, null) : (null, $"--token-file: {file} is not there, or holds no token");
            }

            if (!string.IsNullOrWhiteSpace(variable))
            {
                return TokenValue.HasForm(variable.Trim()) ? (variable.Trim(), null) : (null, $"{TokenVariable}: it holds no token; one is pct_ and 64 hexadecimal digits");
            }

            // Only to this machine: the token of its own host is nobody else's business.
            return (server.IsLoopback ? Found(folder) : null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"the token cannot be read: {e.Message}");
        }
    }

    private static string? Found(string folder)
    {
        for (var at = new DirectoryInfo(folder); at is not null; at = at.Parent)
        {
            if (AdminTokenFile.Read(AdminTokenFile.PathBelow(at.FullName)) is { } token)
            {
                return token;
            }
        }

        return null;
    }
}
