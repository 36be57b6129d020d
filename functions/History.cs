using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tokens;
using Pushcart.Triggers;

namespace Pushcart.Functions;

/// <summary>What keeps storage small.</summary>
public sealed class HistoryFunctions(HistoryCleaning history, SourceCleaning sources, DeliveryCleaning deliveries, DeadLetters dead, ExpiringTokens tokens, TimerTicks ticks)
{
    /// <summary>Deletes what is past its retention, and tells of tokens that expire soon.</summary>
    [Function("CleanHistory")]
    public async Task CleanHistory([TimerTrigger("%CleanHistory:Schedule%")] TimerInfo timer, CancellationToken cancellation)
    {
        await ticks.NoteAsync(TimerTicks.CleanHistory, cancellation);
        await history.CleanAsync(cancellation);
        await sources.CleanAsync(cancellation);
        await deliveries.CleanAsync(cancellation);
        await dead.CleanAsync(cancellation);
        await tokens.LookAsync(cancellation);
    }
}
