using System.CommandLine;
using Pushcart.Cli;
using Pushcart.Cli.Demo;
using Pushcart.Cli.Webhooks;

var root = new RootCommand("Pushcart runs Kubernetes Jobs when git repositories change.") { DemoCommand.Create(), SchemaCommand.Create(), TestCommand.Create(), WebhookCommand.Create() };

// Two seconds, the default, are too short to stop what a command has started and to remove it.
var parsed = root.Parse(args);
var exit = await parsed.InvokeAsync(new() { ProcessTerminationTimeout = TimeSpan.FromMinutes(1) });

// 0: done. 1: it failed. 2: it was not understood.
return parsed.Errors.Count > 0 ? 2 : exit;
