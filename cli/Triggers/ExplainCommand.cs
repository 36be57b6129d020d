using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary><c>pushcart explain KIND/NAME</c>: what a check would do now, and why.</summary>
internal static class ExplainCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var trigger = new TriggerArguments();
        var command = new Command("explain", "Tells what a check of a trigger would do now, and why; nothing is written");
        trigger.AddTo(command);
        command.AsksServer(
            options,
            async (parsed, session, cancellation) =>
            {
                var (_, path) = await trigger.FindAsync(parsed, session, cancellation);
                var answer = await session.Api.GetAsync($"{path}/explain", cancellation);
                session.Printer.Print(answer, () => Lines(answer));
                return ExitCode.Done;
            },
            Session.PatienceWithGit);
        return command;
    }

    private static IEnumerable<string> Lines(JsonNode answer)
    {
        yield return $"{answer["trigger"]}{((bool?)answer["suspended"] == true ? " (suspended)" : "")}";
        foreach (var source in answer["sources"] as JsonArray ?? [])
        {
            yield return $"  {source!["source"]}, {source["reference"]}";
            yield return $"    would {source["would"]}: {source["why"]}";
            yield return $"    on record {(string?)source["lastCommit"] ?? "nothing"}, now {(string?)source["commit"] ?? "not known"}";
            if ((string?)source["lastError"] is { } error)
            {
                yield return $"    last error: {error.ReplaceLineEndings(" ")}";
            }
        }
    }
}
