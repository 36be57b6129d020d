using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Resources;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary><c>pushcart submit</c>: a job without a trigger.</summary>
internal static class SubmitCommand
{
    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var action = new Option<string>("--action") { Description = "The action; one of the cluster is ClusterAction/NAME", HelpName = "[KIND/]NAME", Required = true };
        var source = new Option<string>("--source") { Description = "The source; one of the cluster is ClusterGitRepo/NAME", HelpName = "[KIND/]NAME", Required = true };
        var branch = new Option<string?>("--branch") { Description = "Its branch; main unless you say", HelpName = "NAME" };
        var tag = new Option<string?>("--tag") { Description = "Its tag, in place of a branch", HelpName = "NAME" };
        var commit = new Option<string?>("--commit") { Description = "Its commit; without it the one that the branch or tag has now" };
        var variables = new Option<string[]>("--var") { Description = "A variable of the job, NAME=VALUE; no place for secrets", HelpName = "NAME=VALUE" };
        var ns = ResourceArguments.Namespace($"Where it runs; without it {ResourceArguments.DefaultNamespace}");
        var request = new RequestOptions();
        var command = new Command("submit", "Makes a job without a trigger") { action, source, branch, tag, commit, variables, ns };
        request.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(branch) is not null && result.GetValue(tag) is not null)
            {
                result.AddError("--branch and --tag: give one of them");
            }

            foreach (var wrong in (result.GetValue(variables) ?? []).Where(v => v.IndexOf('=', StringComparison.Ordinal) < 1))
            {
                result.AddError($"--var: {wrong} is not of the form NAME=VALUE");
            }
        });
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var body = new JsonObject
            {
                ["namespace"] = parsed.GetValue(ns) ?? ResourceArguments.DefaultNamespace,
                ["action"] = Named(parsed.GetValue(action)!),
                ["source"] = Named(parsed.GetValue(source)!),
            };
            if ((parsed.GetValue(tag) ?? parsed.GetValue(branch)) is { } reference)
            {
                body["reference"] = new JsonObject { [parsed.GetValue(tag) is null ? "branch" : "tag"] = reference };
            }

            if (parsed.GetValue(commit) is { } at)
            {
                body["commit"] = at;
            }

            if (parsed.GetValue(variables) is { Length: > 0 } given)
            {
                body["variables"] = new JsonObject(given.Select(v => v.Split('=', 2)).DistinctBy(v => v[0]).Select(v => KeyValuePair.Create(v[0], (JsonNode?)v[1])));
            }

            return await MadeAsync((await session.Api.PostAsync("api/jobs", cancellation, body, request.KeyOf(parsed, session)))!, parsed, request, session, cancellation);
        }, Session.PatienceWithGit);
        return command;
    }

    /// <summary>Shows the id of a new job, or waits for its end.</summary>
    public static async Task<int> MadeAsync(JsonNode made, ParseResult parsed, RequestOptions request, Session session, CancellationToken cancellation)
    {
        var id = (string)made["id"]!;
        if (parsed.GetValue(request.Wait))
        {
            session.Notices.Hint($"job {id}");
            return await JobStates.WaitAsync(id, session, request.DeadlineOf(parsed, session), cancellation);
        }

        session.Printer.Print(made, () => [id]);
        session.Notices.Hint($"submitted; 'pushcart logs -f {id}' follows it");
        return ExitCode.Done;
    }

    private static JsonObject Named(string text) =>
        text.Split('/', 2) is [var kind, var name] ? new() { ["kind"] = ResourceArguments.KindOf(kind)?.ToString() ?? kind, ["name"] = name } : new() { ["name"] = text };
}
