using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Octokit.Internal;

/// <summary>Writes and reads JSON.</summary>
public interface IJsonSerializer
{
    /// <summary>Writes.</summary>
    string Serialize(object item);

    /// <summary>Reads.</summary>
    T Deserialize<T>(string json);
}

/// <summary>JSON as GitHub has it: <c>snake_case</c>, without what is null; numbers and words are read as text where text is wanted.</summary>
public class SimpleJsonSerializer : IJsonSerializer
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower), new LenientText() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { PrivateSetters } },
    };

    /// <inheritdoc/>
    public string Serialize(object item) => JsonSerializer.Serialize(item, item.GetType(), s_options);

    /// <inheritdoc/>
    public T Deserialize<T>(string json) => JsonSerializer.Deserialize<T>(json, s_options)!;

    // The models of the library are set by nobody else.
    private static void PrivateSetters(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p => p.Set is null))
        {
            if (property.AttributeProvider is System.Reflection.PropertyInfo { SetMethod: not null } info)
            {
                property.Set = info.SetValue;
            }
        }
    }

    private sealed class LenientText : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
        {
            JsonTokenType.String => reader.GetString(),
            JsonTokenType.Null => null,
            JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False => JsonElement.ParseValue(ref reader).GetRawText(),
            _ => throw new JsonException("a text is expected"),
        };

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
    }
}
