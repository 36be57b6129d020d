using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml;

namespace Pushcart.Tests.Support.OpenApi;

/// <summary>JSON against the schemas of a document, more strictly than they say: what an answer has and its schema does not is a fault, and a word of a schema that is not known here is one too.</summary>
internal sealed class SchemaCheck(JsonObject document)
{
    private static readonly HashSet<string> s_known = ["$ref", "type", "properties", "required", "items", "enum", "anyOf", "allOf", "additionalProperties", "format", "description"];

    /// <summary>What is not as the schema says.</summary>
    public IEnumerable<string> Faults(JsonNode? value, JsonNode schema, string at) => Faults(value, [schema], at);

    // Several hold together: a property is declared where any of them declares it.
    private IEnumerable<string> Faults(JsonNode? value, IEnumerable<JsonNode> schemas, string at)
    {
        var all = schemas.SelectMany(Parts).ToList();
        foreach (var unknown in all.SelectMany(s => s.Select(word => word.Key)).Where(word => !s_known.Contains(word)))
        {
            yield return $"{at}: this check does not know the word '{unknown}' of schemas";
        }

        foreach (var either in all.Select(s => s["anyOf"]).OfType<JsonArray>())
        {
            var faults = either.Select(s => Faults(value, s!, at).ToList()).ToList();
            if (faults.TrueForAll(f => f.Count > 0))
            {
                yield return $"{at} is none of {either.Count}: {string.Join(" / ", faults.Select(f => f[0]))}";
            }
        }

        foreach (var schema in all)
        {
            if (schema["type"] is { } type && !Types(type).Any(t => Is(value, t)))
            {
                yield return $"{at} is {Short(value)}, no {type.ToJsonString()}";
            }

            if (schema["enum"] is JsonArray words && !words.Any(w => JsonNode.DeepEquals(w, value)))
            {
                yield return $"{at} is {Short(value)}, none of {words.ToJsonString()}";
            }

            if (schema["format"] is { } format && value is JsonValue text && !HasForm(text.GetValue<string>(), (string)format!))
            {
                yield return $"{at} is {Short(value)}, no {format}";
            }

            if (schema["items"] is { } items && value is JsonArray list)
            {
                foreach (var fault in list.SelectMany((item, i) => Faults(item, items, string.Create(CultureInfo.InvariantCulture, $"{at}[{i}]"))))
                {
                    yield return fault;
                }
            }
        }

        if (value is JsonObject o && all.Exists(s => s.ContainsKey("properties") || s.ContainsKey("additionalProperties")))
        {
            foreach (var fault in OfObject(o, all, at))
            {
                yield return fault;
            }
        }
    }

    private IEnumerable<string> OfObject(JsonObject value, List<JsonObject> schemas, string at)
    {
        foreach (var missing in schemas.SelectMany(s => s["required"] as JsonArray ?? []).Select(name => (string)name!).Where(name => !value.ContainsKey(name)))
        {
            yield return $"{at}.{missing} is missing";
        }

        foreach (var (name, item) in value)
        {
            var declared = schemas.Select(s => s["properties"]?[name] ?? (s["properties"] is null ? s["additionalProperties"] : null)).OfType<JsonNode>().ToList();
            if (declared.Count == 0)
            {
                yield return $"{at}.{name} is not described";
            }

            foreach (var fault in declared.Count == 0 ? [] : Faults(item, declared, $"{at}.{name}"))
            {
                yield return fault;
            }
        }
    }

    // A schema, what it refers to, and what it holds together.
    private IEnumerable<JsonObject> Parts(JsonNode schema)
    {
        var own = schema.AsObject();
        yield return own;
        var others = (own["allOf"] as JsonArray ?? []).Select(s => s!).ToList();
        if (own["$ref"] is { } reference)
        {
            others.Add(Resolve((string)reference!));
        }

        foreach (var part in others.SelectMany(Parts))
        {
            yield return part;
        }
    }

    private JsonNode Resolve(string reference) =>
        reference.Split('/').Skip(1).Aggregate((JsonNode)document, (at, word) => at[word] ?? throw new InvalidOperationException($"there is no {reference}"));

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(t => (string)t!) : [(string)type!];

    private static bool Is(JsonNode? value, string type) => (type, value?.GetValueKind() ?? JsonValueKind.Null) switch
    {
        ("null", JsonValueKind.Null) or ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value!.ToJsonString().All(c => char.IsAsciiDigit(c) || c == '-'),
        _ => false,
    };

    private static bool HasForm(string text, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _),
        "duration" => IsDuration(text),
        _ => false,
    };

    private static bool IsDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text) >= TimeSpan.Zero;
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static string Short(JsonNode? value) => value?.ToJsonString() is { } text ? text.Length > 60 ? text[..60] + "…" : text : "null";
}
