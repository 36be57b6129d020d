using System.CommandLine;
using Pushcart.Cli.Output;
using Pushcart.Tokens;

namespace Pushcart.Cli.Servers;

/// <summary>The options of all commands: which server, by which token, over which connection, and how answers are shown.</summary>
internal sealed class ServerOptions
{
    /// <summary>The options.</summary>
    public ServerOptions()
    {
        Output.CompletionSources.Clear();
        Output.CompletionSources.Add("table", "json", "yaml");
    }

    /// <summary>Where Pushcart listens.</summary>
    public Option<Uri?> Server { get; } = new("--server")
    {
        Description = $"Where Pushcart listens; without it {ServerAccess.ServerVariable}, the context, or {ServerAccess.Here}",
        HelpName = "URL",
        Recursive = true,
        CustomParser = result =>
        {
            if (ServerAccess.AddressOf(result.Tokens[0].Value) is { } address)
            {
                return address;
            }

            result.AddError($"--server: {result.Tokens[0].Value} is no address; it begins with http:// or https://");
            return null;
        },
    };

    /// <summary>A context of <c>pushcart login</c>.</summary>
    public Option<string?> Context { get; } = new("--context")
    {
        Description = $"A server that 'pushcart login' has stored; without it {ServerAccess.ContextVariable}, or the current one",
        HelpName = "NAME",
        Recursive = true,
    };

    /// <summary>A file with the token.</summary>
    public Option<string?> TokenFile { get; } = new("--token-file")
    {
        Description = $"File with the token; without it {ServerAccess.TokenVariable}, the context's, or the one that a host on this machine has made in {AdminTokenFile.Name}",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>Certificates of the issuers that are trusted.</summary>
    public Option<string?> CaFile { get; } = new("--ca-file")
    {
        Description = "Certificates (PEM) of the authorities that the server is trusted by, in place of the machine's",
        HelpName = "FILE",
        Recursive = true,
    };

    /// <summary>The client's own certificate.</summary>
    public Option<string?> ClientCert { get; } = new("--client-cert") { Description = "Certificate (PEM) that is shown to the server", HelpName = "FILE", Recursive = true };

    /// <summary>Its key.</summary>
    public Option<string?> ClientKey { get; } = new("--client-key") { Description = "Its key (PEM); without it, it stands in the file of --client-cert", HelpName = "FILE", Recursive = true };

    /// <summary>Trusts whoever answers.</summary>
    public Option<bool> Insecure { get; } = new("--insecure") { Description = "Look at no certificate of the server: whoever stands between reads the token", Recursive = true };

    /// <summary>How long one request may take.</summary>
    public Option<TimeSpan?> RequestTimeout { get; } = Durations.Option("--request-timeout", "How long a request may take; without it 30s, and 3m where the server asks git", recursive: true);

    /// <summary>How answers are shown.</summary>
    public Option<OutputFormat> Output { get; } = new("--output", "-o")
    {
        Description = "table, or the server's answer as json or yaml; a new token also as a Kubernetes secret",
        HelpName = "table|json|yaml",
        Recursive = true,
    };

    /// <summary>No colours.</summary>
    public Option<bool> NoColor { get; } = new("--no-color") { Description = "No colours; so does the variable NO_COLOR", Recursive = true };

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Server, Context, TokenFile, CaFile, ClientCert, ClientKey, Insecure, RequestTimeout, Output, NoColor];
}
