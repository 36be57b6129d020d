using System.CommandLine;
using System.Text.Json.Nodes;
using Pushcart.Cli.Servers;
using Pushcart.Resources.Manifests;
using Pushcart.Triggers.Steering;

namespace Pushcart.Cli.Resources;

/// <summary><c>pushcart apply -f FILE|DIR|-</c>: reads manifests here, tells all that is wrong with them, and has the server apply them.</summary>
internal static class ApplyCommand
{
    private static readonly string[] s_outcomes = ["created", "changed", "unchanged"];

    /// <summary>The command.</summary>
    public static Command Create(ServerOptions options)
    {
        var files = new Option<string[]>("--filename", "-f") { Description = "Manifests: a file, a folder, or - for standard input; several times for several", HelpName = "FILE|DIR|-", Required = true };
        var dryRun = new Option<bool>("--dry-run") { Description = "Tell what it would do; nothing is written" };
        var command = new Command("apply", "Applies manifests: all or nothing, or, where more change than one transaction takes, what is referred to first") { files, dryRun };
        command.AsksServer(options, async (parsed, session, cancellation) =>
        {
            var manifests = await ReadAsync(parsed.GetValue(files)!, session.Time, cancellation);
            var applied = await new ManifestSending(session, parsed.GetValue(dryRun)).SendAsync(manifests, cancellation);
            session.Printer.Print(applied, () => Lines(applied, parsed.GetValue(dryRun)));
            foreach (var note in applied["notes"] as JsonArray ?? [])
            {
                session.Notices.Warning((string?)note ?? "");
            }

            return ExitCode.Done;
        });
        return command;
    }

    private static async Task<IReadOnlyList<Manifest>> ReadAsync(IEnumerable<string> paths, TimeProvider time, CancellationToken cancellation)
    {
        var all = new List<Manifest>();
        var errors = new List<string>();
        using var input = new StringReader(paths.Contains("-") ? await StandardInput.ReadAsync(cancellation) : "");
        foreach (var path in paths.Distinct())
        {
            var (read, wrong) = await new ManifestFiles(path, input, time, "-f").ReadAsync(cancellation);
            errors.AddRange(wrong);
            errors.AddRange(read.Where(m => all.Exists(other => other.Name == m.Name)).Select(m => $"{m.Where}: {m.Name} stands in {all.Find(other => other.Name == m.Name)!.Where} already; each resource once"));
            all.AddRange(read);
        }

        return errors.Count > 0 ? throw new CommandException(ExitCode.Failed, $"{string.Join("\n       ", errors)}\nnothing was sent")
            : all.Count == 0 ? throw new CommandException(ExitCode.Failed, $"there is no manifest in {string.Join(", ", paths)}")
            : all;
    }

    private static IEnumerable<string> Lines(JsonNode applied, bool dryRun) =>
        from outcome in s_outcomes
        from resource in applied[outcome] as JsonArray ?? []
        select $"{resource!["kind"]} {((string?)resource["namespace"] is { } ns ? ns + "/" : "")}{resource["name"]} {outcome}{(dryRun ? " (dry run)" : "")}";
}
