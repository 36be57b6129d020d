using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Pushcart.Cli.Completion;
using Pushcart.Cli.Demo;
using Pushcart.Cli.Jobs;
using Pushcart.Cli.Queues;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;
using Pushcart.Cli.Sources;
using Pushcart.Cli.Tokens;
using Pushcart.Cli.Triggers;
using Pushcart.Cli.Webhooks;
using Pushcart.Cli.Worker;
using Pushcart.Cli.Workers;

namespace Pushcart.Cli;

/// <summary>The command line: all commands.</summary>
internal static class PushcartCommand
{
    /// <summary>The name of a command as its user types it: <c>pushcart tokens create</c>.</summary>
    public static string NameOf(ParseResult parsed)
    {
        var names = new List<string>();
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as CommandResult)
        {
            names.Insert(0, at.Command is RootCommand ? "pushcart" : at.Command.Name);
        }

        return string.Join(' ', names);
    }

    /// <summary>The command line.</summary>
    public static RootCommand Create()
    {
        var options = new ServerOptions();
        var root = new RootCommand("Pushcart runs Kubernetes Jobs when git repositories change.")
        {
            LoginCommand.Create(options), LogoutCommand.Create(options), ContextsCommand.Create(options),
            ApplyCommand.Create(options), GetCommand.Create(options), DeleteCommand.Create(options), ExportCommand.Create(options), SchemaCommand.Create(),
            TriggersCommand.Create(options), RunCommand.Create(options), SuspendCommand.Create(options, suspend: true), SuspendCommand.Create(options, suspend: false),
            ExplainCommand.Create(options), TasksCommand.Create(options),
            SourcesCommand.Create(options), TestCommand.Create(options),
            JobsCommand.Create(options), SubmitCommand.Create(options), LogsCommand.Create(options), CancelCommand.Create(options), RerunCommand.Create(options),
            QueuesCommand.Create(options), DeadCommand.Create(options), TokensCommand.Create(options),
            WorkersCommand.Create(options), WorkerCommand.Create(options),
            WebhookCommand.Create(options), DemoCommand.Create(), CompletionCommand.Create(), VersionCommand.Create(),
        };
        foreach (var option in options.All)
        {
            root.Add(option);
        }

        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new Help((HelpAction)help.Action!);
        return root;
    }
}
