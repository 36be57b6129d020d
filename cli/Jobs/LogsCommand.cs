using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;
using Pushcart.Jobs.Views;

namespace Pushcart.Cli.Jobs;

/// <summary><c>pushcart logs ID</c>: what a job has printed, and with <c>-f</c> what it prints until it ends.</summary>
internal static class LogsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Id of the job" };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on until the run ends; a job that has not begun is waited for" };
        var command = new Command("logs", "Prints what a job has printed") { id, follow };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            if (parsed.GetValue(follow))
            {
                await new LogFollowing(session, parsed.GetValue(id)!).RunAsync(cancellation);
            }
            else
            {
                await PrintAsync(parsed.GetValue(id)!, session, cancellation);
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task PrintAsync(string id, Session session, CancellationToken cancellation)
    {
        var (open, refused) = await session.Api.OpenAsync($"{JobStates.PathOf(id)}/log", "text/plain", null, cancellation);
        using var answer = open ?? throw refused!.Refusal(session.Api.Server);
        try
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(cancellation));
            var buffer = new char[16 * 1024];
            int count;
            while ((count = await reader.ReadAsync(buffer, cancellation)) > 0)
            {
                await session.Printer.Output.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            throw new CommandException(ExitCode.Unreachable, $"the connection to {session.Api.Server} was cut in the middle of the log: {e.Message}");
        }
    }
}

/// <summary>Follows a job's output by server-sent events, over connections that are cut, until the event of its end.</summary>
/// <param name="session">The server.</param>
/// <param name="id">Id of the job.</param>
internal sealed class LogFollowing(Session session, string id)
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_away = TimeSpan.FromMinutes(2);

    // The server says something every 15 s.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(45);
    private string? _lastId;
    private DateTimeOffset _heard;

    /// <summary>Follows it.</summary>
    /// <param name="cancellation">Ends the following.</param>
    /// <exception cref="CommandException">There is no such output, or the server has been away for 2 minutes.</exception>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _heard = session.Time.GetUtcNow();
        while (true)
        {
            try
            {
                if (await OnceAsync(cancellation))
                {
                    session.Notices.Clear();
                    return;
                }
            }
            catch (CommandException e) when (e.Code == ExitCode.Unreachable && session.Time.GetUtcNow() - _heard < s_away)
            {
                session.Notices.Progress($"waiting for the server: {e.Message}");
            }

            await Task.Delay(s_look, session.Time, cancellation);
        }
    }

    // True at the end of the output.
    private async Task<bool> OnceAsync(CancellationToken cancellation)
    {
        var (open, refused) = await session.Api.OpenAsync($"{JobStates.PathOf(id)}/log?follow=true", LogEvents.ContentType, _lastId, cancellation);
        if (refused is not null)
        {
            return await IsStillToComeAsync(refused, cancellation) ? false : throw refused.Refusal(session.Api.Server);
        }

        using var answer = open!;
        _heard = session.Time.GetUtcNow();
        session.Notices.Clear();
        using var silence = new CancellationTokenSource(s_silence, session.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
        try
        {
            using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(either.Token));
            var isEnd = false;
            var number = _lastId;
            while (await reader.ReadLineAsync(either.Token) is { } line)
            {
                silence.CancelAfter(s_silence);
                _heard = session.Time.GetUtcNow();
                switch (line.Split(": ", 2))
                {
                    case ["event", "end"]:
                        isEnd = true;
                        break;
                    case ["id", var of]:
                        number = of;
                        break;
                    case ["data", var text] when !isEnd:
                        await session.Printer.Output.WriteLineAsync(text.AsMemory(), either.Token);
                        _lastId = number;
                        break;
                    case [""] when isEnd:
                        return true;
                }
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            session.Notices.Progress($"the connection was cut: {e.Message}");
        }

        return false;
    }

    private async Task<bool> IsStillToComeAsync(ApiAnswer refused, CancellationToken cancellation)
    {
        if (refused.Code != "jobs.no_log")
        {
            return false;
        }

        var state = (string?)(await session.Api.GetAsync(JobStates.PathOf(id), cancellation) as JsonObject)?["state"];
        session.Notices.Progress($"job {id} {state}");
        return !JobStates.HasEnded(state);
    }
}
