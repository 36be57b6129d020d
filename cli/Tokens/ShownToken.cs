using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli.Tokens;

/// <summary>How a new value of a token is shown: alone, so that a pipe or a file has just it; as the server's answer; or as the manifest of a Kubernetes Secret.</summary>
/// <param name="options">The options of all commands.</param>
internal sealed class ShownToken(ServerOptions options)
{
    private readonly Option<string> _name = new("--secret-name") { Description = "With -o secret: its name", HelpName = "[NAMESPACE/]NAME", DefaultValueFactory = _ => "pushcart-token" };
    private readonly Option<string?> _at = new("--expires-at") { Description = "When it ends: 2030-01-31T00:00:00Z; never unless you say", HelpName = "TIME" };
    private readonly Option<TimeSpan?> _in = Durations.Option("--expires-in", "The same, counted from now: 90d");

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _at, _in, _name })
        {
            command.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetResult(_at) is not null && result.GetResult(_in) is not null)
            {
                result.AddError("--expires-at and --expires-in: give one of them");
            }

            if (result.GetResult(_name) is { Implicit: false } && result.GetValue(options.Output) != OutputFormat.Secret)
            {
                result.AddError("--secret-name goes with -o secret");
            }
        });
    }

    /// <summary>Adds when the token is to expire to a request, where its user has said so.</summary>
    public void AddExpiry(JsonObject body, ParseResult parsed, Session session)
    {
        if ((parsed.GetValue(_at) ?? Rfc3339.Text(session.Time.GetUtcNow() + parsed.GetValue(_in))) is { } expires)
        {
            body["expires_at"] = expires;
        }
    }

    /// <summary>Shows a token with its value.</summary>
    public void Print(JsonNode token, ParseResult parsed, Session session)
    {
        var value = (string)token["token_value"]!;
        if (session.Printer.Format == OutputFormat.Secret)
        {
            session.Printer.Output.Write(ManifestWriter.Write(SecretOf(parsed.GetValue(_name)!, value)));
        }
        else
        {
            session.Printer.Print(token, () => [value]);
        }

        session.Notices.Hint($"token {token["id"]} ({token["description"]}): its value is shown this once, and stored nowhere");
    }

    private static JsonObject SecretOf(string name, string value)
    {
        var parts = name.Split('/', 2);
        var metadata = new JsonObject { ["name"] = parts[^1] };
        if (parts.Length == 2)
        {
            metadata["namespace"] = parts[0];
        }

        return new() { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = metadata, ["type"] = "Opaque", ["stringData"] = new JsonObject { ["token"] = value } };
    }
}
