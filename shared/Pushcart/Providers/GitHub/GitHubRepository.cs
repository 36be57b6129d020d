using Pushcart.Git;

namespace Pushcart.Providers.GitHub;

/// <summary>A repository at GitHub.</summary>
/// <param name="Owner">User or organization, in lower case: GitHub does not tell cases apart.</param>
/// <param name="Name">Its name, in lower case.</param>
internal sealed record GitHubRepository(string Owner, string Name)
{
    /// <summary>The host and port of an address, as <see cref="RepositoryIdentity"/> writes them; null where it has none.</summary>
    public static string? HostOf(string url) => RepositoryIdentity.Of(url.TrimEnd('/') + "/x")?.Split('/')[0];

    /// <summary>The repository at an address; null where it is none of that host.</summary>
    public static GitHubRepository? Of(string address, string host) =>
        RepositoryIdentity.Of(address)?.Split('/') is [var at, var owner, var name] && at == host ? new(owner, name) : null;

    /// <summary><c>owner/name</c>.</summary>
    public override string ToString() => $"{Owner}/{Name}";
}
