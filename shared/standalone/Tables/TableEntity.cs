using System.Runtime.InteropServices;

namespace Azure.Data.Tables;

/// <summary>
/// An entity as a dictionary: name of a property → string, bool, int, long, double, Guid, DateTime, DateTimeOffset, byte[] or BinaryData.
/// A typed getter answers null for a property that is absent or null, and throws <see cref="InvalidOperationException"/> for one of another type.
/// </summary>
#pragma warning disable CA1710 // the package's own name
public sealed partial class TableEntity : ITableEntity
#pragma warning restore CA1710
{
    internal const string ETagKey = "odata.etag";
    private readonly Dictionary<string, object?> properties;

    /// <summary>An entity without properties.</summary>
    public TableEntity() => properties = [];

    /// <summary>An entity with its keys.</summary>
    public TableEntity(string partitionKey, string rowKey) : this() => (PartitionKey, RowKey) = (partitionKey, rowKey);

    /// <summary>An entity that takes <paramref name="values"/> over, without a copy.</summary>
    internal static TableEntity Of(Dictionary<string, object?> values) => new(values);

    private TableEntity(Dictionary<string, object?> values) => properties = values;

    /// <inheritdoc/>
    public string PartitionKey
    {
        get => GetString(nameof(PartitionKey))!;
        set => properties[nameof(PartitionKey)] = value;
    }

    /// <inheritdoc/>
    public string RowKey
    {
        get => GetString(nameof(RowKey))!;
        set => properties[nameof(RowKey)] = value;
    }

    /// <inheritdoc/>
    public DateTimeOffset? Timestamp
    {
        get => GetDateTimeOffset(nameof(Timestamp));
        set => properties[nameof(Timestamp)] = value;
    }

    /// <inheritdoc/>
    public ETag ETag
    {
        get => GetString(ETagKey) is { } value ? new ETag(value) : default;
        set => properties[ETagKey] = value == default ? null : value.ToString();
    }

    /// <summary>The property as text.</summary>
    public string? GetString(string key) => (string?)Get(key, typeof(string));

    /// <summary>The property as bytes.</summary>
    public byte[]? GetBinary(string key) => Find(key) is BinaryData data ? data.ToArray() : (byte[]?)Get(key, typeof(byte[]));

    /// <summary>The property as bytes.</summary>
    public BinaryData? GetBinaryData(string key) => Find(key) is byte[] bytes ? BinaryData.FromBytes(bytes) : (BinaryData?)Get(key, typeof(BinaryData));

    /// <summary>The property as a truth value.</summary>
    public bool? GetBoolean(string key) => (bool?)Get(key, typeof(bool));

    /// <summary>The property as an instant, in UTC.</summary>
    public DateTime? GetDateTime(string key) => Find(key) is DateTimeOffset instant ? instant.UtcDateTime : (DateTime?)Get(key, typeof(DateTime));

    /// <summary>The property as an instant.</summary>
    public DateTimeOffset? GetDateTimeOffset(string key) =>
        Find(key) is DateTime instant ? new DateTimeOffset(instant) : (DateTimeOffset?)Get(key, typeof(DateTimeOffset));

    /// <summary>The property as a floating-point number.</summary>
    public double? GetDouble(string key) => (double?)Get(key, typeof(double));

    /// <summary>The property as a GUID.</summary>
    public Guid? GetGuid(string key) => (Guid?)Get(key, typeof(Guid));

    /// <summary>The property as an integer of 32 bits.</summary>
    public int? GetInt32(string key) => (int?)Get(key, typeof(int));

    /// <summary>The property as an integer of 64 bits.</summary>
    public long? GetInt64(string key) => (long?)Get(key, typeof(long));

    private object? Find(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return properties.GetValueOrDefault(key);
    }

    private object? Get(string key, Type type)
    {
        var value = Find(key);
        return value is null || type.IsInstanceOfType(value)
            ? value
            : throw new InvalidOperationException($"The property '{key}' holds {value.GetType()}, not {type}.");
    }

    /// <summary>A number keeps the type it has: what was a long or double stays one when an int is put in its place.</summary>
    private void Set(string key, object? value)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        ref var there = ref CollectionsMarshal.GetValueRefOrAddDefault(properties, key, out _);
        there = (there, value) switch
        {
            (null, _) or (_, null) => value,
            (long, int number) => (long)number,
            (double, int number) => (double)number,
            (int, long or double) => value,
            ({ } old, _) when old.GetType() == value.GetType() => value,
            ({ } old, _) => throw new InvalidOperationException(
                $"The property '{key}' holds {old.GetType()}; a value of {value.GetType()} cannot take its place. Remove it first."),
        };
    }
}
