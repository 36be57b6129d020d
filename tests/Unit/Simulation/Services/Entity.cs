using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Azure.Data.Tables;
using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>A row of a table; values are strings, numbers, truths and instants, binary as base64.</summary>
internal sealed class Entity(string partition, string row, string etag, DateTimeOffset timestamp, IReadOnlyDictionary<string, (string? Type, object Value)> cells)
{
    private readonly Dictionary<string, byte[]> written = [];

    /// <summary>The job of a job's row, read once.</summary>
    public Job Job => field ??= JobRow.Read(ToTableEntity());

    public string Partition => partition;

    public string Row => row;

    public string ETag => etag;

    public DateTimeOffset Timestamp => timestamp;

    public IReadOnlyDictionary<string, (string? Type, object Value)> Cells => cells;

    public static Dictionary<string, (string? Type, object Value)> ReadCells(JsonElement json)
    {
        const string TypeSuffix = "@odata.type";
        Dictionary<string, string?>? types = null;
        var values = new List<(string Name, JsonElement Value)>(json.GetPropertyCount());
        foreach (var property in json.EnumerateObject())
        {
            var name = property.Name;
            if (name.EndsWith(TypeSuffix, StringComparison.Ordinal))
            {
                types ??= [];
                types[name[..^TypeSuffix.Length]] = property.Value.GetString();
            }
            else if (name is not ("PartitionKey" or "RowKey" or "Timestamp") && property.Value.ValueKind != JsonValueKind.Null && !name.Contains("odata.", StringComparison.Ordinal))
            {
                values.Add((name, property.Value));
            }
        }

        var cells = new Dictionary<string, (string?, object)>(values.Count);
        foreach (var (name, value) in values)
        {
            var type = types?.GetValueOrDefault(name);
            cells[name] = (type, value.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                JsonValueKind.Number => type == "Edm.Double" ? (object)value.GetDouble() : value.GetInt32(),
                _ => type switch
                {
                    "Edm.Int64" => long.Parse(value.GetString()!, CultureInfo.InvariantCulture),
                    "Edm.DateTime" => value.GetDateTimeOffset(),
                    _ => value.GetString()!,
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

    /// <summary>The row as JSON. It is written once for each selection, for the same rows are read again and again.</summary>
    /// <param name="select">The selected properties, separated by commas; null: all.</param>
    public byte[] Json(string? select)
    {
        if (!written.TryGetValue(select ?? "", out var json))
        {
            var buffer = new ArrayBufferWriter<byte>(512);
            using (var writer = new Utf8JsonWriter(buffer))
            {
                Write(writer, select?.Split(','));
            }

            written[select ?? ""] = json = buffer.WrittenSpan.ToArray();
        }

        return json;
    }

    private void Write(Utf8JsonWriter json, string[]? select)
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
