using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>Reads what the API writes, without trust.</summary>
internal static class KubeJson
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 128, AllowDuplicateProperties = false };

    /// <summary>The object; null where the bytes are no whole JSON object.</summary>
    public static JsonObject? Parse(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return JsonNode.Parse(bytes, documentOptions: s_options) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text; null where the node is none.</summary>
    public static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
