using System.Globalization;
using System.Reflection;
using Azure.Data.Tables;
using Pushcart.Storage;

namespace Pushcart.Jobs;

/// <summary>
/// A <see cref="Job"/> as a row of <c>live</c>. One property a column, by name; snapshots are columns of their own and not read by ranges.
/// A row is changed by merge, since a range does not read all of it: a value that went away is written as an empty string.
/// </summary>
public static class JobRow
{
    /// <summary>The partition of everything alive.</summary>
    public const string Partition = "live";

    /// <summary>How the keys of jobs begin.</summary>
    public const string Prefix = "job|";

    private static readonly (PropertyInfo Property, string Name)[] Columns = [.. typeof(Job).GetProperties()
        .Where(p => p.CanWrite && p.Name is not (nameof(Job.Id) or nameof(Job.ETag) or nameof(Job.Snapshots)))
        .Select(p => (p, Name(p)))];

    /// <summary>What a range reads: everything but snapshots.</summary>
    public static IReadOnlyList<string> WithoutSnapshots { get; } =
        [nameof(TableEntity.PartitionKey), nameof(TableEntity.RowKey), Rows.VersionName, .. Columns.Select(c => c.Name)];

    /// <summary>Key of a job's row.</summary>
    public static string Key(string id) => Prefix + id;

    /// <summary>The row of a new job.</summary>
    public static TableEntity New(Job job)
    {
        var row = ToRow(job, clear: false);
        if (job.Snapshots is { } snapshots)
        {
            row.SetText("action", snapshots.Action);
            row.SetText("source", snapshots.Source);
            row.SetText("override", snapshots.Override);
            row.SetText("overrideCommit", snapshots.OverrideCommit);
            row.SetText("defaults", snapshots.Defaults);
        }

        return row;
    }

    /// <summary>The change of a job's row to a new state.</summary>
    public static Change Merge(Job next) => Change.Merge(ToRow(next, clear: true), next.ETag);

    /// <summary>Reads a row, with its snapshots where it has them.</summary>
    public static Job Read(TableEntity row)
    {
        // The properties that must be there are set below like all others.
        var job = new Job
        {
            Id = row.RowKey[Prefix.Length..],
            SubmittedAt = default,
            WaitingSince = default,
            Namespace = "",
            SourceKind = default,
            SourceName = "",
            ReferenceType = default,
            ReferenceName = "",
            Commit = "",
            Cause = "",
            ActionKind = default,
            ActionName = "",
            ETag = row.ETag,
            Snapshots = row.GetText("action") is { } action
                ? new(action, row.GetText("source") ?? "", row.GetText("override"), row.GetText("overrideCommit"), row.GetText("defaults") ?? "{}")
                : null,
        };
        foreach (var (property, name) in Columns)
        {
            if (row.TryGetValue(name, out var value) && value is not (null or ""))
            {
                property.SetValue(job, FromColumn(value, property.PropertyType));
            }
        }

        return job;
    }

    private static TableEntity ToRow(Job job, bool clear)
    {
        var row = Rows.New(Partition, Key(job.Id));
        foreach (var (property, name) in Columns)
        {
            if (ToColumn(property.GetValue(job)) is { } value)
            {
                row[name] = value;
            }
            else if (clear)
            {
                row[name] = "";
            }
        }

        return row;
    }

    // Azurite's database (lokijs, serializeReplacer) writes what is named "ttl" to its disk as null: once restarted, it could not read the table any more.
    internal static string Name(PropertyInfo column) =>
        column.Name == nameof(Job.Ttl) ? "ttlSeconds" : char.ToLowerInvariant(column.Name[0]) + column.Name[1..];

    internal static object? ToColumn(object? value) => value switch
    {
        Enum e => e.ToString(),
        TimeSpan duration => (long)duration.TotalSeconds,
        string { Length: > Rows.MaximumCharacters } text => text[..Rows.MaximumCharacters],
        _ => value,
    };

    private static object FromColumn(object value, Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsEnum ? Enum.Parse(type, (string)value)
            : type == typeof(TimeSpan) ? TimeSpan.FromSeconds(Convert.ToInt64(value, CultureInfo.InvariantCulture))
            : type == typeof(int) ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
            : type == typeof(DateTimeOffset) && value is DateTime time ? new DateTimeOffset(time, TimeSpan.Zero)
            : value;
    }
}
