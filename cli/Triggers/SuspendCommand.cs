using System.CommandLine;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary><c>pushcart suspend KIND/NAME</c> and <c>pushcart resume KIND/NAME</c>.</summary>
internal static class SuspendCommand
{
    /// <summary>One of the two commands.</summary>
    public static Command Create(ServerOptions options, bool suspend)
    {
        var trigger = new TriggerArguments();
        var verb = suspend ? "suspend" : "resume";
        var command = new Command(verb, suspend ? "Suspends a trigger: nothing of it fires but 'pushcart run'" : "Resumes a trigger: it is checked at once, and then on its schedule");
        trigger.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var (name, path) = await trigger.FindAsync(parsed, session, cancellation);
            var answer = (await session.Api.PostAsync($"{path}/{verb}", cancellation))!;
            session.Printer.Print(answer, () => [$"{name} {((bool)answer["changed"]! ? "is" : "was already")} {(suspend ? "suspended" : "active")}"]);
            return ExitCode.Done;
        });
        return command;
    }
}
