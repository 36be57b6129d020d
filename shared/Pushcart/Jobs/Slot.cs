using System.Globalization;
using Azure;
using Azure.Data.Tables;
using Pushcart.Storage;

namespace Pushcart.Jobs;

/// <summary>Who holds slot nn of a worker or a group: a row that is inserted with the claim and deleted with the end, so that a limit can never be exceeded.</summary>
/// <param name="Key">Key of the row.</param>
/// <param name="JobId">The job.</param>
/// <param name="ETag">Version of the row that was seen.</param>
public sealed record Slot(string Key, string JobId, ETag ETag)
{
    /// <summary>How the keys of slots begin.</summary>
    public const string Prefix = "slot|";

    /// <summary>Holder of the slots of a group.</summary>
    public static string Group(string ns, string group) => $"group:{ns}:{group}";

    /// <summary>Key of slot <paramref name="number"/> of a worker, or of a group as <see cref="Group"/> names it. A key holds no slash, and no name a colon.</summary>
    public static string KeyOf(string holder, int number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{holder.Replace('/', ':')}|{number:D4}");

    /// <summary>Reads a row.</summary>
    public static Slot Read(TableEntity row) => new(row.RowKey, row.GetRequired("job"), row.ETag);

    /// <summary>Keys of the slots that a job holds.</summary>
    public static IEnumerable<string> HeldBy(Job job)
    {
        if (job is { Worker: { } worker, Slot: { } slot })
        {
            yield return KeyOf(worker, slot);
        }

        if (job is { Group: { } group, GroupSlot: { } groupSlot })
        {
            yield return KeyOf(Group(job.Namespace, group), groupSlot);
        }
    }

    /// <summary>The lowest number below the limit that nobody holds; null where there is none.</summary>
    public static int? Free(string holder, int limit, IReadOnlyCollection<string> taken) =>
        Enumerable.Range(0, limit).Select(n => (int?)n).FirstOrDefault(n => !taken.Contains(KeyOf(holder, n!.Value)));

    /// <summary>The row of a slot that a job takes.</summary>
    public static TableEntity New(string key, Job job)
    {
        var row = Rows.New(JobRow.Partition, key);
        row["job"] = job.Id;
        row["attempt"] = job.Attempt;
        return row;
    }
}
