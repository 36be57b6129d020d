using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pushcart.Resources.Manifests;

/// <summary>
/// JSON schemas (draft 7) of manifests, for editors and for checks before an apply. They are recorded from the code that reads manifests; rules that a schema cannot
/// tell (a cron expression that can never fire, a secret of another namespace) are checked by apply only.
/// </summary>
public static class ManifestSchema
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The schema of one kind.</summary>
    public static string Of(ResourceKind kind) => Text($"Pushcart: {kind}", Kind(kind));

    /// <summary>The schema of all kinds: a manifest is exactly one of them.</summary>
    public static string OfAll() => Text("Pushcart", new JsonObject { ["oneOf"] = new JsonArray([.. Enum.GetValues<ResourceKind>().Select(kind => (JsonNode)Kind(kind))]) });

    /// <summary>The paths of all fields of a kind that have a meaning of their own: <c>spec.repoUri</c>.</summary>
    internal static IEnumerable<string> Paths(ResourceKind kind)
    {
        var paths = new List<string>();
        Visit(ManifestReader.Describe(kind).ToJson(), "", (path, _) => paths.Add(path));
        return paths;
    }

    private static JsonObject Kind(ResourceKind kind)
    {
        var schema = ManifestReader.Describe(kind).ToJson();
        Visit(schema, "", (path, field) => field["description"] = FieldHelp.Of(kind, path));
        return schema;
    }

    private static void Visit(JsonObject schema, string path, Action<string, JsonObject> visit)
    {
        foreach (var (name, node) in schema["properties"] as JsonObject ?? [])
        {
            var at = Wording.Field(path, name);

            // What the server owns is accepted and has no meaning here.
            if (node is JsonObject { Count: > 0 } field)
            {
                visit(at, field);
                Visit(field, at, visit);
            }
        }
    }

    private static string Text(string title, JsonObject schema)
    {
        var root = new JsonObject { ["$schema"] = "http://json-schema.org/draft-07/schema#", ["title"] = title };
        foreach (var (name, value) in schema.ToList())
        {
            schema.Remove(name);
            root[name] = value;
        }

        return root.ToJsonString(Indented);
    }
}
