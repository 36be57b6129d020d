using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Execution.Kubernetes;

/// <summary>Reads fields of what the API answered. What is missing, or of another type than expected, reads as nothing.</summary>
internal static class KubeFields
{
    /// <summary>The field at a path of objects.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>A text that is not empty.</summary>
    public static string? TextAt(this JsonNode? node, params ReadOnlySpan<string> path) => KubeJson.Text(node.At(path)) is { Length: > 0 } text ? text : null;

    /// <summary>A time.</summary>
    public static DateTimeOffset? TimeAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        DateTimeOffset.TryParse(node.TextAt(path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>A whole number.</summary>
    public static int? NumberAt(this JsonNode? node, params ReadOnlySpan<string> path) =>
        node.At(path) is JsonValue value && int.TryParse(value.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The objects of a list.</summary>
    public static IEnumerable<JsonObject> ItemsAt(this JsonNode? node, params ReadOnlySpan<string> path) => (node.At(path) as JsonArray ?? []).OfType<JsonObject>();

    /// <summary>A condition of the object's status that holds.</summary>
    public static JsonObject? Condition(this JsonNode? node, string type, string status = "True") =>
        node.ItemsAt("status", "conditions").FirstOrDefault(c => c.TextAt("type") == type && c.TextAt("status") == status);
}
