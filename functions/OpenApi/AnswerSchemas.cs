using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pushcart.Functions.Api;
using Pushcart.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Functions.OpenApi;

/// <summary>JSON schemas of the types that answers are written from, and some requests are read as, made by the writer and reader themselves. Each object is a component of its own, named like its type.</summary>
internal sealed class AnswerSchemas
{
    private readonly DocComments _docs;
    private readonly Dictionary<string, Type> _types = [];
    private readonly JsonSerializerOptions _json = new(Answers.Json) { NumberHandling = JsonNumberHandling.Strict, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };
    private readonly JsonSchemaExporterOptions _options;
    private readonly JsonSchemaExporterOptions _requestOptions;

    public AnswerSchemas(DocComments docs)
    {
        _docs = docs;
        _options = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Shape(context, node, isAnswer: true) };
        _requestOptions = new() { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = (context, node) => Shape(context, node, isAnswer: false) };
    }

    /// <summary>The components so far, by name.</summary>
    public SortedDictionary<string, JsonNode> Components { get; } = new(StringComparer.Ordinal);

    /// <summary>The schema of a type: a reference to its component.</summary>
    public JsonNode Of(Type type) => (IsOfWorkers(type) ? WireJson.Options : _json).GetJsonSchemaAsNode(type, _options);

    /// <summary>The schema of a type that a request of a worker is read as: a reference to its component.</summary>
    public JsonNode OfRequest(Type type) => WireJson.Strict.GetJsonSchemaAsNode(type, _requestOptions);

    /// <summary>A reference to a component.</summary>
    public static JsonObject Reference(string name) => new() { ["$ref"] = "#/components/schemas/" + name };

    // From the leaves to the root: what a node holds is shaped already.
    private JsonObject Shape(JsonSchemaExporterContext context, JsonNode node, bool isAnswer)
    {
        // What can be anything is `true`, which takes no description.
        var schema = node as JsonObject ?? [];
        schema.Remove("default");
        var (property, type) = (context.PropertyInfo, context.TypeInfo.Type);
        if (FormatOf(type) is { } text)
        {
            schema["type"] = "string";
            schema["format"] = text;
        }

        var canBeNull = property is not null && IsNullable(property) && IsAlwaysWritten(property);
        if (isAnswer && schema["type"] is JsonArray types && !canBeNull)
        {
            schema["type"] = types.Select(word => (string)word!).First(word => word != "null");
        }

        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
        {
            schema = Component(type, context.TypeInfo, schema, isAnswer);
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

    private JsonObject Component(Type type, JsonTypeInfo info, JsonObject schema, bool isAnswer)
    {
        // Workers get a job as it stands, people a view of it.
        var name = type == typeof(Job) ? "ClaimedJob" : type.Name.EndsWith("View", StringComparison.Ordinal) ? type.Name[..^4] : type.Name;
        if (!_types.TryAdd(name, type) && _types[name] != type)
        {
            throw new InvalidOperationException($"the API answers two types {name}: {type.FullName} and {_types[name].FullName}; rename one");
        }

        schema["type"] = "object";
        if (isAnswer)
        {
            schema["required"] = new JsonArray([.. info.Properties.Where(p => schema["properties"]?[p.Name] is not null && (!IsNullable(p) || IsAlwaysWritten(p))).Select(p => (JsonNode)p.Name)]);
        }

        foreach (var p in info.Properties.Where(p => FormatOf(p.PropertyType) is not null))
        {
            Complete(schema["properties"]![p.Name]!.AsObject(), p, isAnswer);
        }

        if (_docs.Of(type) is { } description)
        {
            schema["description"] = description;
        }

        Components[name] = schema;
        return Reference(name);
    }

    // The exporter shapes the value of a Nullable without telling whose it is.
    private void Complete(JsonObject schema, JsonPropertyInfo property, bool isAnswer)
    {
        if (!isAnswer && IsNullable(property))
        {
            schema["type"] = new JsonArray("string", "null");
        }

        if (schema["description"] is null && property.AttributeProvider is PropertyInfo member && _docs.Of(member) is { } description)
        {
            schema["description"] = description;
        }
    }

    private static bool IsOfWorkers(Type type) => type.Namespace == typeof(WireJson).Namespace;

    // Their writers are ours, and tell no schema.
    private static string? FormatOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var plain when plain == typeof(TimeSpan) => "duration",
        var plain when plain == typeof(DateTimeOffset) => "date-time",
        _ => null,
    };

    // As the writer of answers treats them: what is null is left out, unless the property says otherwise.
    private static bool IsNullable(JsonPropertyInfo property) => property.IsGetNullable || Nullable.GetUnderlyingType(property.PropertyType) is not null;

    private static bool IsAlwaysWritten(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(JsonIgnoreAttribute), inherit: true) is [JsonIgnoreAttribute { Condition: JsonIgnoreCondition.Never }];
}
