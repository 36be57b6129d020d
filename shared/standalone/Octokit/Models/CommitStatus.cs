namespace Octokit;

/// <summary>States of a commit under a context.</summary>
public enum CommitState
{
    /// <summary>Not known yet.</summary>
    Pending,

    /// <summary>Good.</summary>
    Success,

    /// <summary>It could not be found out.</summary>
    Error,

    /// <summary>Bad.</summary>
    Failure,
}

/// <summary>A status to be set.</summary>
public class NewCommitStatus
{
    /// <summary>The state.</summary>
    public CommitState State { get; set; }

    /// <summary>Where to read more; null: nowhere.</summary>
    public string? TargetUrl { get; set; }

    /// <summary>For people; 140 characters at most.</summary>
    public string? Description { get; set; }

    /// <summary>What it is the status of.</summary>
    public string? Context { get; set; }
}

/// <summary>A status that was set.</summary>
public class CommitStatus
{
    /// <summary>Its id.</summary>
    public long Id { get; private set; }

    /// <summary>What it is the status of.</summary>
    public string? Context { get; private set; }
}
