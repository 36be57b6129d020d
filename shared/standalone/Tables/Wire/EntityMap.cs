using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Serialization;

namespace Azure.Data.Tables.Wire;

/// <summary>Entities ↔ named values: a <see cref="TableEntity"/> as it is, any other class by its public properties (DataMember's name, IgnoreDataMember).</summary>
internal static class EntityMap
{
    private static readonly ConcurrentDictionary<Type, Column[]> columns = new();

    /// <summary>The properties to store: no keys, nothing of the system's, nothing that is null (the service ignores null).</summary>
    internal static List<KeyValuePair<string, object>> Properties(ITableEntity entity)
    {
        var values = entity is IDictionary<string, object?> dictionary
            ? dictionary.Where(pair => pair.Value is not null && pair.Key is not ("PartitionKey" or "RowKey" or "Timestamp" or TableEntity.ETagKey))
            : ColumnsOf(entity.GetType()).Where(column => column.Property.CanRead)
                .Select(column => KeyValuePair.Create(column.Name, column.Property.GetValue(entity)));
        return [.. values.Where(pair => pair.Value is not null).Select(pair => KeyValuePair.Create(pair.Key, pair.Value is Enum name ? name.ToString() : pair.Value!))];
    }

    internal static T Entity<T>(Dictionary<string, object?> values) where T : class, ITableEntity
    {
        if (typeof(T).IsAssignableFrom(typeof(TableEntity)))
        {
            return (T)(object)TableEntity.Of(values);
        }

        var entity = Activator.CreateInstance<T>();
        entity.PartitionKey = (string?)values.GetValueOrDefault("PartitionKey")!;
        entity.RowKey = (string?)values.GetValueOrDefault("RowKey")!;
        entity.Timestamp = (DateTimeOffset?)values.GetValueOrDefault("Timestamp");
        entity.ETag = values.GetValueOrDefault(TableEntity.ETagKey) is string etag ? new ETag(etag) : default;
        foreach (var column in ColumnsOf(typeof(T)).Where(column => column.Property.CanWrite))
        {
            if (values.GetValueOrDefault(column.Name) is { } value)
            {
                column.Property.SetValue(entity, Fit(column, value));
            }
        }

        return entity;
    }

    private static Column[] ColumnsOf(Type type) => columns.GetOrAdd(type, static type => [.. type
        .GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.GetIndexParameters().Length == 0 && !property.IsDefined(typeof(IgnoreDataMemberAttribute)))
        .Select(property => new Column(property.GetCustomAttribute<DataMemberAttribute>()?.Name ?? property.Name, property))
        .Where(column => column.Name is not ("PartitionKey" or "RowKey" or "Timestamp" or "ETag"))]);

    private static object Fit(Column column, object value)
    {
        var type = Nullable.GetUnderlyingType(column.Property.PropertyType) ?? column.Property.PropertyType;
        return value switch
        {
            _ when type.IsInstanceOfType(value) => value,
            int number when type == typeof(long) => (long)number,
            int number when type == typeof(double) => (double)number,
            byte[] bytes when type == typeof(BinaryData) => BinaryData.FromBytes(bytes),
            DateTimeOffset instant when type == typeof(DateTime) => instant.UtcDateTime,
            string name when type.IsEnum => Enum.Parse(type, name),
            _ => throw new InvalidOperationException($"The property '{column.Name}' holds {value.GetType()}; {column.Property.DeclaringType} wants {type}."),
        };
    }

    private sealed record Column(string Name, PropertyInfo Property);
}
