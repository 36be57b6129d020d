using Pushcart.Tokens;

namespace Pushcart.Workers.Serving;

/// <summary>Deletes pods of shared names that were not seen for an hour, and values of tokens that ended more than an hour ago.</summary>
public sealed class WorkerCleaning(WorkerStore workers, WorkerTokens tokens)
{
    /// <summary>Cleans once.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        await workers.CleanAsync(cancellation).ConfigureAwait(false);
        await tokens.CleanAsync(cancellation).ConfigureAwait(false);
    }
}
