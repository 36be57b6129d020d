using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>The book of what registered workers may do: who gets a job, when it is created, and when it counts as lost.</summary>
internal sealed class WorkerBook(Simulation sim, Action<bool, string> check, Func<IEnumerable<Job>> live)
{
    private static readonly TimeSpan ClocksApart = TimeSpan.FromSeconds(8);

    // Observe must have ticked for a minute, looks every 35 s, and a pass from before may hang for a while.
    private static readonly TimeSpan LongestJudgement = TimeSpan.FromMinutes(5);

    private readonly HashSet<string> untold = [];

    /// <summary>A job has changed.</summary>
    public void Changed(Job before, Job after)
    {
        if (after.ClaimKey != before.ClaimKey && after.ClaimKey is not null)
        {
            check(after.Attempt > before.Attempt, $"job {after.Id} is claimed anew by {after.Worker}, and its attempt stays {after.Attempt}");
        }

        if (before.IsActive && after.IsActive && after.ClaimKey != before.ClaimKey)
        {
            // A call that is late is no process that returns. Two at once with one state, which a file's lock prevents, are told apart by who has checked in last.
            var (from, to) = (sim.Sites.Keys[before.ClaimKey!], sim.Sites.Keys[after.ClaimKey!]);
            check(to != from && (to.Number > from.Number || to.LastCheckIn > from.LastCheckIn || (to.WorkerName != from.WorkerName && before.Lease <= sim.Clock.Now + ClocksApart)), $"job {after.Id} goes from {from.Name} to {to.Name}, which is no later process");
        }

        if (before.State == JobState.Queued && after.State == JobState.Claimed)
        {
            Claimed(after);
        }

        if (before.IsActive && after.IsActive)
        {
            check(before.Cluster == after.Cluster, $"job {after.Id} goes from cluster {before.Cluster} to {after.Cluster} without an end of its claim");
        }

        if ((TookTooLong(before) && after.State != JobState.Running) || after is { State: JobState.Ended, Reason: "may still be running" })
        {
            untold.Add(RunNames.Of(before).Name);
        }

        if (before.IsRegistered && after is { State: JobState.Ended, Outcome: JobOutcome.Lost } && sim.Sites.Of(before.Worker)?.RepairedAt is { } repaired)
        {
            check(!(before.StartedAt > repaired + TimeSpan.FromMinutes(1)), $"job {after.Id} is lost, but {before.Worker} has been there all the time");
        }
    }

    /// <summary>A run is about to be created.</summary>
    public void Creates(ClusterRun run, Job job)
    {
        check(run.Cluster.Name == job.Cluster, $"{run.Spec.Key.Name} is created in {run.Cluster.Name ?? "the built-in cluster"}, but its job is at {job.Cluster ?? "the built-in one"}");
        check(run.Cluster.Name is null || job.State == JobState.Running, $"{run.Spec.Key.Name} is created, but no start of it was answered: {job.State}");
        foreach (var other in sim.RunsThere)
        {
            check(!other.IsWorking || other.Spec.Key.JobId != job.Id, $"{run.Spec.Key.Name} is created while {other.Spec.Key.Name} is at work in {other.Cluster.Name ?? "the built-in cluster"}");
        }
    }

    /// <summary>True where a started job's time is over, as somebody's clock has it.</summary>
    public bool TookTooLong(Job before) => before.IsRegistered && before.State == JobState.Running && before.Takeover <= sim.Clock.Now + ClocksApart;

    /// <summary>
    /// True where nobody may have set how long a run is kept: only the process that told its end does, and there may be none, or it may have died since. The run then stays for as long as one whose
    /// end is not on record.
    /// </summary>
    public bool MayKeepTtl(ClusterRun run) => run.Ttl == JobSettings.UnrecordedTtl && run.Cluster.Name is { } name
        && (untold.Contains(run.Spec.Key.Name) || sim.Sites.All.Single(site => site.Cluster.Name == name).LastEnd > run.View.EndedAt);

    /// <summary>Without faults: who is started ends by its time.</summary>
    public void CheckTakeovers()
    {
        if (sim.FaultsStopped < sim.Clock.Now - LongestJudgement && !sim.IsAway)
        {
            foreach (var job in live().Where(j => j.IsRegistered))
            {
                check(!(job.Takeover < sim.Clock.Now - LongestJudgement), $"job {job.Id} should be over since {job.Takeover}");
            }
        }
    }

    private void Claimed(Job job)
    {
        if (!job.IsRegistered)
        {
            check(!job.IsRouted, $"job {job.Id} asks for a registered worker, and the built-in one takes it");
            return;
        }

        var site = sim.Sites.Of(job.Worker)!;
        check(job.IsRouted && job.Admits(job.Worker!, site.Labels), $"job {job.Id}, which asks for {job.ForWorker} {job.ForLabels}, goes to {job.Worker}");
        check(job.Cluster == site.Cluster.Name, $"job {job.Id} goes to {job.Worker} at {job.Cluster}");
        var count = live().Count(j => j.IsActive && j.Worker == job.Worker);
        check(count <= site.MaxParallelJobs, $"{job.Worker} has {count} jobs, and may have {site.MaxParallelJobs}");
    }
}
