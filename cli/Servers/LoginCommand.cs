using System.CommandLine;
using System.Net;
using Pushcart.Cli.Output;
using Pushcart.Tokens;

namespace Pushcart.Cli.Servers;

/// <summary>
/// <c>pushcart login</c>: stores a server and a token for the commands after it. The token is typed, or read from standard input or a file: as an argument, everybody on the machine could read
/// it in the list of processes.
/// </summary>
internal static class LoginCommand
{
    private const string Name = "default";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("login", "Stores a server and a token, under the name of --context, for the commands after it: pushcart login --server https://pushcart.example.com < token-file");
        command.Tells(async (parsed, notices, cancellation) =>
        {
            var contexts = Contexts.Read(Contexts.OwnPath());
            var name = parsed.GetValue(options.Context) ?? Name;
            var server = parsed.GetValue(options.Server) ?? ServerAccess.AddressOf(Environment.GetEnvironmentVariable(ServerAccess.ServerVariable) ?? "") ?? contexts.Find(name)?.Server
                ?? throw new CommandException(ExitCode.Usage, "where does Pushcart listen? say so by --server URL");
            var context = new ServerContext(name, server)
            {
                Token = await TokenAsync(parsed.GetValue(options.TokenFile), server, cancellation),
                CaFile = Whole(parsed.GetValue(options.CaFile)),
                ClientCert = Whole(parsed.GetValue(options.ClientCert)),
                ClientKey = Whole(parsed.GetValue(options.ClientKey)),
            };
            var access = new ServerAccess(server, context.Token)
            {
                CaFile = context.CaFile,
                ClientCert = context.ClientCert,
                ClientKey = context.ClientKey,
                Insecure = parsed.GetValue(options.Insecure),
            };
            SessionExtensions.Warn(access, notices);
            await VerifyAsync(access, parsed.GetValue(options.RequestTimeout) ?? Session.Patience, notices, cancellation);
            var all = contexts with { Current = name, All = [.. contexts.All.Where(c => c.Name != name), context] };
            all.Write(Chance.System);
            notices.Hint($"logged in: {context} is the current context, in {all.Path}");
            return ExitCode.Done;
        });
        return command;
    }

    private static async Task VerifyAsync(ServerAccess access, TimeSpan patience, Notices notices, CancellationToken cancellation)
    {
        using var api = new Api(access, patience, TimeProvider.System);
        var answer = await api.SendAsync(HttpMethod.Get, "api/resources/Settings", cancellation);
        if (answer.Status == HttpStatusCode.Unauthorized)
        {
            throw new CommandException(ExitCode.NotAllowed, $"{access.Server} does not know this token ({answer.Code}); nothing is stored");
        }

        // A token that may not read is one all the same.
        if (answer.Status == HttpStatusCode.Forbidden)
        {
            notices.Warning(answer.Refusal(access.Server).Message);
        }
        else if (!answer.IsOk)
        {
            throw answer.Refusal(access.Server);
        }
    }

    private static async Task<string> TokenAsync(string? file, Uri server, CancellationToken cancellation)
    {
        string text;
        try
        {
            text = file is not (null or "-") ? await File.ReadAllTextAsync(file, cancellation)
                : file is null && !Console.IsInputRedirected ? await TypedAsync(server, cancellation)
                : await StandardInput.ReadAsync(cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(ExitCode.Failed, $"--token-file: {e.Message}");
        }

        var token = text.Trim();
        return TokenValue.HasForm(token) ? token
            : throw new CommandException(ExitCode.Failed, $"{(file is null or "-" ? "what was read" : file)} is no token; one is pct_ and 64 hexadecimal digits");
    }

    private static async Task<string> TypedAsync(Uri server, CancellationToken cancellation)
    {
        await Console.Error.WriteAsync($"Token for {server}: ");
        var token = await StandardInput.TypedAsync(TimeProvider.System, cancellation);
        await Console.Error.WriteLineAsync();
        return token;
    }

    private static string? Whole(string? path) => path is null ? null : Path.GetFullPath(path);
}
