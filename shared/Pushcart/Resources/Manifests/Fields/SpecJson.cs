using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Fields;

/// <summary>Writes the normal form: what is absent, empty or false is left out, and so is what equals its default.</summary>
internal static class SpecJson
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The text of a node.</summary>
    public static string Text(JsonNode node) => node.ToJsonString(Compact);

    /// <summary>Sets a field, unless there is nothing to say.</summary>
    public static JsonObject With(this JsonObject fields, string name, JsonNode? value)
    {
        var nothing = value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 } || value.GetValueKind() == JsonValueKind.False;
        if (!nothing)
        {
            fields[name] = value;
        }

        return fields;
    }

    /// <summary>The value, or null where it is the default.</summary>
    public static JsonNode? Unless(string value, string otherwise) => value == otherwise ? null : JsonValue.Create(value);

    /// <summary>The number, or null where it is the default.</summary>
    public static JsonNode? Unless(int value, int otherwise) => value == otherwise ? null : JsonValue.Create(value);

    /// <summary>A list of texts.</summary>
    public static JsonArray Texts(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];

    /// <summary>An object of texts, by key.</summary>
    public static JsonObject TextMap(IReadOnlyDictionary<string, string> values) =>
        new(values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)));
}
