using Azure.Core;

namespace Azure.Data.Tables.Wire;

/// <summary>One change of one entity, as it travels: alone or as a part of a transaction.</summary>
internal sealed record EntityRequest(RequestMethod Method, string Path, string? IfMatch, byte[]? Body)
{
    /// <summary>The change, or why the service would refuse it.</summary>
    internal static (EntityRequest? Request, Refusal? Refusal) Of(TableTransactionActionType type, string table, ITableEntity entity, ETag etag)
    {
        ArgumentNullException.ThrowIfNull(entity);
        var (partitionKey, rowKey) = (entity.PartitionKey, entity.RowKey);
        ArgumentNullException.ThrowIfNull(partitionKey, "PartitionKey");
        ArgumentNullException.ThrowIfNull(rowKey, "RowKey");
        if (type == TableTransactionActionType.Delete)
        {
            return Limits.OfKeys(partitionKey, rowKey) is { } keys
                ? (null, keys)
                : (new(RequestMethod.Delete, PathOf(table, partitionKey, rowKey), etag == default ? "*" : etag.ToString(), null), null);
        }

        var properties = EntityMap.Properties(entity);
        if (Limits.OfEntity(partitionKey, rowKey, properties) is { } refusal)
        {
            return (null, refusal);
        }

        var body = EntityJson.Write(partitionKey, rowKey, properties);
        var path = PathOf(table, partitionKey, rowKey);
        var ifMatch = etag == default ? null : etag.ToString();
        return (type switch
        {
            TableTransactionActionType.Add => new(RequestMethod.Post, table, null, body),
            TableTransactionActionType.UpdateMerge => new(RequestMethod.Patch, path, ifMatch, body),
            TableTransactionActionType.UpdateReplace => new(RequestMethod.Put, path, ifMatch, body),
            TableTransactionActionType.UpsertMerge => new(RequestMethod.Patch, path, null, body),
            TableTransactionActionType.UpsertReplace => new(RequestMethod.Put, path, null, body),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "No such change."),
        }, null);
    }

    /// <summary>An entity's path: a quote in a key is doubled, then all but letters, digits and <c>-._~</c> is percent-encoded.</summary>
    internal static string PathOf(string table, string partitionKey, string rowKey) =>
        $"{table}(PartitionKey='{Encode(partitionKey)}',RowKey='{Encode(rowKey)}')";

    /// <summary>Headers of this change, in the order in which they are sent.</summary>
    internal IEnumerable<(string Name, string Value)> Headers()
    {
        yield return ("Accept", TableRequests.Json);
        yield return ("DataServiceVersion", TableRequests.DataServiceVersion);
        if (Body is not null)
        {
            yield return ("Content-Type", "application/json");
        }

        if (Method == RequestMethod.Post)
        {
            yield return ("Prefer", "return-no-content");
        }

        if (IfMatch is not null)
        {
            yield return ("If-Match", IfMatch);
        }
    }

    private static string Encode(string key) => Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal));
}
