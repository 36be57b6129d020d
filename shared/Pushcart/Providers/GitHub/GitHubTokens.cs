using System.Collections.Concurrent;
using Octokit;

namespace Pushcart.Providers.GitHub;

/// <summary>
/// What a call proves by who it is: the token of the settings; or one of the App's installation, narrowed to the repository and the permission, kept in memory and renewed
/// before it ends.
/// </summary>
internal sealed class GitHubTokens(GitHubSettings settings, TimeProvider time)
{
    private const int MostKept = 1000;
    private static readonly TimeSpan s_renewBefore = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_installationKept = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<(GitHubRepository, string), AccessToken> _tokens = new();
    private readonly ConcurrentDictionary<GitHubRepository, (long Id, DateTimeOffset Until)> _installations = new();

    /// <summary>The credentials of a call.</summary>
    /// <param name="repository">Of which repository.</param>
    /// <param name="permission">What it takes.</param>
    /// <param name="client">A client with such credentials.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ApiException">GitHub gives none: the App is not installed there, or lacks the permission.</exception>
    public async Task<(Credentials? Credentials, string? Error)> FindAsync(
        GitHubRepository repository, GitHubPermission permission, Func<Credentials, GitHubClient> client, CancellationToken cancellation)
    {
        if (!settings.IsApp)
        {
            var (token, error) = settings.ReadToken();
            return token is null ? (null, error ?? "GitHub:Token is not set") : (new(token), null);
        }

        if (_tokens.TryGetValue((repository, permission.Key), out var kept) && kept.ExpiresAt - s_renewBefore > time.GetUtcNow())
        {
            return (new(kept.Token), null);
        }

        var (key, fault) = settings.ReadKey();
        if (key is null)
        {
            return (null, fault);
        }

        using (key)
        {
            var app = client(new(AppToken.New(settings.AppId!, key, time.GetUtcNow()), AuthenticationType.Bearer));
            var fresh = await NewAsync(app, repository, permission, cancellation).ConfigureAwait(false);
            Keep(_tokens, (repository, permission.Key), fresh);
            return (new(fresh.Token), null);
        }
    }

    /// <summary>Forgets a token that is not accepted any more.</summary>
    /// <returns>False where none was kept: a new one would not be another.</returns>
    public bool Forget(GitHubRepository repository, GitHubPermission permission) => _tokens.TryRemove((repository, permission.Key), out _);

    /// <summary>Forgets which installation is a repository's: it may have been made anew.</summary>
    public void ForgetInstallation(GitHubRepository repository) => _installations.TryRemove(repository, out _);

    private async Task<AccessToken> NewAsync(GitHubClient app, GitHubRepository repository, GitHubPermission permission, CancellationToken cancellation)
    {
        if (!_installations.TryGetValue(repository, out var installation) || installation.Until < time.GetUtcNow())
        {
            var found = await app.GitHubApps.GetRepositoryInstallationForCurrent(repository.Owner, repository.Name).ConfigureAwait(false);
            installation = (found?.Id ?? throw new FormatException("an answer without a body"), time.GetUtcNow() + s_installationKept);
            Keep(_installations, repository, installation);
        }

        // Octokit's own call asks for a token of everything that the App may do; this one names the repository and the permission.
        var narrowed = new Dictionary<string, object>
        {
            ["repositories"] = new[] { repository.Name },
            ["permissions"] = new Dictionary<string, object> { [permission.Key] = "write" },
        };
        var answer = await app.Connection.Post<AccessToken>(
            new($"app/installations/{installation.Id}/access_tokens", UriKind.Relative), narrowed, null, null, null, cancellation).ConfigureAwait(false);
        return answer.Body is { Token.Length: > 0 } token ? token : throw new FormatException("an answer without a token");
    }

    // What is kept is asked for again where it is missing; so where there is too much of it, all goes.
    private static void Keep<TKey, TValue>(ConcurrentDictionary<TKey, TValue> kept, TKey key, TValue value) where TKey : notnull
    {
        if (kept.Count >= MostKept)
        {
            kept.Clear();
        }

        kept[key] = value;
    }
}
