namespace Octokit;

/// <summary>Apps and their installations.</summary>
public interface IGitHubAppsClient
{
    /// <summary>The installation of the authenticated App on a repository.</summary>
    /// <exception cref="NotFoundException">It is not installed there.</exception>
    Task<Installation> GetRepositoryInstallationForCurrent(string owner, string repo);
}

/// <inheritdoc cref="IGitHubAppsClient"/>
public class GitHubAppsClient(IConnection connection) : IGitHubAppsClient
{
    /// <inheritdoc/>
    public async Task<Installation> GetRepositoryInstallationForCurrent(string owner, string repo) =>
        (await connection.Get<Installation>(ApiUrls.Repository(owner, repo, "installation"), null).ConfigureAwait(false)).Body;
}
