using System.Globalization;
using System.Reflection;
using Azure.Data.Tables;
using Pushcart.Jobs.Live;
using Pushcart.Storage;

namespace Pushcart.Jobs.Finished;

/// <summary>
/// Finished jobs, read-only, newest first. Both keys are computed from the id, so there is no index: the partition is the inverted day of submission,
/// the row the inverted millisecond and the id.
/// </summary>
public sealed class History(Table history)
{
    private const string WorkerColumn = "worker";
    private const long LastDay = 99_999;
    private const long LastMillisecond = 9_999_999_999_999;

    // What only a live job needs.
    private static readonly string[] NotKept =
    [
        nameof(Job.Id), nameof(Job.ETag), nameof(Job.Snapshots), nameof(Job.State), nameof(Job.ClaimKey), nameof(Job.Slot), nameof(Job.GroupSlot), nameof(Job.Lease),
        nameof(Job.LostClaims), nameof(Job.NotBefore), nameof(Job.SendAt), nameof(Job.SeenAt), nameof(Job.Stop),
        nameof(Job.Takeover), nameof(Job.Progress), nameof(Job.ExtraGrace), nameof(Job.PendingLimit),
        nameof(Job.Repository), nameof(Job.ToldAt), nameof(Job.ReportAt), nameof(Job.FailedReports), nameof(Job.Archived),
    ];

    private static readonly PropertyInfo[] Kept = [.. typeof(Job).GetProperties().Where(p => p.CanWrite && !NotKept.Contains(p.Name))];

    /// <summary>The partition of a job.</summary>
    public static string PartitionOf(DateTimeOffset submitted) =>
        (LastDay - (submitted.ToUnixTimeMilliseconds() / 86_400_000)).ToString("D5", CultureInfo.InvariantCulture);

    /// <summary>The row of a job.</summary>
    public static string KeyOf(string id) =>
        (LastMillisecond - JobId.SubmittedAt(id).ToUnixTimeMilliseconds()).ToString("D13", CultureInfo.InvariantCulture) + "-" + id;

    /// <summary>Reads one finished job, with its log; null where there is none.</summary>
    public async Task<FinishedJob?> FindAsync(string id, CancellationToken cancellation)
    {
        var row = await history.FindAsync(PartitionOf(JobId.SubmittedAt(id)), KeyOf(id), cancellation).ConfigureAwait(false);
        return row is null || Rows.IsNewer(row) ? null : Read(row);
    }

    /// <summary>Reads one page, newest first.</summary>
    /// <param name="size">Rows at most.</param>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    public Task<(IReadOnlyList<FinishedJob> Jobs, string? Next)> PageAsync(int size, string? from, CancellationToken cancellation) => PageAsync("PartitionKey ge '0'", size, from, cancellation);

    /// <summary>Reads one page of those that a condition lets through, newest first, by one storage call.</summary>
    /// <param name="condition">The condition (OData), of the keys too.</param>
    /// <param name="size">Rows at most.</param>
    /// <param name="from">What the page before answered, or null.</param>
    /// <param name="cancellation">Ends the query.</param>
    /// <returns>The jobs, which may be few or none while there are more; and what the next page goes on from, null at the end.</returns>
    public async Task<(IReadOnlyList<FinishedJob> Jobs, string? Next)> PageAsync(string condition, int size, string? from, CancellationToken cancellation)
    {
        var (rows, next) = await history.PageAsync(condition, size, from, select: null, cancellation).ConfigureAwait(false);
        return ([.. rows.Where(r => !Rows.IsNewer(r)).Select(Read)], next);
    }

    /// <summary>Inserts rows, in one transaction a day. A row that is there already stays as it is: it was written by a pass that could not finish.</summary>
    public async Task InsertAsync(IReadOnlyList<(Job Job, string? Log)> jobs, CancellationToken cancellation)
    {
        foreach (var day in jobs.Select(j => ToRow(j.Job, j.Log)).GroupBy(r => r.PartitionKey))
        {
            var rows = day.ToList();
            while (rows.Count > 0)
            {
                var batch = Batch(rows);
                var answer = await history.WriteAsync([.. batch.Select(Change.Insert)], cancellation).ConfigureAwait(false);
                if (answer.Applied)
                {
                    rows.RemoveRange(0, batch.Count);
                    continue;
                }

                var there = new HashSet<string>();
                foreach (var row in batch)
                {
                    if (await history.FindAsync(row.PartitionKey, row.RowKey, cancellation).ConfigureAwait(false) is not null)
                    {
                        there.Add(row.RowKey);
                    }
                }

                rows.RemoveAll(r => there.Contains(r.RowKey));
            }
        }
    }

    /// <summary>Deletes what ended before an instant. Rows that still have a live row are left: their archive is not finished.</summary>
    /// <param name="before">The instant.</param>
    /// <param name="alive">Ids of the jobs that are not yet archived.</param>
    /// <param name="first">Called with the id of each job of a registered worker before its row goes: what stands elsewhere must go first.</param>
    /// <param name="cancellation">Ends the work; what is deleted by then is deleted.</param>
    /// <returns>How many rows were deleted.</returns>
    public async Task<int> DeleteAsync(DateTimeOffset before, IReadOnlySet<string> alive, Func<string, CancellationToken, Task> first, CancellationToken cancellation)
    {
        // Nothing that was submitted later can have ended before: the range begins there, and reads keys only.
        var filter = TableClient.CreateQueryFilter($"PartitionKey ge {PartitionOf(before)} and endedAt lt {before}");
        var deleted = 0;
        var batch = new List<TableEntity>();
        await foreach (var row in history.QueryAsync(filter, ["PartitionKey", "RowKey", WorkerColumn], cancellation).ConfigureAwait(false))
        {
            var id = row.RowKey[^JobId.Length..];
            if (alive.Contains(id))
            {
                continue;
            }

            if (row.GetString(WorkerColumn) is not (null or "" or Claiming.Worker))
            {
                await first(id, cancellation).ConfigureAwait(false);
            }

            if (batch.Count == Table.MaximumChanges || (batch.Count > 0 && batch[0].PartitionKey != row.PartitionKey))
            {
                deleted += await DeleteAsync(batch, cancellation).ConfigureAwait(false);
                batch.Clear();
            }

            batch.Add(row);
        }

        return deleted + await DeleteAsync(batch, cancellation).ConfigureAwait(false);
    }

    private async Task<int> DeleteAsync(List<TableEntity> batch, CancellationToken cancellation)
    {
        var rows = batch.ToList();
        while (rows.Count > 0)
        {
            var answer = await history.WriteAsync([.. rows.Select(r => Change.Delete(r.PartitionKey, r.RowKey, r.ETag))], cancellation).ConfigureAwait(false);
            if (answer.Applied)
            {
                break;
            }

            // Another clean-up was faster with this one.
            rows.RemoveAt(Math.Max(0, answer.ConflictAt));
        }

        return rows.Count;
    }

    private static List<TableEntity> Batch(List<TableEntity> rows)
    {
        var bytes = 0;
        return [.. rows.Take(Table.MaximumChanges).TakeWhile((r, i) => (bytes += Rows.Size(r)) <= Table.MaximumBytes || i == 0)];
    }

    private static TableEntity ToRow(Job job, string? log)
    {
        var row = Rows.New(PartitionOf(job.SubmittedAt), KeyOf(job.Id));
        foreach (var (name, value) in FieldsOf(job))
        {
            row[name] = value;
        }

        row.SetText("log", log);
        return row;
    }

    /// <summary>The columns of a finished job, those that it has, but for its output.</summary>
    internal static IEnumerable<(string Name, object Value)> FieldsOf(Job job)
    {
        foreach (var property in Kept)
        {
            if (JobRow.ToColumn(property.GetValue(job)) is { } value)
            {
                yield return (JobRow.Name(property), value);
            }
        }

        yield return ("runName", RunNames.Of(job).Name);
    }

    private static FinishedJob Read(TableEntity row)
    {
        var copy = new TableEntity(row) { RowKey = JobRow.Key(row.RowKey[^JobId.Length..]) };
        return new(JobRow.Read(copy) with { State = JobState.Ended }, row.GetRequired("runName"), row.GetText("log"));
    }
}

/// <summary>A row of history.</summary>
/// <param name="Job">The job as it ended.</param>
/// <param name="RunName">Name of its last run, the executor's reference.</param>
/// <param name="Log">Tail of its output; null where there was none to be had.</param>
public sealed record FinishedJob(Job Job, string RunName, string? Log);
