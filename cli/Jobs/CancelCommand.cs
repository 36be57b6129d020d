using System.CommandLine;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary><c>pushcart cancel ID</c>.</summary>
internal static class CancelCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Id of the job" };
        var force = new Option<bool>("--force") { Description = "Also one whose cluster cannot be asked: its run may still be at work" };
        var waiting = new WaitOptions();
        var command = new Command("cancel", "Cancels a job; with --wait it succeeds once the job has ended") { id, force };
        waiting.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = parsed.GetValue(id)!;
            var job = (await session.Api.PostAsync($"{JobStates.PathOf(of)}/cancel{(parsed.GetValue(force) ? "?force=true" : "")}", cancellation))!;
            if (parsed.GetValue(waiting.Wait))
            {
                // That it does not end by success is what was asked for.
                var code = await JobStates.WaitAsync(of, session, waiting.DeadlineOf(parsed, session), cancellation);
                return code == ExitCode.JobFailed ? ExitCode.Done : code;
            }

            session.Printer.Print(job, () => [$"job {of} {(JobStates.HasEnded((string?)job["state"]) ? (string?)job["state"] : "is being stopped")}"]);
            return ExitCode.Done;
        });
        return command;
    }
}
