using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Xml;

namespace Pushcart.Workers.Wire;

/// <summary>
/// The JSON between the server and its workers: names in camel case, words for enums, durations in ISO 8601 (<c>PT60S</c>), times in RFC 3339 UTC; a field without a value is left out.
/// The worker ignores fields that it does not know, so that a newer server can tell more; the server refuses them.
/// </summary>
public static class WireJson
{
    /// <summary>How a worker writes and reads, and how the server writes.</summary>
    public static JsonSerializerOptions Options { get; } = New(JsonUnmappedMemberHandling.Skip);

    /// <summary>How the server reads.</summary>
    public static JsonSerializerOptions Strict { get; } = New(JsonUnmappedMemberHandling.Disallow);

    /// <summary>The text of a body.</summary>
    public static string Write<T>(T body) => JsonSerializer.Serialize(body, Options);

    /// <summary>Reads an answer of the server.</summary>
    /// <exception cref="JsonException">The text is no such answer: what stands between garbled it, or answered itself.</exception>
    public static T Read<T>(string text) where T : class =>
        JsonSerializer.Deserialize<T>(text, Options) ?? throw new JsonException("the answer is null");

    private static JsonSerializerOptions New(JsonUnmappedMemberHandling unknown)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            PropertyNameCaseInsensitive = false,
            NumberHandling = JsonNumberHandling.Strict,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = unknown,
            AllowDuplicateProperties = false,
            MaxDepth = 16,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false), new Iso8601Duration(), new UtcTime() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class UtcTime : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset().ToUniversalTime();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(Rfc3339.Text(value));
    }

    private sealed class Iso8601Duration : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            try
            {
                return reader.TokenType == JsonTokenType.String ? XmlConvert.ToTimeSpan(reader.GetString()!) : throw new JsonException("a duration is a text, such as PT60S");
            }
            catch (Exception e) when (e is FormatException or OverflowException)
            {
                throw new JsonException("a duration is written in ISO 8601, such as PT60S", e);
            }
        }

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(XmlConvert.ToString(value));
    }
}
