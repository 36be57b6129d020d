using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Pushcart.Cli;

/// <summary>Help under the name that users type, and not under that of the program's file.</summary>
/// <param name="help">Writes it.</param>
internal sealed class Help(HelpAction help) : SynchronousCommandLineAction
{
    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        var configuration = parseResult.InvocationConfiguration;
        var output = configuration.Output;
        using var text = new StringWriter();
        configuration.Output = text;
        try
        {
            return help.Invoke(parseResult);
        }
        finally
        {
            configuration.Output = output;
            output.Write(text.ToString().Replace(RootCommand.ExecutableName, "pushcart", StringComparison.Ordinal));
        }
    }
}
