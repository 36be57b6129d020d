using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// Reads the fields of one JSON object, strictly: a wrong value is noted with its path and reading goes on, so that one pass finds all faults.
/// Whoever asks for a field makes it known; <see cref="Close"/> notes the fields that nobody asked for. Null counts as absent, as it does in Kubernetes.
/// With a schema, what is asked for is recorded there: the reading of nothing describes what may be read.
/// </summary>
internal sealed partial class FieldReader(JsonObject fields, string path, Faults faults, FieldSchema? schema = null)
{
    private readonly List<string> _known = [];

    /// <summary>Records what is asked for; nothing is read.</summary>
    public static FieldReader Describing(FieldSchema schema) => new([], "", new Faults(), schema);

    /// <summary>True where the field is there and not null.</summary>
    public bool Has(string name) => fields[name] is not null;

    /// <summary>True where the field is a text.</summary>
    public bool IsText(string name) => fields[name]?.GetValueKind() == JsonValueKind.String;

    /// <summary>Notes a fault of a field.</summary>
    public void Fault(string name, string message) => faults.Add(Wording.Field(path, name), message);

    /// <summary>Notes a fault at a path below a field.</summary>
    public void Fault(string name, string below, string message)
    {
        var field = Wording.Field(path, name);
        faults.Add(below.StartsWith('[') ? field + below : $"{field}.{below}", message);
    }

    /// <summary>Notes a fault of this object as a whole.</summary>
    public void FaultHere(string message) => faults.Add(path, message);

    /// <summary>A text, or null where it is absent or wrong. <paramref name="rule"/> answers what is wrong with a value, or null.</summary>
    public string? Text(string name, Func<string, string?>? rule = null)
    {
        schema?.Add(name, FieldSchema.TextOf(rule));
        var node = Take(name);
        return node is null ? null : TextOf(node, Wording.Field(path, name), rule);
    }

    /// <summary>A text that must be there; empty where it is not, or is wrong.</summary>
    public string RequiredText(string name, Func<string, string?>? rule = null)
    {
        Require(name, "");
        return Text(name, rule) ?? "";
    }

    /// <summary>True or false.</summary>
    public bool Flag(string name, bool otherwise)
    {
        schema?.Add(name, new JsonObject { ["type"] = "boolean", ["default"] = otherwise });
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
        schema?.Add(name, FieldSchema.NumberOf(least, most));
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
        var word = Text(name);
        schema?.Add(name, FieldSchema.WordOf(words.Keys));
        if (word is null)
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
        Require(name, $": {string.Join(" or ", words.Keys)}");
        return Choice(name, words) ?? default;
    }

    /// <summary>A reader for an object, or null where it is absent or no object. Its own <see cref="Close"/> is the caller's.</summary>
    public FieldReader? Object(string name)
    {
        var node = Take(name);
        if (node is null or JsonObject)
        {
            return schema is not null ? new FieldReader([], "", faults, schema.AddObject(name))
                : node is null ? null : new FieldReader((JsonObject)node, Wording.Field(path, name), faults);
        }

        Fault(name, $"must be an object, not {Wording.Describe(node)}");
        return null;
    }

    /// <summary>A reader for an object that must be there; null where it is not.</summary>
    public FieldReader? RequiredObject(string name)
    {
        Require(name, "");
        return Object(name);
    }

    /// <summary>Exactly one of these fields must be there; where it is not, that is a fault of this object.</summary>
    public void ExactlyOne(params string[] names)
    {
        schema?.RequireOne(names);
        var given = names.Where(Has).ToArray();
        if (given.Length != 1)
        {
            var all = $"must have one of {string.Join(", ", names[..^1])} and {names[^1]}";
            FaultHere(given.Length == 0 ? all : $"{all}, not {string.Join(" and ", given)} together");
        }
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
    public void Ignore(params ReadOnlySpan<string> names)
    {
        _known.AddRange(names);
        foreach (var name in names)
        {
            schema?.Add(name, []);
        }
    }

    /// <summary>A field that others of the kind may have, and this one may not.</summary>
    public void Forbid(string name, string message)
    {
        if (Take(name) is not null)
        {
            Fault(name, message);
        }
    }

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

    private void Require(string name, string what)
    {
        schema?.Require(name);
        if (!Has(name))
        {
            Fault(name, "is required" + what);
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
