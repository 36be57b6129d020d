using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;
using Pushcart.Resources;

namespace Pushcart.Cli.Triggers;

/// <summary>The argument that names a trigger: <c>KIND/NAME</c>, <c>KIND/NAMESPACE/NAME</c>, or its name alone where one kind only has it.</summary>
internal sealed class TriggerArguments
{
    /// <summary>Which trigger.</summary>
    public Argument<string> Trigger { get; } = new("TRIGGER") { Description = "KIND/NAME (ScheduleTrigger or WebhookTrigger), KIND/NAMESPACE/NAME, or NAME", HelpName = "[KIND/]NAME" };

    /// <summary>Its namespace.</summary>
    public Option<string?> Namespace { get; } = ResourceArguments.Namespace($"Its namespace; without it {ResourceArguments.DefaultNamespace}");

    /// <summary>Adds both to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Trigger);
        command.Add(Namespace);
    }

    /// <summary>The trigger's path of the API: <c>api/triggers/ScheduleTrigger/default/app</c>.</summary>
    /// <exception cref="CommandException">It is no trigger's name, or several have it.</exception>
    public async Task<(ResourceName Name, string Path)> FindAsync(ParseResult parsed, Session session, CancellationToken cancellation)
    {
        var text = parsed.GetValue(Trigger)!;
        var ns = parsed.GetValue(Namespace) ?? ResourceArguments.DefaultNamespace;
        var name = text.Split('/') switch
        {
            [var kind, var of] => new ResourceName(KindOf(kind, text), ns, of),
            [var kind, var space, var of] => new ResourceName(KindOf(kind, text), space, of),
            [var of] => new ResourceName(await KindOfAsync(ns, of, session, cancellation), ns, of),
            _ => throw new CommandException(ExitCode.Usage, $"{text} names no trigger; write KIND/NAME"),
        };
        return (name, $"api/triggers/{name.Path()}");
    }

    private static ResourceKind KindOf(string kind, string text) => ResourceArguments.KindOf(kind) is ResourceKind.ScheduleTrigger or ResourceKind.WebhookTrigger
        ? ResourceArguments.KindOf(kind)!.Value
        : throw new CommandException(ExitCode.Usage, $"{text}: {kind} is no kind of trigger; write ScheduleTrigger/NAME or WebhookTrigger/NAME");

    private static async Task<ResourceKind> KindOfAsync(string ns, string name, Session session, CancellationToken cancellation)
    {
        var all = (await session.Api.GetAsync("api/triggers", cancellation))["triggers"] as JsonArray ?? [];
        return all.Where(t => (string?)t!["namespace"] == ns && (string?)t["name"] == name).Select(t => Enum.Parse<ResourceKind>((string)t!["kind"]!)).ToList() switch
        {
            [var one] => one,
            [] => throw new CommandException(ExitCode.NotFound, $"there is no trigger {ns}/{name}; 'pushcart triggers' lists them"),
            var several => throw new CommandException(ExitCode.Usage, $"there are several triggers {ns}/{name}; write {string.Join(" or ", several.Select(k => $"{k}/{name}"))}"),
        };
    }
}
