using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Jobs.Finished;
using Pushcart.Storage;
using Pushcart.Telemetry;

namespace Pushcart.Jobs;

/// <summary>How an event was answered.</summary>
public enum Applied
{
    /// <summary>A line of the table applied, and is written.</summary>
    Changed,

    /// <summary>No line applies to what the row says now.</summary>
    Nothing,

    /// <summary>The slot of the claim, or of the worker that returns, is held by another job.</summary>
    SlotTaken,

    /// <summary>There is no such row (any more).</summary>
    Missing,
}

/// <summary>The answer to an event.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Job">The job as it is now; null where it is missing.</param>
public sealed record ApplyAnswer(Applied Result, Job? Job);

/// <summary>The live jobs and their slots. Every write of a job's state is <see cref="ApplyAsync"/>.</summary>
public sealed class JobStore(Table live, Transitions transitions, ILogger<JobStore> log)
{
    // Each conflict means that somebody else got something done; so many in a row mean a fault.
    private const int MostConflicts = 10;

    // With the source, the new job and a task they still fit one transaction; who has more waiting of one branch waits for the next commit.
    private const int MostSuperseded = 90;

    /// <summary>Reads one job, whole.</summary>
    public async Task<Job?> FindAsync(string id, CancellationToken cancellation)
    {
        var row = await live.FindAsync(JobRow.Partition, JobRow.Key(id), cancellation).ConfigureAwait(false);
        return row is null ? null : Rows.IsNewer(row) ? throw new NewerRowException(row) : JobRow.Read(row);
    }

    /// <summary>Reads all jobs, without snapshots, oldest first.</summary>
    /// <param name="filter">A further condition (OData), or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<List<Job>> AllAsync(string? filter, CancellationToken cancellation)
    {
        var rows = await live.RangeAsync(JobRow.Partition, JobRow.Prefix, JobRow.WithoutSnapshots, filter, cancellation).ConfigureAwait(false);
        return [.. rows.Where(Readable).Select(JobRow.Read)];
    }

    /// <summary>Reads the jobs of a group that have not ended, without snapshots, oldest first.</summary>
    public Task<List<Job>> GroupAsync(string ns, string group, CancellationToken cancellation) =>
        AllAsync(TableClient.CreateQueryFilter($"group eq {group} and namespace eq {ns} and state ne {nameof(JobState.Ended)}"), cancellation);

    /// <summary>Reads all slots that are held.</summary>
    public async Task<Dictionary<string, Slot>> SlotsAsync(CancellationToken cancellation)
    {
        var rows = await live.RangeAsync(JobRow.Partition, Slot.Prefix, select: null, filter: null, cancellation).ConfigureAwait(false);
        return rows.Select(Slot.Read).ToDictionary(s => s.Key);
    }

    /// <summary>
    /// Finds the line of the table for what happened and writes it, with the job's slots, in one transaction. A conflict is a question: the row is read again,
    /// and either it is what we wrote ourselves (the answer was lost), or the line is found anew.
    /// </summary>
    /// <param name="job">The job as it was seen.</param>
    /// <param name="happened">What happened.</param>
    /// <param name="slots">The slots as they were seen, if they were; saves a read.</param>
    /// <param name="cancellation">Ends the call; the write may have happened.</param>
    public async Task<ApplyAnswer> ApplyAsync(Job job, JobEvent happened, IReadOnlyDictionary<string, Slot>? slots, CancellationToken cancellation)
    {
        for (var conflicts = 0; conflicts < MostConflicts; conflicts++)
        {
            if (transitions.Find(job, happened) is not { } found)
            {
                return new(Applied.Nothing, job);
            }

            var next = found.Next;
            var changes = new List<Change> { JobRow.Merge(next) };
            var missing = await AddSlotsAsync(changes, job, next, conflicts == 0 ? slots : null, cancellation).ConfigureAwait(false);
            var answer = await live.WriteAsync(changes, cancellation).ConfigureAwait(false);
            if (answer.Applied)
            {
                // It cannot be, for slots change only with their job. Say so, and let the job end: a job that cannot end helps nobody.
                // Only now: where the row was merely old, the write met a conflict.
                foreach (var (key, holder) in missing)
                {
                    log.LogError("job {Id} should hold {Slot}, which {Holder} holds", job.Id, key, holder ?? "nobody");
                }

                return Changed(job, next with { ETag = answer.ETags[0] }, found.Line);
            }

            var now = await FindAsync(job.Id, cancellation).ConfigureAwait(false);
            if (now is null)
            {
                return new(Applied.Missing, null);
            }

            if (Same(now, next))
            {
                return Changed(job, next with { ETag = now.ETag }, found.Line);
            }

            if (now.ETag == job.ETag && happened is Claim or Returned)
            {
                return new(Applied.SlotTaken, now);
            }

            job = now;
        }

        throw new InvalidOperationException($"job {job.Id}: {MostConflicts} conflicts in a row over {happened.GetType().Name}");
    }

    /// <summary>The changes that cancel the older jobs of a newer one's trigger, source and branch: they stand in the transaction that inserts it.</summary>
    public async Task<IReadOnlyList<Change>> SupersedeAsync(Job newer, DateTimeOffset now, CancellationToken cancellation)
    {
        var filter = TableClient.CreateQueryFilter(
            $"triggerUid eq {newer.TriggerUid} and sourceName eq {newer.SourceName} and referenceName eq {newer.ReferenceName} and state ne {nameof(JobState.Ended)}");
        var older = await AllAsync(filter, cancellation).ConfigureAwait(false);

        // Only another commit supersedes: where every run fires, the next one does not cancel the work on the same commit. And a tag of the branch's name is no branch.
        return [.. older
            .Where(job => job.Commit != newer.Commit && !job.IsAskedFor && job.ReferenceType == newer.ReferenceType && job.SourceKind == newer.SourceKind)
            .Select(job => transitions.Find(job, new Cancel(now, $"superseded by {newer.Id}")))
            .OfType<(int Line, Job Next)>()
            .Take(MostSuperseded)
            .Select(found => JobRow.Merge(found.Next))];
    }

    private ApplyAnswer Changed(Job before, Job after, int line)
    {
        log.LogDebug("job {Id}: {Before} to {After} by line {Line}", after.Id, before.State, after.State, line);
        if (before.StartedAt is null && after.StartedAt is { } started)
        {
            Measures.Started(started - after.WaitingSince);
        }

        if (after.State == JobState.Ended && before.State != JobState.Ended)
        {
            var (began, ended) = (after.StartedAt ?? after.EndedAt!.Value, after.EndedAt!.Value);
            Traces.Tell("run", after.TraceParent, began, ended, after.Outcome is JobOutcome.Succeeded or JobOutcome.Cancelled ? null : after.Reason ?? "", ("pushcart.job", after.Id), ("pushcart.outcome", after.Outcome));
            log.LogInformation("job {Id} ended: {Outcome}{Reason}", after.Id, after.Outcome.ToString()!.ToLowerInvariant(), after.Reason is null ? "" : $" ({after.Reason})");
        }
        else if (after.State == JobState.Queued && after.Run > before.Run)
        {
            log.LogInformation("job {Id} goes on with run {Run}: {Reason}", after.Id, after.Run, after.Reason);
        }

        if (after.Archived == true && before.Archived != true)
        {
            Archiving.TellFinished(log, after);
        }

        return new(Applied.Changed, after);
    }

    /// <summary>Adds the slots that are taken, given back, and kept by a later attempt, whose number they then bear.</summary>
    /// <returns>Slots that the job should hold and does not, with who does.</returns>
    private async Task<IReadOnlyList<(string Key, string? Holder)>> AddSlotsAsync(
        List<Change> changes, Job before, Job after, IReadOnlyDictionary<string, Slot>? slots, CancellationToken cancellation)
    {
        var missing = new List<(string, string?)>();
        var held = Slot.HeldBy(before).ToHashSet();
        var kept = Slot.HeldBy(after).ToHashSet();
        foreach (var key in held.Where(k => !kept.Contains(k) || after.Attempt != before.Attempt))
        {
            var slot = slots?.GetValueOrDefault(key);
            if (slot is null && await live.FindAsync(JobRow.Partition, key, cancellation).ConfigureAwait(false) is { } row)
            {
                slot = Slot.Read(row);
            }

            if (slot?.JobId != before.Id)
            {
                missing.Add((key, slot?.JobId));
                continue;
            }

            changes.Add(kept.Contains(key) ? Change.Replace(Slot.New(key, after), slot.ETag) : Change.Delete(JobRow.Partition, key, slot.ETag));
        }

        foreach (var key in kept.Where(k => !held.Contains(k)))
        {
            changes.Add(Change.Insert(Slot.New(key, after)));
        }

        return missing;
    }

    private bool Readable(TableEntity row)
    {
        if (!Rows.IsNewer(row))
        {
            return true;
        }

        log.LogWarning("{Row} was written by a later version; it is left alone", row.RowKey);
        return false;
    }

    private static bool Same(Job one, Job other) =>
        one with { ETag = default, Snapshots = null } == other with { ETag = default, Snapshots = null };
}
