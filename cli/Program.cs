using System.CommandLine.Invocation;
using Pushcart.Cli;
using Pushcart.Cli.Worker;
using Pushcart.Execution.Process;

// A run of a worker's process executor is this program again, by a hidden verb: it must start fast, and knows no commands.
if (ProcessRun.IsRun(args))
{
    return await ProcessRun.RunAsync(args);
}

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
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = WorkerCommand.Is(parsed) ? null : TimeSpan.FromMinutes(1) });
