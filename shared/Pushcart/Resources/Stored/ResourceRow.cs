using System.Diagnostics.CodeAnalysis;
using Azure.Data.Tables;
using Pushcart.Resources.Manifests;
using Pushcart.Storage;

namespace Pushcart.Resources.Stored;

/// <summary>A resource as a row: <c>resources</c> / <c>kind|ns|name</c>.</summary>
internal static class ResourceRow
{
    public static TableEntity Write(Resource resource)
    {
        var row = Rows.New(ResourceStore.Partition, $"{resource.Name.Kind}|{resource.Name.Namespace}|{resource.Name.Name}");
        row["uid"] = resource.Uid;
        row["generation"] = resource.Generation;
        row["scheduledSince"] = resource.ScheduledSince;
        row.SetText("spec", resource.Json);
        return row;
    }

    /// <summary>Reads a row; false for rows that are no resource, or of a kind that only a later version knows.</summary>
    public static bool TryRead(TableEntity row, [NotNullWhen(true)] out Resource? resource)
    {
        resource = null;
        if (row.RowKey.Split('|') is not [var kindText, var ns, var name] || !Enum.TryParse<ResourceKind>(kindText, out var kind))
        {
            return false;
        }

        var json = row.GetText("spec") ?? "{}";
        Spec? spec = null;
        string? error = null;
        if (Rows.IsNewer(row))
        {
            error = "it was written by a later version of Pushcart";
        }
        else
        {
            try
            {
                spec = SpecReader.FromJson(kind, json);
            }
            catch (FormatException e)
            {
                error = e.Message;
            }
        }

        // A row that something else wrote is one resource that cannot be used, and no end of all others; no drawn uid looks like its key.
        var uid = row.GetString("uid");
        if (uid is null)
        {
            (spec, error) = (null, "its row lacks the uid; apply it again");
        }

        resource = new(
            new(kind, ns.Length == 0 ? null : ns, name),
            uid ?? row.RowKey,
            row.GetInt64("generation") ?? 0,
            row.GetDateTimeOffset("scheduledSince") ?? default,
            json,
            spec,
            error)
        {
            IsNewer = Rows.IsNewer(row),
        };
        return true;
    }
}
