using System.CommandLine;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary><c>pushcart jobs</c>: jobs, live ones and history, newest first; <c>pushcart jobs get ID</c>: one.</summary>
internal static class JobsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var filters = new JobFilterOptions();
        var command = new Command("jobs", "Lists jobs, newest first: live ones, then history") { Get(options) };
        filters.AddTo(command);
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var answer = await Pages.GetAsync(
                session, "api/jobs", "jobs", filters.Of(parsed, session.Time.GetUtcNow()), filters.NextOf(parsed), parsed.GetValue(filters.All), cancellation);
            session.Printer.Print(answer, () => Listing.Of(answer["jobs"], JobStates.Cells, JobStates.Headings));
            Pages.Hint(session, answer, "jobs");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Get(ServerOptions options)
    {
        var id = new Argument<string>("ID") { Description = "Its id" };
        var command = new Command("get", "Shows a job") { id };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var job = await session.Api.GetAsync(JobStates.PathOf(parsed.GetValue(id)!), cancellation);
            session.Printer.Print(job, () => JobStates.Lines(job));
            return ExitCode.Done;
        });
        return command;
    }
}
