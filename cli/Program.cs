using System.CommandLine.Invocation;
using Pushcart.Cli;

var parsed = PushcartCommand.Create().Parse(args);
if (parsed.Action is ParseErrorAction wrong)
{
    // The fault in a line or two is found sooner than above a page of help.
    wrong.ShowHelp = false;
    using var told = new StringWriter();
    await parsed.InvokeAsync(new() { Output = told, Error = told });
    foreach (var line in told.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
    {
        Console.Error.WriteLine($"error: {line}");
    }

    Console.Error.WriteLine($"'{PushcartCommand.NameOf(parsed)} --help' tells what it takes");
    return ExitCode.Usage;
}

// Two seconds, the default, are too short to stop what a command has started and to remove it.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
