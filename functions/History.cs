using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs.Finished;
using Pushcart.Storage;
using Pushcart.Tokens;
using Pushcart.Triggers;
using Pushcart.Workers.Serving;

namespace Pushcart.Functions;

/// <summary>What keeps storage small.</summary>
public sealed class HistoryFunctions(HistoryCleaning history, TriggerCleaning triggers, WorkerCleaning workers, DeadLetters dead, ExpiringTokens tokens, TimerTicks ticks)
{
    /// <summary>Deletes what is past its retention, and tells of tokens that expire soon.</summary>
    [Function("CleanHistory")]
    public async Task CleanHistory([TimerTrigger("%CleanHistory:Schedule%")] TimerInfo timer, CancellationToken cancellation)
    {
        await ticks.NoteAsync(TimerTicks.CleanHistory, cancellation);
        await history.CleanAsync(cancellation);
        await triggers.CleanAsync(cancellation);
        await workers.CleanAsync(cancellation);
        await dead.CleanAsync(cancellation);
        await tokens.LookAsync(cancellation);
    }
}
