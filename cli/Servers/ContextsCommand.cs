using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;

namespace Pushcart.Cli.Servers;

/// <summary><c>pushcart contexts</c>: the servers that are logged in to; <c>pushcart contexts use NAME</c>: the one that is asked from now on.</summary>
internal static class ContextsCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("contexts", "Lists the servers that you are logged in to") { Use() };
        command.Tells((parsed, notices, _) =>
        {
            var contexts = Contexts.Read(Contexts.OwnPath());
            var list = new JsonArray([.. contexts.All.Select(c => new JsonObject { ["name"] = c.Name, ["server"] = c.Server.ToString(), ["current"] = c.Name == contexts.Current })]);
            new Printer(parsed.InvocationConfiguration.Output, parsed.GetValue(options.Output), parsed.GetValue(options.NoColor)).Print(
                new JsonObject { ["contexts"] = list },
                () => Listing.Of(list, c => [(bool)c["current"]! ? "*" : "", (string?)c["name"], (string?)c["server"]], "CURRENT", "NAME", "SERVER"));
            if (list.Count == 0)
            {
                notices.Hint("there are none; 'pushcart login --server URL' makes one");
            }

            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    private static Command Use()
    {
        var name = new Argument<string>("NAME") { Description = "Its name" };
        var command = new Command("use", "Makes one the server that is asked where none is named") { name };
        command.Tells((parsed, notices, _) =>
        {
            var contexts = Contexts.Read(Contexts.OwnPath());
            var context = ServerAccess.Place(null, null, parsed.GetValue(name), contexts).Context!;
            (contexts with { Current = context.Name }).Write(Chance.System);
            notices.Hint($"{context} is the current context");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}

/// <summary><c>pushcart logout</c>: forgets a server and its token.</summary>
internal static class LogoutCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var command = new Command("logout", "Forgets a context, the current one or that of --context, and its token; the token stays valid");
        command.Tells((parsed, notices, _) =>
        {
            var contexts = Contexts.Read(Contexts.OwnPath());
            if ((parsed.GetValue(options.Context) ?? contexts.Current) is not { } name)
            {
                notices.Hint("there is no context to forget");
                return Task.FromResult(ExitCode.Done);
            }

            var context = ServerAccess.Place(null, null, name, contexts).Context!;
            var rest = contexts.All.Where(c => c != context).ToList();
            (contexts with { Current = contexts.Current == name ? rest.FirstOrDefault()?.Name : contexts.Current, All = rest }).Write(Chance.System);
            notices.Hint($"{context} is forgotten; its token stays valid until 'pushcart tokens delete'");
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
