using System.CommandLine;
using Pushcart.Cli.Output;

namespace Pushcart.Cli.Servers;

/// <summary>What a command has while it runs: a server that it asks, and a user whom it tells.</summary>
/// <param name="Api">Asks the server.</param>
/// <param name="Access">The server.</param>
/// <param name="Printer">Shows answers, on standard output.</param>
/// <param name="Notices">Tells of everything else, on standard error.</param>
/// <param name="Time">The time.</param>
/// <param name="Chance">Draws ids.</param>
internal sealed record Session(Api Api, ServerAccess Access, Printer Printer, Notices Notices, TimeProvider Time, Chance Chance) : IDisposable
{
    /// <summary>How long a request may take where the server answers by itself.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>How long a request may take where the server asks git, for references and for files: 15 s and 60 s at most, for each source.</summary>
    public static readonly TimeSpan PatienceWithGit = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    public void Dispose() => Api.Dispose();
}

/// <summary>Commands that ask a server.</summary>
internal static class SessionExtensions
{
    /// <summary>Lets a command ask the server that its user means. What stands in the way is told in a line or two, and by the exit code.</summary>
    /// <param name="command">The command.</param>
    /// <param name="options">The options of all commands.</param>
    /// <param name="run">What it does, and how it ends: a value of <see cref="ExitCode"/>.</param>
    /// <param name="patience">How long a request may take, unless the user says; null: <see cref="Session.Patience"/>.</param>
    /// <param name="showsToken">True where the answer holds the value of a token, which <c>-o secret</c> shows.</param>
    public static void AsksServer(
        this Command command, ServerOptions options, Func<ParseResult, Session, CancellationToken, Task<int>> run, TimeSpan? patience = null, bool showsToken = false) =>
        command.Tells(async (parsed, notices, cancellation) =>
        {
            if (!showsToken && parsed.GetValue(options.Output) == OutputFormat.Secret)
            {
                throw new CommandException(ExitCode.Usage, "-o secret is for new tokens; take table, json or yaml");
            }

            var access = ServerAccess.Of(parsed, options);
            Warn(access, notices);
            using var session = new Session(
                new Api(access, parsed.GetValue(options.RequestTimeout) ?? patience ?? Session.Patience, TimeProvider.System),
                access,
                new Printer(parsed.InvocationConfiguration.Output, parsed.GetValue(options.Output), parsed.GetValue(options.NoColor)),
                notices,
                TimeProvider.System,
                Chance.System);
            return await run(parsed, session, cancellation);
        });

    /// <summary>Lets a command run that may fail in ways of which its user is told.</summary>
    /// <param name="command">The command.</param>
    /// <param name="run">What it does, and how it ends: a value of <see cref="ExitCode"/>.</param>
    public static void Tells(this Command command, Func<ParseResult, Notices, CancellationToken, Task<int>> run) =>
        command.SetAction(async (parsed, cancellation) =>
        {
            var notices = new Notices(parsed.InvocationConfiguration.Error);
            try
            {
                return await run(parsed, notices, cancellation);
            }
            catch (CommandException e)
            {
                notices.Error(e.Message);
                return e.Code;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                notices.Clear();
                return ExitCode.Interrupted;
            }
        });

    /// <summary>Warns of a connection on which others can read the token.</summary>
    internal static void Warn(ServerAccess access, Notices notices)
    {
        if (access.Insecure)
        {
            notices.Warning($"--insecure: who {access.Server} is was not looked at, and whoever stands between can read the token");
        }

        if (access.Exposed is { } file)
        {
            notices.Warning($"{file} holds tokens, and others can read it; chmod 600 it");
        }

        if (access.Server.Scheme == Uri.UriSchemeHttp && !access.Server.IsLoopback && access.Token is not null)
        {
            notices.Warning($"{access.Server} is not encrypted: the token can be read on the way");
        }
    }
}
