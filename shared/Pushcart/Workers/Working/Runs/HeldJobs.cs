using System.Collections.Concurrent;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Working.Runs;

/// <summary>The claims that the worker has.</summary>
public sealed class HeldJobs
{
    private readonly ConcurrentDictionary<(string Job, int Attempt), HeldJob> _all = new();

    /// <summary>How many.</summary>
    public int Count => _all.Count;

    /// <summary>All of them, oldest jobs first.</summary>
    public IReadOnlyList<HeldJob> All => [.. _all.Values.OrderBy(j => j.Id, StringComparer.Ordinal).ThenBy(j => j.Job.Attempt)];

    /// <summary>The claims that are still the worker's, for a check-in.</summary>
    public IReadOnlyList<JobAttempt> Attempts => [.. All.Where(j => j.Phase is not (HoldPhase.Removing or HoldPhase.Done)).Select(j => new JobAttempt(j.Id, j.Job.Attempt))];

    /// <summary>Adds one, in place of an older claim of the same run.</summary>
    /// <returns>False where the worker has it already.</returns>
    public bool Add(HeldJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        foreach (var older in _all.Values.Where(j => j.Key == job.Key && j.Job.Attempt < job.Job.Attempt))
        {
            // What was to be deleted is this claim's now: the run has the same name. A run before it is seen to by its own claim to the end.
            older.Phase = HoldPhase.Done;
            Remove(older);
        }

        return _all.TryAdd((job.Id, job.Job.Attempt), job);
    }

    /// <summary>Lets go of one.</summary>
    public void Remove(HeldJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        _all.TryRemove((job.Id, job.Job.Attempt), out _);
    }

    /// <summary>Notes what a check-in was answered about some of them.</summary>
    public void Judge(IReadOnlyList<Verdict> verdicts)
    {
        ArgumentNullException.ThrowIfNull(verdicts);
        foreach (var verdict in verdicts)
        {
            if (_all.TryGetValue((verdict.Job, verdict.Attempt), out var job))
            {
                job.Judge(verdict.Reason);
            }
        }
    }
}
