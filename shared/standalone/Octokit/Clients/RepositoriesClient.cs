namespace Octokit;

/// <summary>Repositories.</summary>
public interface IRepositoriesClient
{
    /// <summary>Statuses of commits.</summary>
    ICommitStatusClient Status { get; }

    /// <summary>Webhooks.</summary>
    IRepositoryHooksClient Hooks { get; }
}

/// <inheritdoc cref="IRepositoriesClient"/>
public class RepositoriesClient(IConnection connection) : IRepositoriesClient
{
    /// <inheritdoc/>
    public ICommitStatusClient Status { get; } = new CommitStatusClient(connection);

    /// <inheritdoc/>
    public IRepositoryHooksClient Hooks { get; } = new RepositoryHooksClient(connection);
}

/// <summary>Statuses of commits.</summary>
public interface ICommitStatusClient
{
    /// <summary>Sets the status of a commit under a context.</summary>
    Task<CommitStatus> Create(string owner, string name, string reference, NewCommitStatus newCommitStatus);
}

/// <inheritdoc cref="ICommitStatusClient"/>
public class CommitStatusClient(IConnection connection) : ICommitStatusClient
{
    /// <inheritdoc/>
    public async Task<CommitStatus> Create(string owner, string name, string reference, NewCommitStatus newCommitStatus)
    {
        ArgumentException.ThrowIfNullOrEmpty(reference);
        var uri = ApiUrls.Repository(owner, name, $"statuses/{Uri.EscapeDataString(reference)}");
        return (await connection.Post<CommitStatus>(uri, newCommitStatus, null, null).ConfigureAwait(false)).Body;
    }
}
