namespace Octokit;

/// <summary>GitHub's REST API: the stand-in's part of Octokit 14.0.0, with the same names, signatures and exceptions.</summary>
public class GitHubClient
{
    /// <summary>The API of github.com.</summary>
    public static readonly Uri GitHubApiUrl = new("https://api.github.com/");

    /// <summary>A client on a connection.</summary>
    public GitHubClient(IConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        Connection = connection;
        GitHubApps = new GitHubAppsClient(connection);
        Repository = new RepositoriesClient(connection);
    }

    /// <summary>What carries the requests.</summary>
    public IConnection Connection { get; }

    /// <summary>Apps and their installations.</summary>
    public IGitHubAppsClient GitHubApps { get; }

    /// <summary>Repositories.</summary>
    public IRepositoriesClient Repository { get; }

    /// <summary>What the last answer said of limits and pages; null before the first.</summary>
    public ApiInfo? GetLastApiInfo() => Connection.GetLastApiInfo();
}
