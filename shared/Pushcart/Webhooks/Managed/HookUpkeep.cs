using Microsoft.Extensions.Logging;
using Pushcart.Providers;
using Pushcart.Triggers;

namespace Pushcart.Webhooks.Managed;

/// <summary>Makes the webhook of one repository as it should be, and removes it.</summary>
public sealed class HookUpkeep(IEnumerable<IRepositoryHooks> providers, ManagedSecret secret, PublicUrl url, TimeProvider time, ILogger<HookUpkeep> log)
{
    /// <summary>What a repository's webhook is to be now.</summary>
    /// <returns>The provider, what the webhook is to be, and the period of its secret; or why it cannot be managed.</returns>
    public (IRepositoryHooks? Provider, HookTarget? Target, long Period, string? Error) Plan(string repository)
    {
        var period = ManagedSecret.PeriodOf(time.GetUtcNow());
        return providers.FirstOrDefault(p => p.Manages(repository)) is not { } provider
                ? (null, null, period, "webhook.manage: the repository is at no provider whose webhooks can be managed: set GitHub:AppId or GitHub:Token, and GitHub:Url where it is not at github.com")
            : url.Of($"hooks/{provider.Provider}") is not { } address
                ? (provider, null, period, "webhook.manage: set PublicUrl to the address at which the provider reaches Pushcart")
            : !secret.IsConfigured
                ? (provider, null, period, "webhook.manage: set Webhooks:Key, from which the secret of the webhook is derived")
            : (provider, new(address, secret.Of(repository, period)), period, null);
    }

    /// <summary>Finds, makes, adopts or repairs the webhook.</summary>
    /// <param name="provider">The provider.</param>
    /// <param name="row">What is known of it.</param>
    /// <param name="target">What it is to be.</param>
    /// <param name="period">Period of the target's secret.</param>
    /// <param name="wrongSecret">True where its deliveries were not accepted: somebody has changed its secret.</param>
    /// <param name="cancellation">Ends the calls.</param>
    /// <returns>What is known of it now, and what is wrong; null where nothing is.</returns>
    public async Task<(HookState Row, string? Error)> KeepAsync(
        IRepositoryHooks provider, HookState row, HookTarget target, long period, bool wrongSecret, CancellationToken cancellation)
    {
        if (row.HookId is { } id)
        {
            var found = await provider.FindAsync(row.Repository, id, cancellation).ConfigureAwait(false);
            if (found.Value is { } hook)
            {
                var good = hook.AsItShouldBe && hook.Url == target.Url && row.Period == period && !wrongSecret;
                return good ? (row with { Url = target.Url }, null) : await RepairAsync(provider, row, id, target, period, cancellation).ConfigureAwait(false);
            }

            if (found.Result != ProviderResult.Missing)
            {
                return (row, found.Message);
            }

            log.LogInformation("the webhook {Id} of {Repository} is gone; it is made anew", id, row.Repository);
            row = row with { HookId = null, Seen = null };
        }

        return await MakeAsync(provider, row, target, period, cancellation).ConfigureAwait(false);
    }

    /// <summary>Removes the webhook.</summary>
    /// <returns>Why it is still there; null once it is gone.</returns>
    public async Task<string?> RemoveAsync(HookState row, CancellationToken cancellation)
    {
        if (row is { HookId: null, Url: null })
        {
            return null;
        }

        if (providers.FirstOrDefault(p => p.Provider == row.Provider && p.Manages(row.Repository)) is not { } provider)
        {
            return "it is managed no more, but cannot be removed without GitHub:AppId or GitHub:Token; set one of them, or remove the webhook by hand";
        }

        var id = row.HookId;
        if (id is null)
        {
            // Whoever was about to make it may have done so, and died.
            var (there, error) = await FindByUrlAsync(provider, row.Repository, row.Url!, cancellation).ConfigureAwait(false);
            if (there is null)
            {
                return error;
            }

            id = there.Id;
        }

        var answer = await provider.DeleteAsync(row.Repository, id.Value, cancellation).ConfigureAwait(false);
        return answer.Result is ProviderResult.Done or ProviderResult.Missing ? null : answer.Message;
    }

    private async Task<(HookState Row, string? Error)> MakeAsync(IRepositoryHooks provider, HookState row, HookTarget target, long period, CancellationToken cancellation)
    {
        var (there, error) = await FindByUrlAsync(provider, row.Repository, target.Url, cancellation).ConfigureAwait(false);
        if (error is not null)
        {
            return (row, error);
        }

        if (there is null)
        {
            var made = await provider.CreateAsync(row.Repository, target, cancellation).ConfigureAwait(false);
            if (made.Value is { } hook)
            {
                log.LogInformation("the webhook {Id} of {Repository} is made", hook.Id, row.Repository);
                return (row with { HookId = hook.Id, Url = target.Url, Period = period }, null);
            }

            if (made.Result != ProviderResult.Exists)
            {
                return (row, made.Message);
            }

            // Another pass was faster.
            (there, error) = await FindByUrlAsync(provider, row.Repository, target.Url, cancellation).ConfigureAwait(false);
            if (there is null)
            {
                return (row, error ?? made.Message);
            }
        }

        // It is ours by its address; what its secret is cannot be read.
        log.LogInformation("the webhook {Id} of {Repository} is there already, and adopted", there.Id, row.Repository);
        return await RepairAsync(provider, row with { HookId = there.Id }, there.Id, target, period, cancellation).ConfigureAwait(false);
    }

    private static async Task<(HookState Row, string? Error)> RepairAsync(
        IRepositoryHooks provider, HookState row, long id, HookTarget target, long period, CancellationToken cancellation)
    {
        var answer = await provider.RepairAsync(row.Repository, id, target, cancellation).ConfigureAwait(false);
        return answer.Result switch
        {
            ProviderResult.Done => (row with { Url = target.Url, Period = period }, null),

            // Deleted in this moment: the next pass makes it anew.
            ProviderResult.Missing => (row with { HookId = null, Seen = null }, answer.Message),
            _ => (row, answer.Message),
        };
    }

    private static async Task<(ProviderHook? Hook, string? Error)> FindByUrlAsync(IRepositoryHooks provider, string repository, string url, CancellationToken cancellation)
    {
        var all = await provider.ListAsync(repository, cancellation).ConfigureAwait(false);
        return all.Value is null ? (null, all.Message) : (all.Value.Where(h => h.Url == url).MinBy(h => h.Id), null);
    }
}
