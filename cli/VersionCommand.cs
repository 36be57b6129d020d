using System.CommandLine;
using System.Reflection;

namespace Pushcart.Cli;

/// <summary><c>pushcart version</c>.</summary>
internal static class VersionCommand
{
    /// <summary>The version, with the commit that it was built of where that is known.</summary>
    public static string Whole { get; } = typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>The version alone.</summary>
    public static string Short { get; } = Whole.Split('+')[0];

    /// <summary>The command.</summary>
    public static Command Create()
    {
        var command = new Command("version", "Prints the version of this program");
        command.SetAction(parsed => parsed.InvocationConfiguration.Output.WriteLine(Whole));
        return command;
    }
}
