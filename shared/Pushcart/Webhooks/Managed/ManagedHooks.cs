using Microsoft.Extensions.Logging;
using Pushcart.Jobs;
using Pushcart.Providers;
using Pushcart.Resources;
using Pushcart.Resources.Stored;
using Pushcart.Storage;
using Pushcart.Triggers;

namespace Pushcart.Webhooks.Managed;

/// <summary>
/// Keeps the webhooks of all repositories whose sources say <c>webhook.manage: true</c>. The row comes before the webhook, and what a crash leaves is found by its address:
/// <list type="number">
/// <item>a repository that is managed and has no row gets one;</item>
/// <item>its webhook is made, adopted where it is there already, or repaired (<see cref="HookUpkeep"/>); its secret changes with the period;</item>
/// <item>deliveries that failed are asked for again (<see cref="Redelivering"/>);</item>
/// <item>a row whose repository is managed no more goes after its webhook.</item>
/// </list>
/// What a provider refuses stands on the row, as the error of the repository's sources, and is tried again by the next pass. Two passes at once do no harm: each row is
/// written on the version that was seen, and a webhook that is made twice exists once.
/// </summary>
public sealed class ManagedHooks(LiveSources live, ResourceStore resources, HookUpkeep upkeep, Redelivering redelivering, ILogger<ManagedHooks> log)
{
    /// <summary>Makes a pass.</summary>
    public async Task PassAsync(CancellationToken cancellation)
    {
        // Rows first: a source that comes after the catalog was read has no row in the list yet.
        var rows = (await live.HooksAsync(cancellation).ConfigureAwait(false)).ToDictionary(h => h.Key);
        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        var managed = Managed(catalog);
        foreach (var (key, repository) in managed)
        {
            await KeepAsync(rows.GetValueOrDefault(key) ?? new() { Key = key, Repository = repository }, cancellation).ConfigureAwait(false);
        }

        // A source that this version cannot read may ask for its webhook.
        var unreadable = catalog.All.Any(r => r is { Spec: null, Name.Kind: ResourceKind.GitRepo or ResourceKind.ClusterGitRepo });
        foreach (var row in rows.Values.Where(r => !unreadable && !managed.ContainsKey(r.Key)))
        {
            await RemoveAsync(row, cancellation).ConfigureAwait(false);
        }
    }

    private static Dictionary<string, string> Managed(Catalog catalog) => catalog.All
        .Select(r => r.Spec)
        .OfType<GitRepoSpec>()
        .Where(s => s.ManageWebhook && HookState.KeyOf(s.RepoUri) is not null)
        .GroupBy(s => HookState.KeyOf(s.RepoUri)!)
        .ToDictionary(g => g.Key, g => g.Select(s => s.RepoUri).Min(StringComparer.Ordinal)!);

    private async Task KeepAsync(HookState before, CancellationToken cancellation)
    {
        var (provider, target, period, error) = upkeep.Plan(before.Repository);
        if (target is null)
        {
            await WriteAsync(before, before with { Error = error }, cancellation).ConfigureAwait(false);
            return;
        }

        // The row first: who makes a webhook leaves word of it, so that it can be found and removed.
        var now = before with { Provider = provider!.Provider, Url = before.Url ?? target.Url };
        if (now != before)
        {
            if (await WriteAsync(before, now, cancellation).ConfigureAwait(false) is not { } written)
            {
                return;
            }

            before = now = written;
        }

        var (next, failed) = (now, (string?)null);
        IReadOnlyList<HookDelivery> again = [];
        if (now.HookId is not null)
        {
            (again, failed) = await redelivering.FindAsync(provider, now, cancellation).ConfigureAwait(false);
        }

        if (failed is null)
        {
            (next, failed) = await upkeep.KeepAsync(provider, now, target, period, again.Any(d => d.StatusCode == 401), cancellation).ConfigureAwait(false);
        }

        if (failed is null && next.HookId == now.HookId)
        {
            (next, failed) = await redelivering.AskAsync(provider, next, again, cancellation).ConfigureAwait(false);
        }

        await WriteAsync(before, next with { Error = failed }, cancellation).ConfigureAwait(false);
    }

    private async Task RemoveAsync(HookState row, CancellationToken cancellation)
    {
        if (await upkeep.RemoveAsync(row, cancellation).ConfigureAwait(false) is { } error)
        {
            await WriteAsync(row, row with { Error = error }, cancellation).ConfigureAwait(false);
            return;
        }

        log.LogInformation("the webhook of {Repository} is managed no more, and gone", row.Repository);
        await live.WriteAsync([Change.Delete(JobRow.Partition, row.Key, row.ETag)], cancellation).ConfigureAwait(false);
    }

    /// <summary>Writes a row where it says something new; null where another pass was faster, which goes on with it.</summary>
    private async Task<HookState?> WriteAsync(HookState before, HookState next, CancellationToken cancellation)
    {
        if (next.Error is not null && next.Error != before.Error)
        {
            log.LogWarning("the webhook of {Repository} is not as it should be: {Error}", next.Repository, next.Error);
        }

        if (next == before && before.ETag != default)
        {
            return next;
        }

        var answer = await live.WriteAsync([next.Write()], cancellation).ConfigureAwait(false);
        return answer.Applied ? next with { ETag = answer.ETags[0] } : null;
    }
}
