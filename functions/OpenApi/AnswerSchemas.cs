using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pushcart.Functions.Api;

namespace Pushcart.Functions.OpenApi;

/// <summary>JSON schemas of the types that answers are written from, made by the writer itself. Each object is a component of its own, named like its type.</summary>
internal sealed class AnswerSchemas
{
    private readonly DocComments _docs;
    private readonly Dictionary<string, Type> _types = [];
    private readonly JsonSerializerOptions _json = new(Answers.Json) { NumberHandling = JsonNumberHandling.Strict, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
    private readonly JsonSchemaExporterOptions _options;

    public AnswerSchemas(DocComments docs)
    {
        _docs = docs;
        _options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Shape };
    }

    /// <summary>The components so far, by name.</summary>
    public SortedDictionary<string, JsonNode> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of a type: a reference to its component.</summary>
    public JsonNode Of(Type type) => _json.GetJsonSchemaAsNode(type, _options);

    /// <summary>A reference to a component.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    // From the leaves to the root: what a node holds is shaped already.
    private JsonObject Shape(JsonSchemaExporterContext context, JsonNode node)
    {
        // What can be anything is `true`, which takes no description.
        var schema = node as JsonObject ?? [];
        schema.Remove("default");
        var (property, type) = (context.PropertyInfo, context.TypeInfo.Type);
        var canBeNull = property is not null && IsNullable(property) && IsAlwaysWritten(property);
        if (schema["type"] is JsonArray types && !canBeNull)
        {
            schema["type"] = types.Select(word => (string)word!).First(word => word != "null");
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema = Component(type, context.TypeInfo, schema);
            schema = canBeNull ? new() { ["anyOf"] = new JsonArray(schema, new JsonObject { ["type"] = "null" }) } : schema;
        }

        if (property?.AttributeProvider is PropertyInfo member)
        {
            if (member.GetCustomAttribute<StringSyntaxAttribute>() is { Syntax: var form })
            {
                schema["format"] = form;
            }

            if (_docs.Of(member) is { } description)
            {
                schema["description"] = description;
            }
        }

        return schema;
    }

    private JsonObject Component(Type type, JsonTypeInfo info, JsonObject schema)
    {
        var name = type.Name.EndsWith("View", StringComparison.Ordinal) ? type.Name[..^4] : type.Name;
        if (!_types.TryAdd(name, type) && _types[name] != type)
        {
            throw new InvalidOperationException($"the API answers two types {name}: {type.FullName} and {_types[name].FullName}; rename one");
        }

        schema["type"] = "object";
        schema["required"] = new JsonArray([.. info.Properties.Where(p => schema["properties"]?[p.Name] is not null && (!IsNullable(p) || IsAlwaysWritten(p))).Select(p => (JsonNode)p.Name)]);
        if (_docs.Of(type) is { } description)
        {
            schema["description"] = description;
        }

        Components[name] = schema;
        return Reference(name);
    }

    // As the writer of answers treats them: what is null is left out, unless the property says otherwise.
    private static bool IsNullable(JsonPropertyInfo property) => property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;

    private static bool IsAlwaysWritten(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
}
