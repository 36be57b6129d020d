using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Azure.Data.Tables.Wire;

/// <summary>Entities as JSON with EDM types: what JSON cannot say itself stands beside the property, as <c>name@odata.type</c>.</summary>
internal static class EntityJson
{
    private const string TypeSuffix = "@odata.type";

    internal static byte[] Write(string partitionKey, string rowKey, IReadOnlyList<KeyValuePair<string, object>> properties)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("PartitionKey", partitionKey);
            json.WriteString("RowKey", rowKey);
            foreach (var (name, value) in properties)
            {
                Write(json, name, value);
            }

            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The properties of one entity, <c>odata.etag</c> included and all other annotations left out.</summary>
    internal static Dictionary<string, object?> Read(JsonElement entity)
    {
        // A property's type may stand before or behind it.
        Dictionary<string, string?>? types = null;
        var values = new List<(string Name, JsonElement Value)>(entity.GetPropertyCount());
        foreach (var property in entity.EnumerateObject())
        {
            var name = property.Name;
            if (name.EndsWith(TypeSuffix, StringComparison.Ordinal))
            {
                types ??= [];
                types[name[..^TypeSuffix.Length]] = property.Value.GetString();
            }
            else if (name == TableEntity.ETagKey || (!name.StartsWith("odata.", StringComparison.Ordinal) && !name.Contains('@', StringComparison.Ordinal)))
            {
                values.Add((name, property.Value));
            }
        }

        var properties = new Dictionary<string, object?>(values.Count);
        foreach (var (name, value) in values)
        {
            // The service gives the type of Timestamp in no form of metadata but the full one.
            properties[name] = Value(name, value, types?.GetValueOrDefault(name) ?? (name == "Timestamp" ? "Edm.DateTime" : null));
        }

        return properties;
    }

    private static void Write(Utf8JsonWriter json, string name, object value)
    {
        void Typed(string type) => json.WriteString(name + TypeSuffix, type);

        switch (value)
        {
            case string text:
                json.WriteString(name, text);
                break;
            case bool truth:
                json.WriteBoolean(name, truth);
                break;
            case int number:
                json.WriteNumber(name, number);
                break;
            case long number:
                Typed("Edm.Int64");
                json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                Typed("Edm.Double");
                json.WritePropertyName(name);
                json.WriteRawValue(Literal(number));
                break;
            case Guid guid:
                Typed("Edm.Guid");
                json.WriteString(name, guid);
                break;
            case DateTimeOffset instant:
                Typed("Edm.DateTime");
                json.WriteString(name, Literal(instant));
                break;
            case DateTime { Kind: DateTimeKind.Utc } instant:
                Typed("Edm.DateTime");
                json.WriteString(name, Literal(instant));
                break;
            case DateTime instant:
                throw new NotSupportedException($"The property '{name}' holds a DateTime of kind {instant.Kind}; only UTC is unambiguous. Use a DateTimeOffset.");
            case byte[] bytes:
                Typed("Edm.Binary");
                json.WriteBase64String(name, bytes);
                break;
            case BinaryData data:
                Typed("Edm.Binary");
                json.WriteBase64String(name, data.ToMemory().Span);
                break;
            default:
                throw new NotSupportedException($"The property '{name}' holds {value.GetType()}, which a table cannot.");
        }
    }

    /// <summary>A whole double keeps its point: without it a reader takes it for an integer.</summary>
    private static string Literal(double number)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        return !double.IsFinite(number) ? $"\"{text}\"" : text.AsSpan().ContainsAny('.', 'E') ? text : text + ".0";
    }

    internal static string Literal(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);

    private static object? Value(string name, JsonElement value, string? type) => (value.ValueKind, type) switch
    {
        (JsonValueKind.Null, _) => null,
        (JsonValueKind.String, "Edm.Int64") => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        (JsonValueKind.String, "Edm.DateTime") => value.GetDateTimeOffset(),
        (JsonValueKind.String, "Edm.Guid") => value.GetGuid(),
        (JsonValueKind.String, "Edm.Binary") => value.GetBytesFromBase64(),
        (JsonValueKind.String, "Edm.Double") => double.Parse(value.GetString()!, CultureInfo.InvariantCulture),
        (JsonValueKind.Number, "Edm.Double") => value.GetDouble(),
        (JsonValueKind.Number, "Edm.Int64") => value.GetInt64(),
        (JsonValueKind.String, null or "Edm.String") => value.GetString(),
        (JsonValueKind.True or JsonValueKind.False, null or "Edm.Boolean") => value.GetBoolean(),
        (JsonValueKind.Number, null or "Edm.Int32") => Number(value),
        _ => throw new NotSupportedException($"The property '{name}' came as {value.ValueKind} of type {type ?? "none"}, which is not known."),
    };

    private static object Number(JsonElement value)
    {
        // Neither takes a number with a point or an exponent, be it whole.
        if (value.TryGetInt32(out var number))
        {
            return number;
        }

        return value.TryGetInt64(out var large) ? large : value.GetDouble();
    }
}
