using System.Collections.Concurrent;
using System.Runtime.Serialization;
using System.Text.Json;
using Octokit;
using Octokit.Internal;

namespace Pushcart.Providers.GitHub;

/// <summary>A permission of a GitHub App.</summary>
/// <param name="Key">Its name in the API, of which a token gets <c>write</c>.</param>
/// <param name="Words">Its name on GitHub's pages.</param>
internal sealed record GitHubPermission(string Key, string Words)
{
    public static GitHubPermission Statuses { get; } = new("statuses", "'Commit statuses: read and write'");

    public static GitHubPermission Hooks { get; } = new("repository_hooks", "'Webhooks: read and write'");
}

/// <summary>
/// Calls GitHub: one call after the other, as GitHub asks for, each within 10 s in all, and none before the time that GitHub has named. What it answers is a value.
/// </summary>
public sealed class GitHubConnection : IDisposable
{
    private static readonly ProductHeaderValue s_product = new("pushcart", typeof(GitHubConnection).Assembly.GetName().Version!.ToString(3));
    private readonly GitHubTokens _tokens;
    private readonly Uri _api;
    private readonly HttpMessageInvoker _connections;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _one = new(1);

    // When GitHub wants to be asked again, by the account whose limit it is. Who does not know it asks, and is told.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _notBefore = new();

    /// <param name="settings">Who Pushcart is there.</param>
    /// <param name="time">Runs time-outs.</param>
    /// <param name="transport">What carries the requests; null: the network.</param>
    public GitHubConnection(GitHubSettings settings, TimeProvider time, HttpMessageHandler? transport = null)
    {
        ArgumentNullException.ThrowIfNull(settings);
        (Settings, _api, _time) = (settings, settings.Api, time);
        _connections = new(transport ?? new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) });
        _tokens = new(settings, time);
        Host = GitHubRepository.HostOf(settings.Url)!;
    }

    /// <summary>Who Pushcart is there.</summary>
    public GitHubSettings Settings { get; }

    /// <summary>Host of the repositories.</summary>
    internal string Host { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _one.Dispose();
    }

    /// <summary>Makes a call.</summary>
    /// <param name="repository">Of which repository.</param>
    /// <param name="permission">What it takes.</param>
    /// <param name="what">For people: <c>the status of a commit</c>.</param>
    /// <param name="call">The call. Null is no answer.</param>
    /// <param name="cancellation">Ends it.</param>
    internal async Task<ProviderAnswer<T>> CallAsync<T>(
        GitHubRepository repository, GitHubPermission permission, string what, Func<GitHubClient, Task<T?>> call, CancellationToken cancellation) where T : class
    {
        var account = Settings.IsApp ? repository.Owner : "";
        using var timer = new CancellationTokenSource(IStatusReports.Within, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        var thing = $"{what} of {repository}";
        try
        {
            await _one.WaitAsync(either.Token).ConfigureAwait(false);
            try
            {
                return await CallAsync(account, repository, permission, thing, call, either.Token).ConfigureAwait(false);
            }
            finally
            {
                _one.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(ProviderResult.Failed, null, $"GitHub gives no answer to {thing} within {IStatusReports.Within.TotalSeconds:0} s");
        }
        catch (HttpRequestException e)
        {
            return new(ProviderResult.Failed, null, $"GitHub cannot be reached for {thing}: {e.Message}");
        }
        catch (Exception e) when (e is JsonException or SerializationException or InvalidCastException or FormatException or InvalidOperationException)
        {
            // Something stands in between that is not GitHub: a proxy's page, or redirects in a circle.
            return new(ProviderResult.Failed, null, $"what answers for {thing} does not speak GitHub's API; look at GitHub:ApiUrl");
        }
    }

    private async Task<ProviderAnswer<T>> CallAsync<T>(
        string account, GitHubRepository repository, GitHubPermission permission, string what, Func<GitHubClient, Task<T?>> call, CancellationToken cancellation) where T : class
    {
        if (_notBefore.TryGetValue(account, out var until) && until > _time.GetUtcNow())
        {
            return new(ProviderResult.Failed, null, $"GitHub's limit is used up until {until.UtcDateTime:HH:mm:ss} UTC; {what} waits", until);
        }

        for (var again = false; ; again = true)
        {
            GitHubClient? client = null;
            try
            {
                var (credentials, error) = await _tokens.FindAsync(repository, permission, credentials => Client(credentials, cancellation), cancellation).ConfigureAwait(false);
                if (credentials is null)
                {
                    return new(ProviderResult.Failed, null, error);
                }

                client = Client(credentials, cancellation);
                var value = await call(client).ConfigureAwait(false);
                Note(account, GitHubFailures.UsedUp(client.GetLastApiInfo(), _time.GetUtcNow()));
                return value is null ? throw new FormatException("an answer without a body") : new(ProviderResult.Done, value);
            }
            catch (AuthorizationException) when (!again && client is not null && _tokens.Forget(repository, permission))
            {
                // The token was taken back before its time; a new one is asked for, once.
            }
            catch (ApiException e)
            {
                if (client is null)
                {
                    _tokens.ForgetInstallation(repository);
                }

                var answer = GitHubFailures.Of(e, client is null ? $"who asks for {what}" : what, permission.Words, _time.GetUtcNow());
                Note(account, answer.NotBefore);
                return answer.With<T>(null);
            }
        }
    }

    // Dispose would end no connection: the handler of a call holds none.
    private GitHubClient Client(Credentials credentials, CancellationToken call) => new(new Connection(
        s_product, _api, new InMemoryCredentialStore(credentials), new HttpClientAdapter(() => new CallHandler(_connections, call)), new SimpleJsonSerializer()));

    private void Note(string account, DateTimeOffset? until)
    {
        if (until is { } time)
        {
            _notBefore[account] = time;
        }
    }
}
