using System.Reflection;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// The JSON schema of one object, recorded while the code that reads manifests runs on nothing: what it asks for is what the schema allows,
/// so the two cannot differ. Rules that no schema can tell (a schedule without a future) stay the reader's.
/// </summary>
internal sealed class FieldSchema
{
    private readonly Dictionary<string, Func<JsonObject>> _fields = [];
    private readonly List<string> _required = [];
    private string[] _exactlyOne = [];

    /// <summary>The schema of a text that obeys a rule.</summary>
    public static JsonObject TextOf(Func<string, string?>? rule)
    {
        var text = new JsonObject { ["type"] = "string" };
        if (rule?.Method.GetCustomAttribute<TextFormAttribute>() is { } form)
        {
            text["pattern"] = $"^({form.Pattern})$";
            text["maxLength"] = form.Most;
        }

        return text;
    }

    /// <summary>The schema of one of a few words.</summary>
    public static JsonObject WordOf(IEnumerable<string> words) => new() { ["enum"] = new JsonArray([.. words.Select(word => (JsonNode)word)]) };

    /// <summary>The schema of a list; one of at least <paramref name="least"/> items holds each once.</summary>
    public static JsonObject ListOf(JsonObject items, int least = 0)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items };
        if (least > 0)
        {
            list["minItems"] = least;
            list["uniqueItems"] = true;
        }

        return list;
    }

    /// <summary>The schema of an object with any keys that obey a rule.</summary>
    public static JsonObject MapOf(Func<string, string?>? keys, Func<string, string?>? values)
    {
        var map = new JsonObject { ["type"] = "object", ["additionalProperties"] = TextOf(values) };
        if (keys?.Method.GetCustomAttribute<TextFormAttribute>() is { } form)
        {
            map["propertyNames"] = new JsonObject { ["pattern"] = $"^({form.Pattern})$" };
        }

        return map;
    }

    /// <summary>The schema of an object that others judge.</summary>
    public static JsonObject Anything() => new() { ["type"] = "object" };

    /// <summary>The schema of a whole number.</summary>
    public static JsonObject NumberOf(int least, int most)
    {
        var number = new JsonObject { ["type"] = "integer", ["minimum"] = least };
        if (most != int.MaxValue)
        {
            number["maximum"] = most;
        }

        return number;
    }

    /// <summary>A field. Asked for twice, the later schema counts.</summary>
    public void Add(string name, JsonObject schema) => _fields[name] = () => schema;

    /// <summary>A field that is an object.</summary>
    public FieldSchema AddObject(string name)
    {
        var fields = new FieldSchema();
        _fields[name] = fields.ToJson;
        return fields;
    }

    /// <summary>A field that must be there.</summary>
    public void Require(string name) => _required.Add(name);

    /// <summary>Exactly one of these fields must be there.</summary>
    public void RequireOne(string[] names) => _exactlyOne = names;

    /// <summary>The schema.</summary>
    public JsonObject ToJson()
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject(_fields.Select(field => KeyValuePair.Create(field.Key, (JsonNode?)field.Value()))),
        };
        if (_required.Count > 0)
        {
            schema["required"] = Names(_required.Distinct());
        }

        if (_exactlyOne.Length > 0)
        {
            schema["oneOf"] = new JsonArray([.. _exactlyOne.Select(name => (JsonNode)new JsonObject { ["required"] = Names([name]) })]);
        }

        schema["additionalProperties"] = false;
        return schema;
    }

    private static JsonArray Names(IEnumerable<string> names) => [.. names.Select(name => (JsonNode)name)];
}

/// <summary>What texts a rule allows, as far as a regular expression of JSON schema (ECMA 262) can say it.</summary>
/// <param name="pattern">The expression, for the whole text.</param>
/// <param name="most">Characters at most.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TextFormAttribute(string pattern, int most) : Attribute
{
    public string Pattern { get; } = pattern;

    public int Most { get; } = most;
}
