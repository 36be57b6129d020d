using System.Diagnostics.CodeAnalysis;

namespace Pushcart.Triggers.Status;

/// <summary>A trigger as the API shows it: times in RFC 3339 UTC.</summary>
public sealed record TriggerView
{
    /// <summary>State: nothing of it is at work.</summary>
    public const string Idle = "Idle";

    /// <summary>State: a job of it waits or runs.</summary>
    public const string Running = "Running";

    /// <summary>State: what it names is missing or cannot be used; <see cref="Reason"/> says what.</summary>
    public const string WrongConfig = "WrongConfig";

    /// <summary>Kind.</summary>
    public required string Kind { get; init; }

    /// <summary>Namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>One of the constants above.</summary>
    public required string State { get; init; }

    /// <summary>Why it is <see cref="WrongConfig"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>True while it is suspended.</summary>
    public bool Suspended { get; init; }

    /// <summary>What a person should know although nothing is wrong.</summary>
    public string? Note { get; init; }

    /// <summary>The last scheduled instant whose checks were sent.</summary>
    [StringSyntax("date-time")]
    public string? LastRun { get; init; }

    /// <summary>The next scheduled instant.</summary>
    [StringSyntax("date-time")]
    public string? NextRun { get; init; }

    /// <summary>Its sources, in the order of its manifest.</summary>
    public required IReadOnlyList<TriggerSourceView> Sources { get; init; }
}

/// <summary>A source of a trigger as the API shows it.</summary>
public sealed record TriggerSourceView
{
    /// <summary>Name, as <c>Kind namespace/name</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The last commit that was decided on.</summary>
    public string? Commit { get; init; }

    /// <summary>Hash of the watched files at that commit.</summary>
    public string? FileHash { get; init; }

    /// <summary>When that commit was seen first.</summary>
    [StringSyntax("date-time")]
    public string? Changed { get; init; }

    /// <summary>About when it was looked at last: an unchanged check writes nothing, so it is the trigger's last run where that is later than what is written.</summary>
    [StringSyntax("date-time")]
    public string? LastCheck { get; init; }

    /// <summary>Why the last check found no answer; or what is wrong with its repository's managed webhook.</summary>
    public string? LastError { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>False after three failures in a row, until the next success; and while its repository's managed webhook is not as it should be.</summary>
    public bool Healthy { get; init; } = true;

    /// <summary>Not asked before, after failures.</summary>
    [StringSyntax("date-time")]
    public string? NextAttempt { get; init; }

    /// <summary>Id of the last job.</summary>
    public string? LastJob { get; init; }
}
