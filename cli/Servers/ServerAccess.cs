using System.CommandLine;
using Pushcart.Tokens;

namespace Pushcart.Cli.Servers;

/// <summary>
/// Where Pushcart listens, the token that is shown to it, and how it is trusted. The server is that of <c>--server</c>, of a variable, or of a context, else this machine. The token is that of
/// <c>--token-file</c>, of a variable, of the context of that very server, or, for a host on this machine, of the file that the host has made below the working directory or one above it.
/// </summary>
/// <param name="Server">Where it listens; ends with <c>/</c>.</param>
/// <param name="Token">The token; null: none.</param>
internal sealed record ServerAccess(Uri Server, string? Token)
{
    /// <summary>The variable that holds the token.</summary>
    public const string TokenVariable = "PUSHCART_TOKEN";

    /// <summary>The variable that says where Pushcart listens.</summary>
    public const string ServerVariable = "PUSHCART_SERVER";

    /// <summary>The variable that names a context.</summary>
    public const string ContextVariable = "PUSHCART_CONTEXT";

    /// <summary>Where a host listens that was told nothing.</summary>
    public const string Here = "http://127.0.0.1:7071";

    /// <summary>File with the certificates of the authorities that the server is trusted by; null: the machine's.</summary>
    public string? CaFile { get; init; }

    /// <summary>File with the certificate that is shown to the server; null: none.</summary>
    public string? ClientCert { get; init; }

    /// <summary>File with its key; null: the same.</summary>
    public string? ClientKey { get; init; }

    /// <summary>True where no certificate of the server is looked at.</summary>
    public bool Insecure { get; init; }

    /// <summary>The file of the contexts, where others can read the token that it holds; null where nobody can.</summary>
    public string? Exposed { get; init; }

    /// <summary>What the command line, the environment and the user's contexts say.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">Its options.</param>
    /// <exception cref="CommandException">They contradict each other, or what they name is not there. The message never holds what a file or a variable holds.</exception>
    public static ServerAccess Of(ParseResult parsed, ServerOptions options)
    {
        var contexts = Contexts.Read(Contexts.OwnPath());
        var (server, context) = Place(parsed.GetValue(options.Server), Variable(ServerVariable), parsed.GetValue(options.Context) ?? Variable(ContextVariable), contexts);
        var (token, error) = TokenOf(parsed.GetValue(options.TokenFile), Variable(TokenVariable), context, server, Environment.CurrentDirectory);
        return error is not null ? throw new CommandException(ExitCode.Failed, error) : new(server, token)
        {
            CaFile = parsed.GetValue(options.CaFile) ?? context?.CaFile,
            ClientCert = parsed.GetValue(options.ClientCert) ?? context?.ClientCert,
            ClientKey = parsed.GetValue(options.ClientKey) ?? (parsed.GetValue(options.ClientCert) is null ? context?.ClientKey : null),
            Insecure = parsed.GetValue(options.Insecure),
            Exposed = context?.Token is not null && contexts.IsOpenToOthers ? contexts.Path : null,
        };
    }

    /// <summary>The address of a server, so that paths can be put after it; null where a text is none.</summary>
    public static Uri? AddressOf(string text) =>
        Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address.Query.Length == 0 && address.UserInfo.Length == 0
            ? address
            : null;

    /// <summary>Where Pushcart listens, and the context of that server.</summary>
    internal static (Uri Server, ServerContext? Context) Place(Uri? option, string? variable, string? name, Contexts contexts)
    {
        var named = name is null ? null : contexts.Find(name)
            ?? throw new CommandException(ExitCode.Failed, $"there is no context {name}{(contexts.All.Count == 0 ? "" : $"; there are {string.Join(", ", contexts.All.Select(c => c.Name))}")}; 'pushcart login --context {name}' makes it");
        var server = option ?? (named is not null || variable is null ? null
            : AddressOf(variable) ?? throw new CommandException(ExitCode.Failed, $"{ServerVariable}: {variable} is no address; it begins with http:// or https://"));
        if (server is null)
        {
            var context = named ?? contexts.Find(contexts.Current);
            return (context?.Server ?? AddressOf(Here)!, context);
        }

        // A token is for the server that it was stored for, and is shown to no other.
        return (server, named is not null ? (named.Server == server ? named : null) : contexts.All.FirstOrDefault(c => c.Server == server));
    }

    /// <summary>The token to show; null and null where there is none. Errors never hold what a file or a variable holds.</summary>
    internal static (string? Token, string? Error) TokenOf(string? file, string? variable, ServerContext? context, Uri server, string folder)
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
            return (context?.Token ?? (server.IsLoopback ? Found(folder) : null), null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"the token cannot be read: {e.Message}");
        }
    }

    /// <summary>Never shows the token.</summary>
    public override string ToString() => Server.ToString();

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;

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
