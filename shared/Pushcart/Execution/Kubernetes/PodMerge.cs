using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes;

/// <summary>How what two sides say of a pod becomes one: Kubernetes' strategic merge in the small. Nothing given is changed, what comes back is new.</summary>
internal static class PodMerge
{
    private static readonly string[] s_kinds = ["requests", "limits"];

    /// <summary>Merges maps, at every depth; where both name a field, the upper one's stands, and a null of the upper one leaves the field out.</summary>
    public static JsonObject Over(JsonObject lower, JsonObject? upper)
    {
        var merged = Copy(lower);
        foreach (var (name, value) in upper ?? [])
        {
            if (value is null)
            {
                merged.Remove(name);
            }
            else
            {
                merged[name] = value is JsonObject map && merged[name] is JsonObject below ? Over(below, map) : value.DeepClone();
            }
        }

        return merged;
    }

    /// <summary>Appends a list to another; an item that has the name of one in the first list is left out.</summary>
    public static JsonArray Named(IEnumerable<JsonNode?> first, IEnumerable<JsonNode?>? further)
    {
        var items = first.Select(item => item?.DeepClone()).ToList();
        var names = items.Select(NameOf).OfType<string>().ToHashSet();
        items.AddRange((further ?? []).Where(item => NameOf(item) is not { } name || !names.Contains(name)).Select(item => item?.DeepClone()));
        return [.. items];
    }

    /// <summary>
    /// Requests and limits: of a resource (cpu, say) of which the upper side names either, the lower side's are left out, for a default limit below
    /// a request that was asked for would be refused.
    /// </summary>
    public static JsonObject Resources(JsonObject lower, JsonObject? upper)
    {
        var named = s_kinds.SelectMany(kind => upper?[kind] as JsonObject ?? []).Select(item => item.Key).ToHashSet();
        var kept = Copy(lower);
        foreach (var (_, kind) in kept)
        {
            foreach (var name in named)
            {
                (kind as JsonObject)?.Remove(name);
            }
        }

        return Over(kept, upper);
    }

    /// <summary>A copy; an empty object for null.</summary>
    public static JsonObject Copy(JsonNode? node) => node?.DeepClone() as JsonObject ?? [];

    /// <summary>The name of an item; null where it has none.</summary>
    public static string? NameOf(JsonNode? item) => item is JsonObject map && map["name"] is JsonValue value && value.TryGetValue<string>(out var name) ? name : null;
}
