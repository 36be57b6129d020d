using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Workers;

/// <summary><c>pushcart workers</c>: adds, lists, shows, drains, resumes and deletes workers.</summary>
internal static class WorkersCommand
{
    /// <summary>The workers' path of the API.</summary>
    public const string Path = "api/workers";

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options) => new("workers", "Workers: run jobs where the server cannot reach; 'pushcart worker' is one")
    {
        AddWorkerCommand.Create(options),
        List(options),
        Get(options),
        Change(options, "drain", "Lets a worker take nothing new; what runs there goes on, and it is told at its next call", "drains"),
        Change(options, "resume", "Lets a drained worker take jobs again", "takes jobs again"),
        Delete(options),
    };

    /// <summary>The path of one worker: NAME, or NAME/POD.</summary>
    public static string PathOf(string name) => $"{Path}/{string.Join('/', name.Split('/').Select(Uri.EscapeDataString))}";

    private static Command List(ServerOptions options)
    {
        var command = new Command("list", "Lists workers and how they stand");
        command.AsksServer(options, async (_, session, cancellation) =>
        {
            var answer = await session.Api.GetAsync(Path, cancellation);
            session.Printer.Print(answer, () => Listing.Of(answer["workers"], Row, "NAME", "STATE", "JOBS", "EXECUTOR", "LABELS", "VERSION", "LAST CHECK-IN"));
            if (answer["workers"] is JsonArray { Count: 0 })
            {
                session.Notices.Hint("there are none; 'pushcart workers add NAME' adds one");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static Command Get(ServerOptions options)
    {
        var name = Name();
        var command = new Command("get", "Shows a worker") { name };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var worker = await session.Api.GetAsync(PathOf(parsed.GetValue(name)!), cancellation);
            session.Printer.Print(worker, () =>
            {
                var listing = new Listing("FIELD", "VALUE");
                foreach (var (field, value) in worker.AsObject())
                {
                    listing.Add(field, value is JsonObject labels ? Labels(labels) : value?.ToString());
                }

                return listing;
            });
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Change(ServerOptions options, string verb, string help, string done)
    {
        var name = Name();
        var command = new Command(verb, help) { name };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = parsed.GetValue(name)!;
            session.Printer.Print(await session.Api.PostAsync($"{PathOf(of)}/{verb}", cancellation), () => [$"worker {of} {done}"]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Delete(ServerOptions options)
    {
        var name = Name();
        var command = new Command("delete", "Deletes a worker: its next call is refused, by other instances within 30 s. What it runs there is not stopped") { name };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = parsed.GetValue(name)!;
            session.Printer.Print(await session.Api.DeleteAsync(PathOf(of), cancellation), () => [$"worker {of} deleted"]);
            return ExitCode.Done;
        });
        return command;
    }

    private static Argument<string> Name() => new("NAME") { Description = "Its name: NAME, or NAME/POD" };

    private static string?[] Row(JsonNode worker) =>
    [
        (string?)worker["name"],
        (string?)worker["state"] + ((bool?)worker["drain"] == true && (string?)worker["state"] != "draining" ? " (drained)" : ""),
        $"{(int?)worker["running"] + (int?)worker["claimed"]}/{(int?)worker["maxParallelJobs"]}",
        (string?)worker["executor"],
        Labels(worker["labels"] as JsonObject),
        (string?)worker["version"],
        (string?)worker["lastCheckIn"],
    ];

    private static string Labels(JsonObject? labels) => string.Join(',', (labels ?? []).Select(l => $"{l.Key}={l.Value}"));
}
