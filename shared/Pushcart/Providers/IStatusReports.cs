namespace Pushcart.Providers;

/// <summary>Tells a provider how the work on a commit goes. One implementation a provider; each says itself which repositories are its own.</summary>
public interface IStatusReports
{
    /// <summary>True where the repository is this provider's, and it is to be told.</summary>
    /// <param name="repository">Address of the repository, in any form.</param>
    bool Tells(string repository);

    /// <summary>Tells it. The same may be told twice; what is told last stands.</summary>
    /// <returns>Within <see cref="Within"/>: nothing of it is sent later.</returns>
    Task<ProviderAnswer> TellAsync(StatusReport report, CancellationToken cancellation);

    /// <summary>How long telling takes at most. 10 s.</summary>
    static TimeSpan Within { get; } = TimeSpan.FromSeconds(10);
}

/// <summary>States that providers know.</summary>
public enum StatusState
{
    /// <summary>It is queued or runs.</summary>
    Pending,

    /// <summary>It succeeded.</summary>
    Success,

    /// <summary>It failed.</summary>
    Failure,

    /// <summary>It was cancelled, has expired or is lost: nothing is known of the commit.</summary>
    Error,
}

/// <summary>The status of a commit.</summary>
/// <param name="Repository">Address of the repository, in any form.</param>
/// <param name="Commit">The commit.</param>
/// <param name="Context">What it is the status of: a later report of the same context takes its place.</param>
/// <param name="State">The state.</param>
/// <param name="Description">For people. Whoever sees the commit sees it, so it names nothing of the inside.</param>
/// <param name="TargetUrl">Where to read more; null where nothing is reached from outside.</param>
public sealed record StatusReport(string Repository, string Commit, string Context, StatusState State, string Description, string? TargetUrl);
