using Microsoft.Extensions.Logging;
using Pushcart.Execution;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Membership;

namespace Pushcart.Workers.Working.Runs;

/// <summary>
/// Deletes runs at work that no job knows any more: a job that was ended by force, say, while no process of the worker was there to be told. (A process that has the claim is told by a refusal.)
/// <list type="number">
/// <item>List the runs where the worker's may be: as the server has told on its return, and where this process has had some.</item>
/// <item>Of each that is at work, has been for a while and is no claim of this process, ask the server: by the renewal of a claim that nobody has (attempt 0), so that the answer is why not.</item>
/// <item>Delete it where the job has ended, or is there no more, or is at another run. A run of another worker of this cluster is let be, and so is one of which the server did not speak.</item>
/// </list>
/// A job's row is there before its run, and its id is never used again: a run whose job is missing has ended for good.
/// </summary>
public sealed class OrphanRuns(
    WorkerSettings settings, string instance, ITokens tokens, ServerLink link, IExecutor executor, HeldJobs held, Standing standing, TimeProvider time, ILogger<OrphanRuns> log)
{
    // Attempts of jobs begin with 1.
    private const int NoAttempt = 0;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _namespaces = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _told;

    /// <summary>The server has told where runs of this worker may be.</summary>
    public void Told(IEnumerable<string> namespaces)
    {
        lock (_lock)
        {
            _namespaces.UnionWith(namespaces);
            _told = true;
        }
    }

    /// <summary>A claim's run is, or will be, in this namespace.</summary>
    public void Add(string ns)
    {
        lock (_lock)
        {
            _namespaces.Add(ns);
        }
    }

    /// <summary>Looks once, where the server can be asked.</summary>
    /// <returns>How long to wait before the next time.</returns>
    public async Task<TimeSpan> StepAsync(CancellationToken cancellation)
    {
        HashSet<string> namespaces;
        lock (_lock)
        {
            namespaces = [.. _namespaces];
        }

        if (!_told || !standing.IsMember)
        {
            return s_look;
        }

        // 1. What there is. A namespace that cannot be listed may be of another cluster: what is seen of the others counts.
        var list = namespaces.Count == 0 ? new RunList(true, []) : await executor.ListAsync(namespaces, cancellation).ConfigureAwait(false);
        if (!list.Whole)
        {
            log.LogDebug("runs without a job were not looked for everywhere: {Message}", list.Message);
        }

        var old = time.GetUtcNow() - settings.Orphans;
        foreach (var run in list.Runs.Where(r => r.Phase == RunPhase.Active && !r.Terminating && r.CreatedAt < old))
        {
            if (!IsHeld(run.Key) && await IsOrphanAsync(run.Key, cancellation).ConfigureAwait(false) && !IsHeld(run.Key))
            {
                // 3. As it was seen, and no other.
                var answer = await executor.DeleteAsync(run, cancellation).ConfigureAwait(false);
                log.LogWarning("{Run} is at work, but no job knows it; it is deleted: {Answer}", run.Key.Name, answer.Message ?? "accepted");
            }
        }

        return settings.Orphans;
    }

    private bool IsHeld(RunKey run) => held.All.Any(job => job.Key.Name == run.Name && job.Key.Namespace == run.Namespace);

    // 2. The question.
    private async Task<bool> IsOrphanAsync(RunKey run, CancellationToken cancellation)
    {
        var answer = await link.RenewAsync(tokens, run.JobId, new(settings.Name, instance, NoAttempt, Run: run.Run), cancellation).ConfigureAwait(false);
        return answer.Refusal?.Reason is ConflictReasons.Ended or ConflictReasons.Unknown or ConflictReasons.Requeued;
    }
}
