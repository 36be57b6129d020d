namespace Azure.Data.Tables;

/// <summary>What every entity has. A class that implements it, with a public constructor without parameters, can be read and written as it is.</summary>
public interface ITableEntity
{
    /// <summary>Key of the partition; together with <see cref="RowKey"/> the identity of the entity.</summary>
    string PartitionKey { get; set; }

    /// <summary>Key within the partition.</summary>
    string RowKey { get; set; }

    /// <summary>When the service last changed the entity. Set by the service; what is written here is ignored.</summary>
    DateTimeOffset? Timestamp { get; set; }

    /// <summary>The version that was read, for <c>If-Match</c>. Set by the service; not stored.</summary>
    ETag ETag { get; set; }
}
