using Microsoft.Extensions.Logging;
using Pushcart.Jobs.Views;

namespace Pushcart.Jobs.Finished;

/// <summary>Deletes finished jobs past their retention, and what registered workers have sent of their output.</summary>
public sealed class HistoryCleaning(History history, JobStore jobs, RunOutput output, HistorySettings settings, TimeProvider time, ILogger<HistoryCleaning> log)
{
    /// <summary>Cleans once.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        if (settings.Expiration == TimeSpan.Zero)
        {
            return;
        }

        // Before the query: a job that is archived meanwhile is too young to be deleted, or was here.
        var alive = (await jobs.AllAsync(filter: null, cancellation).ConfigureAwait(false)).Select(j => j.Id).ToHashSet();
        var deleted = await history.DeleteAsync(time.GetUtcNow() - settings.Expiration, alive, output.DeleteAsync, cancellation).ConfigureAwait(false);
        if (deleted > 0)
        {
            log.LogInformation("history: {Count} jobs that ended more than {Expiration} ago were deleted", deleted, settings.Expiration);
        }
    }
}
