using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Azure.Functions.Worker;

namespace Pushcart.Functions.OpenApi;

/// <summary>
/// The description of all HTTP functions, by OpenAPI 3.1. It is made of what stands beside each function (route, access, answers, errors, parameters) and of the types that answers are written
/// from, when it is first asked for.
/// </summary>
internal static class OpenApiDocument
{
    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Lazy<byte[]> s_text = new(() => JsonSerializer.SerializeToUtf8Bytes(Build(Functions()), s_readable));

    /// <summary>The document, as UTF-8.</summary>
    public static byte[] Text => s_text.Value;

    /// <summary>The HTTP functions of this program.</summary>
    public static IReadOnlyList<MethodInfo> Functions() =>
        [.. typeof(OpenApiDocument).Assembly.GetTypes().SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FunctionAttribute>() is not null && TriggerOf(method) is not null)];

    /// <summary>The trigger of a function; null where it is not called by HTTP.</summary>
    public static HttpTriggerAttribute? TriggerOf(MethodInfo method) => method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).SingleOrDefault(t => t is not null);

    /// <summary>The document of some functions.</summary>
    /// <param name="functions">HTTP functions.</param>
    public static JsonObject Build(IReadOnlyList<MethodInfo> functions)
    {
        var docs = new DocComments(typeof(OpenApiDocument).Assembly.GetName().Name!, typeof(Answer<>).Assembly.GetName().Name!);
        var schemas = new AnswerSchemas(docs);
        var paths = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var function in functions)
        {
            var trigger = TriggerOf(function)!;
            foreach (var (path, isWhole) in PathsOf(trigger.Route!))
            {
                var operations = paths.TryGetValue(path, out var there) ? there : paths[path] = [];
                foreach (var method in trigger.Methods!)
                {
                    operations.Add(method, new OpenApiOperation(function, path, isWhole, docs, schemas).ToJson());
                }
            }
        }

        return new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Pushcart",
                ["description"] = "Runs Kubernetes Jobs when git repositories change. Errors are {\"code\",\"message\"}; times are RFC 3339, UTC; durations are ISO 8601. What is null is left out, unless a schema says otherwise; answers may have more fields in later versions.",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version!.ToString(3),
                ["license"] = new JsonObject { ["name"] = "MIT", ["identifier"] = "MIT" },
            },
            ["tags"] = new JsonArray([.. functions.Select(f => f.DeclaringType!).Distinct().OrderBy(OpenApiOperation.TagOf, StringComparer.Ordinal)
                .Select(type => (JsonNode)new JsonObject { ["name"] = OpenApiOperation.TagOf(type), ["description"] = docs.Of(type) ?? "" })]),
            ["paths"] = new JsonObject(paths.Select(path => KeyValuePair.Create(path.Key, (JsonNode?)path.Value))),
            ["components"] = new JsonObject
            {
                ["schemas"] = new JsonObject(schemas.Components.Select(schema => KeyValuePair.Create(schema.Key, (JsonNode?)schema.Value))),
                ["securitySchemes"] = new JsonObject
                {
                    [OpenApiOperation.TokenScheme] = new JsonObject
                    {
                        ["type"] = "http",
                        ["scheme"] = "bearer",
                        ["description"] = "A token of `api/tokens`, or the first admin token. Each operation names the scope that it takes; `write` holds `read`, and `admin` holds both, and `hook`.",
                    },
                },
            },
        };
    }

    // A path's parameters are all required: a route whose last one may be left out is two paths.
    private static IEnumerable<(string Path, bool IsWhole)> PathsOf(string route)
    {
        if (!route.EndsWith("?}", StringComparison.Ordinal))
        {
            return [("/" + route, false)];
        }

        return [("/" + route[..route.LastIndexOf('/')], false), ("/" + route.Replace("?}", "}", StringComparison.Ordinal), true)];
    }
}
