using System.Diagnostics.CodeAnalysis;
using Octokit;

namespace Pushcart.Providers.GitHub;

/// <summary>Webhooks at GitHub. What one is told are pushes: branches and tags, made, moved and deleted.</summary>
public sealed class GitHubHooks(GitHubConnection connection) : IRepositoryHooks
{
    private static readonly string[] s_events = ["push"];
    private const int MostPages = 30;

    /// <inheritdoc/>
    public string Provider => "github";

    /// <inheritdoc/>
    public bool Manages(string repository) => connection.Settings.IsConfigured && GitHubRepository.Of(repository, connection.Host) is not null;

    /// <inheritdoc/>
    public Task<ProviderAnswer<ProviderHook>> FindAsync(string repository, long id, CancellationToken cancellation) => CallAsync(
        repository, async (client, r) => View(await client.Repository.Hooks.Get(r.Owner, r.Name, checked((int)id)).ConfigureAwait(false)), cancellation);

    /// <inheritdoc/>
    public Task<ProviderAnswer<IReadOnlyList<ProviderHook>>> ListAsync(string repository, CancellationToken cancellation) => CallAsync(
        repository,
        async (client, r) => (await client.Repository.Hooks.GetAll(r.Owner, r.Name).ConfigureAwait(false))?.Select(h => View(h)!).ToList() as IReadOnlyList<ProviderHook>,
        cancellation);

    /// <inheritdoc/>
    public Task<ProviderAnswer<ProviderHook>> CreateAsync(string repository, HookTarget target, CancellationToken cancellation) => CallAsync(
        repository,
        async (client, r) => View(await client.Repository.Hooks.Create(r.Owner, r.Name, new("web", Config(target)) { Events = s_events, Active = true }).ConfigureAwait(false)),
        cancellation);

    /// <inheritdoc/>
    public Task<ProviderAnswer<ProviderHook>> RepairAsync(string repository, long id, HookTarget target, CancellationToken cancellation) => CallAsync(
        repository,
        async (client, r) => View(await client.Repository.Hooks.Edit(r.Owner, r.Name, checked((int)id), new(Config(target)) { Events = s_events, Active = true }).ConfigureAwait(false)),
        cancellation);

    /// <inheritdoc/>
    public async Task<ProviderAnswer> DeleteAsync(string repository, long id, CancellationToken cancellation) => await CallAsync(
        repository,
        async (client, r) =>
        {
            await client.Repository.Hooks.Delete(r.Owner, r.Name, checked((int)id)).ConfigureAwait(false);
            return (object?)id;
        },
        cancellation).ConfigureAwait(false);

    /// <inheritdoc/>
    public Task<ProviderAnswer<IReadOnlyList<HookDelivery>>> DeliveriesAsync(string repository, long id, DateTimeOffset after, CancellationToken cancellation) => CallAsync(
        repository,
        async (client, r) =>
        {
            // Octokit has no call for deliveries. Pages go on by a cursor; the newest come first.
            var all = new List<HookDelivery>();
            var next = new Uri($"repos/{Uri.EscapeDataString(r.Owner)}/{Uri.EscapeDataString(r.Name)}/hooks/{id}/deliveries?per_page=100", UriKind.Relative);
            for (var page = 0; next is not null && page < MostPages; page++)
            {
                var answer = await client.Connection.Get<List<GitHubDelivery>>(next, null).ConfigureAwait(false);
                var deliveries = answer.Body ?? [];
                all.AddRange(deliveries.Where(d => d.DeliveredAt > after).Select(d => d.View()));
                next = deliveries.Count > 0 && deliveries[^1].DeliveredAt > after ? answer.HttpResponse.ApiInfo.Links.GetValueOrDefault("next") : null;
            }

            return all as IReadOnlyList<HookDelivery>;
        },
        cancellation);

    /// <inheritdoc/>
    public async Task<ProviderAnswer> RedeliverAsync(string repository, long id, long delivery, CancellationToken cancellation) => await CallAsync(
        repository,
        async (client, r) => (object?)await client.Connection.Post(
            new($"repos/{Uri.EscapeDataString(r.Owner)}/{Uri.EscapeDataString(r.Name)}/hooks/{id}/deliveries/{delivery}/attempts", UriKind.Relative), cancellation).ConfigureAwait(false),
        cancellation).ConfigureAwait(false);

    private Task<ProviderAnswer<T>> CallAsync<T>(string repository, Func<GitHubClient, GitHubRepository, Task<T?>> call, CancellationToken cancellation) where T : class
    {
        var at = GitHubRepository.Of(repository, connection.Host) ?? throw new ArgumentException("it is no repository of GitHub", nameof(repository));
        return connection.CallAsync(at, GitHubPermission.Hooks, "the webhooks", client => call(client, at), cancellation);
    }

    private static Dictionary<string, string> Config(HookTarget target) => new()
    {
        ["url"] = target.Url,
        ["content_type"] = "json",
        ["secret"] = target.Secret,
        ["insecure_ssl"] = "0",
    };

    private static ProviderHook? View(RepositoryHook? hook) => hook is null ? null : new(
        hook.Id,
        hook.Config?.GetValueOrDefault("url"),
        hook.Active
            && hook.Events is ["push"]
            && hook.Config?.GetValueOrDefault("content_type") == "json"
            && hook.Config.GetValueOrDefault("insecure_ssl") is "0"
            && hook.Config.GetValueOrDefault("secret") is { Length: > 0 });
}

/// <summary>A delivery, as GitHub lists it; Octokit has no model of it.</summary>
public sealed class GitHubDelivery
{
    /// <summary>Id of this attempt.</summary>
    public long Id { get; set; }

    /// <summary>Id of the event.</summary>
    [SuppressMessage("Naming", "CA1720", Justification = "the API's name: Octokit finds the field by it")]
    public string Guid { get; set; } = "";

    /// <summary>When it was made.</summary>
    public DateTimeOffset DeliveredAt { get; set; }

    /// <summary>True where somebody asked for it again.</summary>
    public bool Redelivery { get; set; }

    /// <summary>What was answered; 0 where nothing was.</summary>
    public int StatusCode { get; set; }

    internal HookDelivery View() => new(Id, Guid, DeliveredAt, StatusCode, StatusCode is >= 200 and < 400, Redelivery);
}
