using System.CommandLine;
using Pushcart.Cli.Jobs;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary><c>pushcart run KIND/NAME</c>: runs a trigger now.</summary>
internal static class RunCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var trigger = new TriggerArguments();
        var source = new Option<string?>("--source") { Description = "This source of it only", HelpName = "NAME" };
        var ifChanged = new Option<bool>("--if-changed") { Description = "Make a check: only what has changed becomes a job" };
        var request = new RequestOptions();
        var command = new Command("run", "Runs a trigger now: a job for each of its sources") { source, ifChanged };
        trigger.AddTo(command);
        request.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var (_, path) = await trigger.FindAsync(parsed, session, cancellation);
            var query = new List<string>();
            if (parsed.GetValue(source) is { } only)
            {
                query.Add($"source={Uri.EscapeDataString(only)}");
            }

            if (parsed.GetValue(ifChanged))
            {
                query.Add("ifChanged=true");
            }

            var accepted = (await session.Api.PostAsync($"{path}/run?{string.Join('&', query)}", cancellation, key: request.KeyOf(parsed, session)))!;
            var task = (string)accepted["taskId"]!;
            if (parsed.GetValue(request.Wait))
            {
                return await TaskWaiting.WaitAsync(task, session, request.DeadlineOf(parsed, session), cancellation);
            }

            session.Printer.Print(accepted, () => [task]);
            session.Notices.Hint($"accepted; 'pushcart tasks {task}' tells what becomes of it");
            return ExitCode.Done;
        });
        return command;
    }
}
