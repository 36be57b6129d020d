namespace Pushcart.Jobs;

/// <summary>Which queued jobs could be claimed now.</summary>
public static class Startable
{
    /// <summary>Jobs of the built-in worker that are <see cref="Ready"/>: oldest first, as many as it has slots free.</summary>
    /// <param name="jobs">All live jobs.</param>
    /// <param name="limit">Slots of the built-in worker.</param>
    /// <param name="now">Now.</param>
    public static List<Job> Among(IReadOnlyCollection<Job> jobs, int limit, DateTimeOffset now)
    {
        var free = limit - jobs.Count(j => j is { IsActive: true, IsRegistered: false } && j.Slot < limit);
        return [.. Ready(jobs, now).Where(j => !j.IsRouted).Take(free)];
    }

    /// <summary>Jobs of any worker whose time has come, with a slot of their group free and no older one of their group queued: oldest first.</summary>
    /// <param name="jobs">All live jobs.</param>
    /// <param name="now">Now.</param>
    public static IEnumerable<Job> Ready(IReadOnlyCollection<Job> jobs, DateTimeOffset now)
    {
        var blocked = new HashSet<(string, string)>();
        foreach (var job in jobs.Where(j => j.State == JobState.Queued).OrderBy(j => j.Id, StringComparer.Ordinal))
        {
            // The oldest of a group is waited for, even in back-off or while its worker is away: the ones behind it keep their order.
            if (job.Group is { } group && (!blocked.Add((job.Namespace, group)) || !HasRoom(job, jobs)))
            {
                continue;
            }

            if (job.NotBefore <= now)
            {
                yield return job;
            }
        }
    }

    /// <summary>True where fewer of the job's group are claimed or running than its limit.</summary>
    public static bool HasRoom(Job job, IEnumerable<Job> jobs) =>
        jobs.Count(j => j.IsActive && j.Group == job.Group && j.Namespace == job.Namespace) < job.GroupLimit;

    /// <summary>True where an older job of the same group is queued.</summary>
    public static bool IsBehind(Job job, IEnumerable<Job> jobs) => jobs.Any(j => j.State == JobState.Queued && j.Group == job.Group
        && j.Namespace == job.Namespace && string.CompareOrdinal(j.Id, job.Id) < 0);
}
