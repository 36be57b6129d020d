using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests.Syntax;

/// <summary>Reads JSON into nodes: one object, or several after each other. Duplicate names are a fault, as they are in YAML.</summary>
internal static class JsonText
{
    /// <summary>Reads the objects one by one. After a fault of syntax nothing more is read.</summary>
    public static IReadOnlyList<Document> Read(string text)
    {
        var documents = new List<Document>();
        var options = new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = ManifestLimits.Depth };
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), options);
        var faults = new Faults();
        try
        {
            while (reader.Read())
            {
                faults = new Faults();
                var root = Node(ref reader, "", faults);
                documents.Add(new Document(documents.Count + 1, root, faults));
            }
        }
        catch (JsonException fault)
        {
            faults = new Faults();
            faults.Add("", $"line {fault.LineNumber + 1}: not valid JSON: {fault.Message.Split(" LineNumber:")[0]}");
            documents.Add(new Document(documents.Count + 1, null, faults));
        }

        return documents;
    }

    private static JsonNode? Node(ref Utf8JsonReader reader, string path, Faults faults)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return Object(ref reader, path, faults);
            case JsonTokenType.StartArray:
                var items = new JsonArray();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    items.Add(Node(ref reader, $"{path}[{items.Count}]", faults));
                }

                return items;
            case JsonTokenType.String:
                return JsonValue.Create(Text(ref reader, path, faults));
            case JsonTokenType.True or JsonTokenType.False:
                return JsonValue.Create(reader.GetBoolean());
            case JsonTokenType.Null:
                return null;
            default:
                return JsonNode.Parse(reader.ValueSpan);
        }
    }

    private static JsonObject Object(ref Utf8JsonReader reader, string path, Faults faults)
    {
        var fields = new JsonObject();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Text(ref reader, path, faults);
            var at = Wording.Field(path, name);
            reader.Read();
            var value = Node(ref reader, at, faults);
            if (!fields.TryAdd(name, value))
            {
                faults.Add(at, "stands here twice; only one can be meant");
            }
        }

        return fields;
    }

    private static string Text(ref Utf8JsonReader reader, string path, Faults faults)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: JSON's grammar allows it, no text holds it.
            faults.Add(path, "holds an escape that is half a character");
            return "";
        }
    }
}
