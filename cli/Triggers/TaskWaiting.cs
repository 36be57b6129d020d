using System.Text.Json.Nodes;
using Pushcart.Cli.Jobs;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Triggers;

/// <summary>Waits until nothing is to be checked for a task any more, and all its jobs have ended.</summary>
internal static class TaskWaiting
{
    /// <summary>Waits, and shows what became of it.</summary>
    /// <param name="id">Id of the task.</param>
    /// <param name="session">The server.</param>
    /// <param name="deadline">How long; null: as long as it takes.</param>
    /// <param name="cancellation">Ends the waiting. The jobs go on.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> WaitAsync(string id, Session session, DateTimeOffset? deadline, CancellationToken cancellation)
    {
        var told = new HashSet<string>();
        var (task, ended) = await Waiting.UntilAsync(session, $"api/tasks/{Uri.EscapeDataString(id)}", now => Look(now, session, told), deadline, cancellation);
        TasksCommand.Print(task, session);
        return !ended ? ExitCode.StillRunning : Jobs(task).All(j => (string?)j["state"] == "succeeded") && !States(task).Contains("given up") ? ExitCode.Done : ExitCode.JobFailed;
    }

    private static bool Look(JsonNode task, Session session, HashSet<string> told)
    {
        foreach (var source in (task["sources"] as JsonArray ?? []).Where(s => (string?)s!["state"] == "failing"))
        {
            var error = $"{source!["source"]}: {((string?)source["error"] ?? "").ReplaceLineEndings(" ")}";
            if (told.Add(error))
            {
                session.Notices.Warning($"{error}; it is tried again");
            }
        }

        session.Notices.Progress(string.Join(", ", Jobs(task).Select(j => $"job {j["id"]} {j["state"]}").DefaultIfEmpty($"checking: {string.Join(", ", States(task))}")));

        // A job without a state is one that history keeps no longer.
        return (string?)task["state"] == "done" && Jobs(task).All(j => JobStates.HasEnded((string?)j["state"]));
    }

    private static IEnumerable<string?> States(JsonNode task) => (task["sources"] as JsonArray ?? []).Select(s => (string?)s!["state"]);

    private static IEnumerable<JsonNode> Jobs(JsonNode task) =>
        (task["sources"] as JsonArray ?? []).Select(s => s!["job"]).Append(task["job"]).OfType<JsonNode>();
}
