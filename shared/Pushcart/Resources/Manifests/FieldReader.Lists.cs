using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <content>Fields that hold several values.</content>
internal sealed partial class FieldReader
{
    /// <summary>A list of texts; empty where it is absent.</summary>
    public IReadOnlyList<string> Texts(string name, Func<string, string?>? rule = null)
    {
        schema?.Add(name, FieldSchema.ListOf(FieldSchema.TextOf(rule)));
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

    /// <summary>A list of at least one text.</summary>
    /// <param name="name">Of the field.</param>
    /// <param name="what">What one of them is, for the message where there is none.</param>
    /// <param name="rule">What is wrong with a text, or null.</param>
    public IReadOnlyList<string> RequiredTexts(string name, string what, Func<string, string?>? rule = null)
    {
        var texts = Texts(name, rule);
        schema?.Require(name);
        schema?.Add(name, FieldSchema.ListOf(FieldSchema.TextOf(rule), least: 1));
        if (texts.Count == 0)
        {
            Fault(name, $"is required: at least one {what}");
        }

        return texts;
    }

    /// <summary>A list of texts, or one text that stands for a list of itself; empty where it is absent.</summary>
    public IReadOnlyList<string> TextOrTexts(string name, Func<string, string?>? rule)
    {
        var texts = IsText(name) ? [Text(name, rule) ?? ""] : Texts(name);
        schema?.Add(name, new JsonObject { ["oneOf"] = new JsonArray(FieldSchema.ListOf(FieldSchema.TextOf(null)), FieldSchema.TextOf(rule)) });
        return texts;
    }

    /// <summary>An object whose values are texts; empty where it is absent.</summary>
    public IReadOnlyDictionary<string, string> TextMap(string name, Func<string, string?>? keyRule = null, Func<string, string?>? valueRule = null)
    {
        schema?.Add(name, FieldSchema.MapOf(keyRule, valueRule));
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
        schema?.Add(name, FieldSchema.Anything());
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
        schema?.Add(name, FieldSchema.ListOf(FieldSchema.Anything()));
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
}
