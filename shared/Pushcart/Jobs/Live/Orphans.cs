using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Resources.Stored;

namespace Pushcart.Jobs.Live;

/// <summary>Deletes active runs of this installation that no row knows: those of a cancelled job that was ended by force, say.</summary>
public sealed class Orphans(JobStore jobs, IExecutor executor, ResourceStore resources, JobSettings settings, TimeProvider time, ILogger<Orphans> log)
{
    /// <summary>Lists first and reads each row afterwards: a row is there before its run, so a missing one has ended.</summary>
    public async Task DeleteAsync(CancellationToken cancellation)
    {
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var namespaces = catalog.All.Select(r => r.Name.Namespace).OfType<string>().ToHashSet();
        var list = await executor.ListAsync(namespaces, cancellation).ConfigureAwait(false);
        var old = time.GetUtcNow() - settings.Orphans;
        foreach (var run in list.Runs.Where(r => r.Phase == RunPhase.Active && !r.Terminating && r.CreatedAt < old))
        {
            if (await jobs.FindAsync(run.Key.JobId, cancellation).ConfigureAwait(false) is null)
            {
                var answer = await executor.DeleteAsync(run, cancellation).ConfigureAwait(false);
                log.LogWarning("{Run} is at work, but no job knows it; it is deleted: {Answer}", run.Key.Name, answer.Message ?? "accepted");
            }
        }
    }
}
