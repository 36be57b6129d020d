using System.CommandLine;
using Pushcart.Cli.Demo;

var root = new RootCommand("Pushcart runs Kubernetes Jobs when git repositories change.") { DemoCommand.Create() };

// Two seconds, the default, are too short to stop what a command has started and to remove it.
return await root.Parse(args).InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });
