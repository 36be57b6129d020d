using System.CommandLine;
using Pushcart.Cli.Servers;

namespace Pushcart.Cli.Jobs;

/// <summary>The options of commands that can wait for what they have brought about.</summary>
internal sealed class WaitOptions
{
    /// <summary>Wait for the end.</summary>
    public Option<bool> Wait { get; } = new("--wait", "-w") { Description = "Wait until every job of it has ended; the exit code tells how (6: not by success)" };

    /// <summary>How long.</summary>
    public Option<TimeSpan?> For { get; } = Durations.Option("--timeout", "With --wait: how long; then the exit code is 7, and the jobs go on");

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(Wait);
        command.Add(For);
        command.Validators.Add(result =>
        {
            if (result.GetResult(For) is { Implicit: false } && !result.GetValue(Wait))
            {
                result.AddError("--timeout goes with --wait");
            }
        });
    }

    /// <summary>Until when; null: without an end.</summary>
    public DateTimeOffset? DeadlineOf(ParseResult parsed, Session session) => session.Time.GetUtcNow() + parsed.GetValue(For);
}

/// <summary>The options of commands that bring jobs about: once for each key.</summary>
internal sealed class RequestOptions
{
    private readonly WaitOptions _waiting = new();

    /// <summary>Wait for the end.</summary>
    public Option<bool> Wait => _waiting.Wait;

    private readonly Option<string?> _key = new("--idempotency-key") { Description = "Asked again with the same key, nothing new is made; without it each time is new", HelpName = "KEY" };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        _waiting.AddTo(command);
        command.Add(_key);
    }

    /// <summary>The key.</summary>
    public string KeyOf(ParseResult parsed, Session session) => parsed.GetValue(_key) ?? session.Chance.NewId();

    /// <summary>Until when to wait; null: without an end.</summary>
    public DateTimeOffset? DeadlineOf(ParseResult parsed, Session session) => _waiting.DeadlineOf(parsed, session);
}
