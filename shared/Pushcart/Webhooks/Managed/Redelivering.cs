using Microsoft.Extensions.Logging;
using Pushcart.Providers;
using Pushcart.Triggers;

namespace Pushcart.Webhooks.Managed;

/// <summary>
/// Asks for failed deliveries again, once each: GitHub does not by itself. What was asked for is told by the provider's own list, so no crash asks twice; the row only says
/// from where the list is read.
/// </summary>
public sealed class Redelivering(TimeProvider time, ILogger<Redelivering> log)
{
    /// <summary>How old a delivery may be. 3 days: no provider keeps them longer.</summary>
    public static TimeSpan Oldest { get; } = TimeSpan.FromDays(3);

    // Lists are in the order of deliveries only roughly.
    private static readonly TimeSpan s_margin = TimeSpan.FromMinutes(10);

    // A provider's limits are for everything that is asked of it; an hour later the rest follows.
    private const int MostAsked = 100;

    /// <summary>Finds the deliveries that failed and were not asked for again, oldest first.</summary>
    public async Task<(IReadOnlyList<HookDelivery> Failed, string? Error)> FindAsync(IRepositoryHooks provider, HookState row, CancellationToken cancellation)
    {
        var oldest = time.GetUtcNow() - Oldest;
        var after = row.Seen - s_margin is { } seen && seen > oldest ? seen : oldest;
        var answer = await provider.DeliveriesAsync(row.Repository, row.HookId!.Value, after, cancellation).ConfigureAwait(false);

        // A webhook that is gone has no deliveries; that it is gone is found out elsewhere.
        return answer.Value is null
            ? ([], answer.Result == ProviderResult.Missing ? null : answer.Message)
            : ([.. answer.Value
                .GroupBy(d => d.Event)
                .Where(attempts => !attempts.Any(a => a.Succeeded || a.IsRedelivery))
                .Select(attempts => attempts.MaxBy(a => a.At)!)
                .OrderBy(d => d.At)
                .Take(MostAsked)], null);
    }

    /// <summary>Asks for them again.</summary>
    /// <returns>What is known of the webhook now, and what is wrong; null where nothing is.</returns>
    public async Task<(HookState Row, string? Error)> AskAsync(IRepositoryHooks provider, HookState row, IReadOnlyList<HookDelivery> failed, CancellationToken cancellation)
    {
        foreach (var delivery in failed)
        {
            var answer = await provider.RedeliverAsync(row.Repository, row.HookId!.Value, delivery.Id, cancellation).ConfigureAwait(false);
            if (answer.Result == ProviderResult.Failed)
            {
                return (row, answer.Message);
            }

            log.LogInformation(
                "the delivery {Event} of {Repository} had failed ({Status}) and is asked for again: {Answer}",
                delivery.Event, row.Repository, delivery.StatusCode, answer.Message ?? "accepted");
            row = row with { Seen = row.Seen > delivery.At ? row.Seen : delivery.At };
        }

        return (row, null);
    }
}
