using System.CommandLine;

namespace Pushcart.Cli.Jobs;

/// <summary>Which jobs a list shows.</summary>
internal sealed class JobFilterOptions
{
    private readonly Option<string?> _state = new("--state") { Description = "queued, claimed, running, succeeded, failed, cancelled, expired or lost", HelpName = "STATE" };
    private readonly Option<string?> _trigger = new("--trigger") { Description = "Jobs of this trigger", HelpName = "NAMESPACE/NAME" };
    private readonly Option<string?> _source = new("--source") { Description = "Jobs of this source; one of the cluster is ClusterGitRepo/NAME", HelpName = "NAMESPACE/NAME" };
    private readonly Option<string?> _commit = new("--commit") { Description = "Jobs of this commit; its first digits do" };
    private readonly Option<string?> _since = new("--since") { Description = "Submitted then or later: 2030-01-31T12:00:00Z, or 2h for the last two hours", HelpName = "TIME" };
    private readonly Option<string?> _until = new("--until") { Description = "Submitted before then", HelpName = "TIME" };
    private readonly Option<string?> _next = new("--next") { Description = "The page after the one that has told this", HelpName = "PAGE" };

    /// <summary>All pages in one.</summary>
    public Option<bool> All { get; } = new("--all") { Description = "All pages" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _state.CompletionSources.Add("queued", "claimed", "running", "succeeded", "failed", "cancelled", "expired", "lost");
        foreach (var option in new Option[] { _state, _trigger, _source, _commit, _since, _until, _next, All })
        {
            command.Add(option);
        }
    }

    /// <summary>What is asked for, without <c>next</c>.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="now">The time, from which <c>2h</c> counts back.</param>
    public IEnumerable<(string Name, string Value)> Of(ParseResult parsed, DateTimeOffset now) => new[]
    {
        ("state", parsed.GetValue(_state)), ("trigger", parsed.GetValue(_trigger)), ("source", parsed.GetValue(_source)), ("commit", parsed.GetValue(_commit)),
        ("since", Time(parsed.GetValue(_since), now)), ("until", Time(parsed.GetValue(_until), now)),
    }.Where(pair => pair.Item2 is not null)!;

    /// <summary>Which page.</summary>
    public string? NextOf(ParseResult parsed) => parsed.GetValue(_next);

    private static string? Time(string? text, DateTimeOffset now) => text is not null && Duration.TryParse(text, out var ago, out _) ? Rfc3339.Text(now - ago) : text;
}
