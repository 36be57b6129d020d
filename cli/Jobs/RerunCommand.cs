using System.CommandLine;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary><c>pushcart rerun ID</c>: a new job of the same commit.</summary>
internal static class RerunCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Id of the job" };
        var request = new RequestOptions();
        var command = new Command("rerun", "Runs a job again, at its commit, with its action as it is now") { id };
        request.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var made = await session.Api.PostAsync($"{JobStates.PathOf(parsed.GetValue(id)!)}/rerun", cancellation, key: request.KeyOf(parsed, session));
            return await SubmitCommand.MadeAsync(made!, parsed, request, session, cancellation);
        });
        return command;
    }
}
