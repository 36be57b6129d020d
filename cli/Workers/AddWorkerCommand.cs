using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Output;
using Pushcart.Cli.Servers;
using Pushcart.Resources.Manifests;

namespace Pushcart.Cli.Workers;

/// <summary><c>pushcart workers add NAME</c>: prints the registration token, alone, so that a file or a pipe has just it; with <c>-o secret</c> as the manifest of a Kubernetes Secret.</summary>
internal static class AddWorkerCommand
{
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var name = new Argument<string>("NAME") { Description = "Its name: a label of a domain name" };
        var labels = new Option<string[]>("--label") { Description = "NAME=VALUE that actions may ask for, in place of what the worker says of itself; several times for several", HelpName = "NAME=VALUE" };
        var replace = new Option<bool>("--replace") { Description = "Let one that is registered already register anew: its token is void then, its jobs stay its own" };
        var wait = new Option<bool>("--wait") { Description = "Wait until it has checked in, as long as the token is good" };
        var secret = new Option<string>("--secret-name") { Description = "With -o secret: its name", HelpName = "[NAMESPACE/]NAME", DefaultValueFactory = _ => "pushcart-worker-registration" };
        labels.Validators.Add(result =>
        {
            foreach (var pair in result.Tokens.Where(t => t.Value.Split('=', 2) is not [{ Length: > 0 }, { Length: > 0 }]))
            {
                result.AddError($"--label: {pair.Value} is not NAME=VALUE");
            }
        });
        var command = new Command("add", "Adds a worker, and prints its registration token: good once, for 10 minutes, for this name") { name, labels, replace, wait, secret };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var of = parsed.GetValue(name)!;
            var body = new JsonObject { ["name"] = of, ["replace"] = parsed.GetValue(replace) };
            if (parsed.GetValue(labels) is { Length: > 0 } pairs)
            {
                body["labels"] = new JsonObject(pairs.Select(p => p.Split('=', 2)).GroupBy(p => p[0]).Select(p => KeyValuePair.Create(p.Key, (JsonNode?)p.Last()[1])));
            }

            // Before the answer, so that a worker which is faster than the next line is not missed.
            var before = await CheckInAsync(session, of, cancellation);
            var answer = (await session.Api.PostAsync(WorkersCommand.Path, cancellation, body))!;
            Print(session, answer, parsed.GetValue(secret)!);
            session.Notices.Hint($"worker {of}: its registration token is good once, until {answer["expiresAt"]}, and shown only here; there: pushcart worker --server URL --name {of} --registration-token-file FILE");
            return parsed.GetValue(wait) ? await WaitAsync(session, of, before, (DateTimeOffset)answer["expiresAt"]!, cancellation) : ExitCode.Done;
        }, showsToken: true);
        return command;
    }

    private static void Print(Session session, JsonNode answer, string secretName)
    {
        var value = (string)answer["registrationToken"]!;
        if (session.Printer.Format != OutputFormat.Secret)
        {
            session.Printer.Print(answer, () => [value]);
            session.Printer.Output.Flush();
            return;
        }

        var parts = secretName.Split('/', 2);
        var metadata = new JsonObject { ["name"] = parts[^1] };
        if (parts.Length == 2)
        {
            metadata["namespace"] = parts[0];
        }

        session.Printer.Output.Write(ManifestWriter.Write(
            new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = metadata, ["type"] = "Opaque", ["stringData"] = new JsonObject { ["token"] = value } }));
        session.Printer.Output.Flush();
    }

    private static async Task<int> WaitAsync(Session session, string name, string? before, DateTimeOffset until, CancellationToken cancellation)
    {
        while (session.Time.GetUtcNow() < until)
        {
            session.Notices.Progress($"waiting for worker {name} to check in");
            if (await CheckInAsync(session, name, cancellation) is { } checkIn && checkIn != before)
            {
                session.Notices.Clear();
                session.Notices.Hint($"worker {name} has checked in");
                return ExitCode.Done;
            }

            await Task.Delay(s_look, session.Time, cancellation);
        }

        session.Notices.Error($"worker {name} has not checked in, and its registration token is good no more; what the worker's log says helps, and 'pushcart workers add {name}' gives a new token");
        return ExitCode.StillRunning;
    }

    // Null while it has not checked in, or is not there yet.
    private static async Task<string?> CheckInAsync(Session session, string name, CancellationToken cancellation)
    {
        var answer = await session.Api.SendAsync(HttpMethod.Get, WorkersCommand.PathOf(name), cancellation);
        return answer is { IsOk: true, Body: { } worker } ? (string?)worker["lastCheckIn"]
            : answer.Status == System.Net.HttpStatusCode.NotFound ? null
            : throw answer.Refusal(session.Access.Server);
    }
}
