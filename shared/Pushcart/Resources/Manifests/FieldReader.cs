using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// Reads the fields of one JSON object, strictly: a wrong value is noted with its path and reading goes on, so that one pass finds all faults.
/// Whoever asks for a field makes it known; <see cref="Close"/> notes the fields that nobody asked for. Null counts as absent, as it does in Kubernetes.
/// </summary>
internal sealed class FieldReader(JsonObject fields, string path, Faults faults)
{
    private readonly List<string> _known = [];

    /// <summary>True where the field is there and not null.</summary>
    public bool Has(string name) => fields[name] is not null;

    /// <summary>True where the field is a text.</summary>
    public bool IsText(string name) => fields[name]?.GetValueKind() == JsonValueKind.String;

    /// <summary>Notes a fault of a field.</summary>
    public void Fault(string name, string message) => faults.Add(Wording.Field(path, name), message);

    /// <summary>Notes a fault of this object as a whole.</summary>
    public void FaultHere(string message) => faults.Add(path, message);

    /// <summary>A text, or null where it is absent or wrong. <paramref name="rule"/> answers what is wrong with a value, or null.</summary>
    public string? Text(string name, Func<string, string?>? rule = null)
    {
        var node = Take(name);
        return node is null ? null : TextOf(node, Wording.Field(path, name), rule);
    }

    /// <summary>A text that must be there; empty where it is not, or is wrong.</summary>
    public string RequiredText(string name, Func<string, string?>? rule = null)
    {
        if (!Has(name))
        {
            Fault(name, "is required");
        }

        return Text(name, rule) ?? "";
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise)
    {
        var node = Take(name);
        switch (node?.GetValueKind())
        {
            case null:
                return otherwise;
            case JsonValueKind.True or JsonValueKind.False:
                return node.GetValue<bool>();
            default:
                Fault(name, $"must be true or false, without quotes, not {Wording.Describe(node)}");
                return otherwise;
        }
    }

    /// <summary>A whole number in a range, or null where it is absent or wrong.</summary>
    public int? Number(string name, int least, int most)
    {
        var node = Take(name);
        if (node is null)
        {
            return null;
        }

        var range = most == int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"at least {least}") : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        if (node.GetValueKind() == JsonValueKind.Number && int.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= least && value <= most)
        {
            return value;
        }

        Fault(name, $"must be a whole number, {range}, without quotes, not {Wording.Describe(node)}");
        return null;
    }

    /// <summary>One of a few words; null where the field is absent or wrong.</summary>
    public T? Choice<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (Text(name) is not { } word)
        {
            return null;
        }

        if (words.TryGetValue(word, out var value))
        {
            return value;
        }

        var nearest = Wording.Nearest(word, words.Keys);
        Fault(name, $"must be {string.Join(" or ", words.Keys)}, not {Wording.Quote(word)}{(nearest is null ? "" : $"; did you mean {nearest}?")}");
        return null;
    }

    /// <summary>One of a few words that must be there; the first value where it is not.</summary>
    public T RequiredChoice<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (!Has(name))
        {
            Fault(name, $"is required: {string.Join(" or ", words.Keys)}");
        }

        return Choice(name, words) ?? default;
    }

    /// <summary>A reader for an object, or null where it is absent or no object. Its own <see cref="Close"/> is the caller's.</summary>
    public FieldReader? Object(string name)
    {
        var node = Take(name);
        if (node is null or JsonObject)
        {
            return node is null ? null : new FieldReader((JsonObject)node, Wording.Field(path, name), faults);
        }

        Fault(name, $"must be an object, not {Wording.Describe(node)}");
        return null;
    }

    /// <summary>A reader for an object that must be there; null where it is not.</summary>
    public FieldReader? RequiredObject(string name)
    {
        if (!Has(name))
        {
            Fault(name, "is required");
        }

        return Object(name);
    }

    /// <summary>A list of texts; empty where it is absent.</summary>
    public IReadOnlyList<string> Texts(string name, Func<string, string?>? rule = null)
    {
        var node = Take(name);
        if (node is JsonArray items)
        {
            return [.. items.Select((item, i) => TextOf(item, $"{Wording.Field(path, name)}[{i}]", rule) ?? "")];
        }

        if (node is not null)
        {
            Fault(name, $"must be a list of texts, not {Wording.Describe(node)}");
        }

        return [];
    }

    /// <summary>An object whose values are texts; empty where it is absent.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string name, Func<string, string?>? keyRule = null, Func<string, string?>? valueRule = null)
    {
        var texts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var node = Take(name);
        if (node is not null and not JsonObject)
        {
            Fault(name, $"must be an object of texts, not {Wording.Describe(node)}");
        }

        foreach (var (key, value) in node as JsonObject ?? [])
        {
            var at = Wording.Field(Wording.Field(path, name), key);
            if (keyRule?.Invoke(key) is { } wrong)
            {
                faults.Add(at, wrong);
            }

            texts[key] = TextOf(value, at, valueRule) ?? "";
        }

        return texts;
    }

    /// <summary>An object as it is written, for others to judge; null where it is absent or empty.</summary>
    public JsonObject? Raw(string name)
    {
        var node = Take(name);
        if (node is not null and not JsonObject)
        {
            Fault(name, $"must be an object, not {Wording.Describe(node)}");
        }

        return node is JsonObject { Count: > 0 } found ? (JsonObject)found.DeepClone() : null;
    }

    /// <summary>A list of objects as it is written; null where it is absent or empty.</summary>
    public JsonArray? RawObjects(string name)
    {
        var node = Take(name);
        if (node is not null && (node is not JsonArray list || list.Any(item => item is not JsonObject)))
        {
            Fault(name, node is JsonArray ? "must be a list of objects" : $"must be a list of objects, not {Wording.Describe(node)}");
            return null;
        }

        return node is JsonArray { Count: > 0 } found ? (JsonArray)found.DeepClone() : null;
    }

    /// <summary>The items of a list, for documents that hold documents.</summary>
    public JsonArray List(string name)
    {
        var node = Take(name);
        if (node is not null and not JsonArray)
        {
            Fault(name, $"must be a list, not {Wording.Describe(node)}");
        }

        return node as JsonArray ?? [];
    }

    /// <summary>A field that a later version knows. Absent or false asks for nothing and is accepted.</summary>
    public void NotYet(string name)
    {
        if (Take(name) is { } node && node.GetValueKind() != JsonValueKind.False)
        {
            Fault(name, "is not supported by this version of Pushcart yet");
        }
    }

    /// <summary>Fields that are accepted and have no meaning here.</summary>
    public void Ignore(params ReadOnlySpan<string> names) => _known.AddRange(names);

    /// <summary>Notes the fields that nobody asked for.</summary>
    public void Close()
    {
        foreach (var (name, _) in fields)
        {
            if (!_known.Contains(name))
            {
                var nearest = Wording.Nearest(name, _known);
                Fault(name, nearest is null ? $"is no field here; the fields are {string.Join(", ", _known.Distinct())}" : $"is no field here; did you mean {nearest}?");
            }
        }
    }

    private JsonNode? Take(string name)
    {
        _known.Add(name);
        return fields[name];
    }

    private string? TextOf(JsonNode? node, string at, Func<string, string?>? rule)
    {
        if (node?.GetValueKind() != JsonValueKind.String)
        {
            faults.Add(at, node switch
            {
                null => "must be text, and is empty",
                JsonValue => $"must be text, but {node.ToJsonString()} is read as a {(node.GetValueKind() == JsonValueKind.Number ? "number" : "truth value")}; put it in quotes",
                _ => $"must be text, not {Wording.Describe(node)}",
            });
            return null;
        }

        var text = node.GetValue<string>();
        if ((text.Contains('\0', StringComparison.Ordinal) ? "holds a NUL character" : rule?.Invoke(text)) is not { } wrong)
        {
            return text;
        }

        faults.Add(at, wrong);
        return null;
    }
}
