using System.CommandLine;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Worker;

/// <summary><c>pushcart worker</c>: runs jobs of a server in a cluster that the server cannot reach.</summary>
internal static class WorkerCommand
{
    private const string Name = "worker";

    /// <summary>True where a command line is a worker's, which sees to its signals itself: it takes its time to end.</summary>
    public static bool Is(ParseResult parsed) => parsed.CommandResult.Command.Name == Name;

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions shared)
    {
        var config = new Option<string?>("--config") { Description = "A JSON file with the same settings, for what neither flags nor the environment say", HelpName = "FILE" };
        var print = new Option<bool>("--print-config") { Description = "Print the settings and where each comes from, without secrets, and end" };
        var flags = WorkerOption.All.Where(o => !o.IsShared).ToDictionary(o => o.Name, o => o.Flag());
        var command = new Command(Name, "Runs jobs of a server in a cluster that the server cannot reach: asks for them, runs them, and reports. It needs no port and no address") { config, print };
        foreach (var flag in flags.Values)
        {
            command.Add(flag);
        }

        command.SetAction(async (parsed, _) =>
        {
            var values = WorkerValues.Read(name => flags.TryGetValue(name, out var flag) ? Given(parsed, flag) : Shared(parsed, shared, name), Environment.GetEnvironmentVariable, parsed.GetValue(config));
            var plan = WorkerPlan.Of(values, VersionCommand.Short);
            var (output, errors) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            foreach (var line in parsed.GetValue(print) ? values.Lines() : [])
            {
                await output.WriteLineAsync(line);
            }

            foreach (var error in values.Errors)
            {
                await errors.WriteLineAsync($"error: {error}");
            }

            if (plan is null || parsed.GetValue(print))
            {
                return plan is null ? ExitCode.Usage : ExitCode.Done;
            }

            using var process = new WorkerProcess(values, plan, new(output, TimeProvider.System), TimeProvider.System);
            return await process.RunAsync();
        });
        return command;
    }

    private static string? Given(ParseResult parsed, Option flag) => flag switch
    {
        Option<bool> yes => parsed.GetValue(yes) ? "true" : null,
        Option<string?> text => parsed.GetValue(text),
        _ => null,
    };

    private static string? Shared(ParseResult parsed, ServerOptions shared, string name) => name switch
    {
        "server" => parsed.GetValue(shared.Server)?.ToString(),
        "token-file" => parsed.GetValue(shared.TokenFile),
        "ca-file" => parsed.GetValue(shared.CaFile),
        "client-cert" => parsed.GetValue(shared.ClientCert),
        "client-key" => parsed.GetValue(shared.ClientKey),
        "insecure" => parsed.GetValue(shared.Insecure) ? "true" : null,
        _ => null,
    };
}
