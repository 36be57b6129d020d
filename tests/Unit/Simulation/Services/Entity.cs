using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>A row of a table; values are strings, numbers, truths and instants, binary as base64.</summary>
internal sealed record Entity(string Partition, string Row, string ETag, DateTimeOffset Timestamp, IReadOnlyDictionary<string, (string? Type, object Value)> Cells)
{
    public static Dictionary<string, (string? Type, object Value)> ReadCells(JsonElement json)
    {
        var cells = new Dictionary<string, (string?, object)>();
        foreach (var property in json.EnumerateObject())
        {
            if (property.Name is "PartitionKey" or "RowKey" or "Timestamp" || property.Name.Contains("odata.", StringComparison.Ordinal) || property.Value.ValueKind == JsonValueKind.Null)
            {
                continue;
            }

            var type = json.TryGetProperty(property.Name + "@odata.type", out var named) ? named.GetString() : null;
            cells[property.Name] = (type, property.Value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => type == "Edm.Double" ? (object)property.Value.GetDouble() : property.Value.GetInt32(),
                _ => type switch
                {
                    "Edm.Int64" => long.Parse(property.Value.GetString()!, CultureInfo.InvariantCulture),
                    "Edm.DateTime" => property.Value.GetDateTimeOffset(),
                    _ => property.Value.GetString()!,
                },
            });
        }

        return cells;
    }

    public object? this[string name] => name switch
    {
        "PartitionKey" => Partition,
        "RowKey" => Row,
        nameof(Timestamp) => Timestamp,
        _ => Cells.TryGetValue(name, out var cell) ? cell.Value : null,
    };

    public void Write(Utf8JsonWriter json, string[]? select)
    {
        json.WriteStartObject();
        json.WriteString("odata.etag", ETag);
        foreach (var name in new[] { "PartitionKey", "RowKey" }.Where(n => select is null || select.Contains(n)))
        {
            json.WriteString(name, (string)this[name]!);
        }

        if (select is null || select.Contains(nameof(Timestamp)))
        {
            json.WriteString(nameof(Timestamp), Timestamp.UtcDateTime);
        }

        foreach (var (name, (type, value)) in Cells)
        {
            if (select is not null && !select.Contains(name))
            {
                continue;
            }

            if (type is not null)
            {
                json.WriteString(name + "@odata.type", type);
            }

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
                case double number:
                    json.WriteNumber(name, number);
                    break;
                case long number:
                    json.WriteString(name, number.ToString(CultureInfo.InvariantCulture));
                    break;
                case DateTimeOffset instant:
                    json.WriteString(name, instant.UtcDateTime);
                    break;
                default:
                    throw new ViolationException($"a cell holds {value.GetType()}");
            }
        }

        json.WriteEndObject();
    }

    /// <summary>The row as the product's readers take it.</summary>
    public TableEntity ToTableEntity()
    {
        var row = new TableEntity(Partition, Row) { ETag = new(ETag) };
        foreach (var (name, (type, value)) in Cells)
        {
            row[name] = type == "Edm.Binary" ? Convert.FromBase64String((string)value) : value;
        }

        return row;
    }
}
