using System.CommandLine;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Resources;

/// <summary><c>pushcart export</c>: all resources as manifests, which <c>apply</c> takes again.</summary>
internal static class ExportCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("export", "Prints all resources as manifests in YAML, which apply takes again: pushcart export > backup.yaml");
        command.Validators.Add(result =>
        {
            if (result.GetValue(options.Output) == OutputFormat.Json)
            {
                result.AddError("export prints YAML; leave out -o json");
            }
        });
        command.AsksServer(options, async (_, session, cancellation) =>
        {
            await session.Printer.Output.WriteAsync((await session.Api.GetAsync("api/export", cancellation)).GetValue<string>());
            return ExitCode.Done;
        });
        return command;
    }
}
