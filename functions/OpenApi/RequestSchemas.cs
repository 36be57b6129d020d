using System.Text.Json.Nodes;
using Pushcart.Resources.Manifests;
using Pushcart.Tokens;

namespace Pushcart.Functions.OpenApi;

/// <summary>JSON schemas of the bodies that functions take, recorded from the code that reads them wherever that can be.</summary>
public static class RequestSchemas
{
    /// <summary>A manifest: one JSON document of those that apply takes, or one document of YAML.</summary>
    public const string Manifest = "Manifest";

    /// <summary>A job without a trigger.</summary>
    public const string NewJob = "NewJob";

    /// <summary>A token to be made.</summary>
    public const string NewToken = "NewToken";

    /// <summary>How a token is to be given a new value.</summary>
    public const string Rotation = "Rotation";

    /// <summary>What a provider sends: any JSON.</summary>
    public const string Event = "Event";

    /// <summary>The schema of that name.</summary>
    /// <exception cref="ArgumentException">There is no such schema.</exception>
    internal static JsonNode Of(string name) => name switch
    {
        Manifest => OfManifest(),
        NewJob => JobBody.Schema(),
        NewToken => OfToken(),
        Rotation => OfRotation(),
        Event => new JsonObject { ["description"] = "As the provider sends it" },
        _ => throw new ArgumentException($"no request has a schema {name}", nameof(name)),
    };

    private static JsonObject OfManifest()
    {
        var schema = JsonNode.Parse(ManifestSchema.OfAll())!.AsObject();
        schema.Remove("$schema");
        return schema;
    }

    private static JsonObject OfToken() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["description"] = new JsonObject { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = TokenRequest.LongestDescription, ["description"] = "What it is for, on one line" },
            ["scopes"] = Texts("What it may do; `read` where it is left out", new JsonObject { ["enum"] = new JsonArray([.. Scopes.Words.Select(word => (JsonNode)word)]) }),
            ["namespaces"] = Texts("Where it may act; everywhere where it is left out", new JsonObject { ["type"] = "string" }),
            ["expires_at"] = Expiry("From when it is refused; never where it is left out"),
        },
        ["required"] = new JsonArray("description"),
        ["additionalProperties"] = false,
    };

    private static JsonObject OfRotation() => new()
    {
        ["type"] = "object",
        ["properties"] = new JsonObject
        {
            ["overlap_minutes"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0, ["maximum"] = RotationRequest.LongestOverlap, ["description"] = "How long the value before works on" },
            ["expires_at"] = Expiry("From when it is refused; as long as it was before where it is left out"),
        },
        ["additionalProperties"] = false,
    };

    private static JsonObject Texts(string meaning, JsonObject items) => new() { ["type"] = "array", ["items"] = items, ["description"] = meaning };

    private static JsonObject Expiry(string meaning) => new() { ["type"] = new JsonArray("string", "null"), ["format"] = "date-time", ["description"] = meaning };
}
