namespace Pushcart.Jobs;

/// <summary>Which queued jobs could be claimed now.</summary>
public static class Startable
{
    /// <summary>
    /// Jobs whose time has come, with a slot of the built-in worker and of their group free and no older one of their group queued: oldest first, as many as there are slots.
    /// </summary>
    /// <param name="jobs">All live jobs.</param>
    /// <param name="limit">Slots of the built-in worker.</param>
    /// <param name="now">Now.</param>
    public static List<Job> Among(IReadOnlyCollection<Job> jobs, int limit, DateTimeOffset now)
    {
        var free = limit - jobs.Count(j => j is { IsActive: true, IsRegistered: false } && j.Slot < limit);
        var chosen = new List<Job>();
        var blocked = new HashSet<(string, string)>();
        foreach (var job in jobs.Where(j => j.State == JobState.Queued).OrderBy(j => j.Id, StringComparer.Ordinal))
        {
            if (chosen.Count >= free)
            {
                break;
            }

            // The oldest of a group is waited for, even in back-off: the ones behind it keep their order.
            if (job.Group is { } group && (!blocked.Add((job.Namespace, group)) || !HasRoom(job, jobs)))
            {
                continue;
            }

            if (job.NotBefore <= now)
            {
                chosen.Add(job);
            }
        }

        return chosen;
    }

    /// <summary>True where fewer of the job's group are claimed or running than its limit.</summary>
    public static bool HasRoom(Job job, IEnumerable<Job> jobs) =>
        jobs.Count(j => j.IsActive && j.Group == job.Group && j.Namespace == job.Namespace) < job.GroupLimit;

    /// <summary>True where an older job of the same group is queued.</summary>
    public static bool IsBehind(Job job, IEnumerable<Job> jobs) => jobs.Any(j => j.State == JobState.Queued && j.Group == job.Group
        && j.Namespace == job.Namespace && string.CompareOrdinal(j.Id, job.Id) < 0);
}
