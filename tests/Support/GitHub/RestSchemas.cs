using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Tests.Support.GitHub;

/// <summary>JSON against the schemas of a description, as OpenAPI 3.0 has them: the words that GitHub's use.</summary>
internal sealed class RestSchemas(JsonObject document)
{
    /// <summary>What a reference names; anything else itself.</summary>
    public JsonObject Resolve(JsonNode node)
    {
        while (node["$ref"] is { } reference)
        {
            node = ((string)reference!).Split('/').Skip(1).Aggregate((JsonNode)document, (at, word) => at[word] ?? throw new InvalidOperationException($"there is no {reference}"));
        }

        return node.AsObject();
    }

    /// <summary>What is not as the schema says.</summary>
    public IEnumerable<string> Faults(JsonNode? value, JsonNode schemaOrReference, string at)
    {
        var schema = Resolve(schemaOrReference);
        foreach (var (word, all) in new[] { ("oneOf", false), ("anyOf", false), ("allOf", true) })
        {
            if (schema[word] is JsonArray parts)
            {
                var faults = parts.Select(p => Faults(value, p!, at).ToList()).ToList();
                return all ? faults.SelectMany(f => f) : faults.Exists(f => f.Count == 0) || (value is null && IsNullable(schema)) ? [] : faults[0];
            }
        }

        if (value is null)
        {
            return IsNullable(schema) || schema["type"] is null || at is "request" ? [] : [$"{at} is null"];
        }

        if (schema["enum"] is JsonArray words && !words.Any(w => JsonNode.DeepEquals(w, value)))
        {
            return [$"{at} is {value.ToJsonString()}, none of {words.ToJsonString()}"];
        }

        return (string?)schema["type"] switch
        {
            "object" when value is JsonObject o => OfObject(o, schema, at),
            "array" when value is JsonArray a => a.SelectMany((item, i) => Faults(item, schema["items"]!, string.Create(CultureInfo.InvariantCulture, $"{at}[{i}]"))),
            "string" when value.GetValueKind() == JsonValueKind.String => [],
            "integer" when value.GetValueKind() == JsonValueKind.Number && !value.ToJsonString().Contains('.', StringComparison.Ordinal) => [],
            "number" when value.GetValueKind() == JsonValueKind.Number => [],
            "boolean" when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => [],
            null => [],
            var type => [$"{at} is {value.ToJsonString()}, no {type}"],
        };
    }

    private IEnumerable<string> OfObject(JsonObject value, JsonObject schema, string at)
    {
        var properties = schema["properties"]?.AsObject() ?? [];
        foreach (var required in (schema["required"]?.AsArray() ?? []).Select(r => (string)r!).Where(r => !value.ContainsKey(r)))
        {
            yield return $"{at}.{required} is missing";
        }

        foreach (var (name, item) in value)
        {
            if (properties[name] is { } known)
            {
                foreach (var fault in Faults(item, known, $"{at}.{name}"))
                {
                    yield return fault;
                }
            }
            else if (properties.Count > 0 && (at.StartsWith("request", StringComparison.Ordinal) || schema["additionalProperties"] is JsonValue more && !(bool)more))
            {
                // GitHub would not say so, but what it does not know does nothing.
                yield return $"{at}.{name} is not described";
            }
        }
    }

    private static bool IsNullable(JsonObject schema) => (bool?)schema["nullable"] == true;
}
