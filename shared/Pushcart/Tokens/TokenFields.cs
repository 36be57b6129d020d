using System.Globalization;
using System.Text.Json;
using Pushcart.Resources;

namespace Pushcart.Tokens;

/// <summary>Reads the bodies of requests about tokens: JSON objects, of which every field is known.</summary>
public static class TokenFields
{
    /// <summary>Bytes of a body at most.</summary>
    public const int MostBytes = 16 * 1024;

    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false, MaxDepth = 8 };
    internal static readonly string[] OfToken = ["description", "scopes", "namespaces", "expires_at"];
    internal static readonly string[] OfRotation = ["overlap_minutes", "expires_at"];

    /// <summary>Reads what a new token is to be; or what is wrong.</summary>
    public static async Task<Answer<TokenRequest>> ReadTokenAsync(Stream body, CancellationToken cancellation)
    {
        var read = await ReadAsync(body, OfToken, cancellation).ConfigureAwait(false);
        if (read.Value is not { } fields)
        {
            return read.Refusal!;
        }

        try
        {
            return new TokenRequest
            {
                Description = fields.TryGetValue("description", out var description) ? Text("description", description).Trim() : "",
                Scopes = fields.TryGetValue("scopes", out var scopes) ? Texts("scopes", scopes).Aggregate(Scope.None, (all, word) => all | ScopeOf(word)) : Scope.Read,
                Namespaces = fields.TryGetValue("namespaces", out var names) && names.ValueKind != JsonValueKind.Null ? AllowedNamespaces.Only(Texts("namespaces", names)) : AllowedNamespaces.All,
                ExpiresAt = Time(fields),
            };
        }
        catch (FormatException e)
        {
            return Wrong(e.Message);
        }
    }

    /// <summary>Reads how a token is to be rotated, where an empty body says nothing; or what is wrong.</summary>
    public static async Task<Answer<RotationRequest>> ReadRotationAsync(Stream body, CancellationToken cancellation)
    {
        var read = await ReadAsync(body, OfRotation, cancellation).ConfigureAwait(false);
        if (read.Value is not { } fields)
        {
            return read.Refusal!;
        }

        try
        {
            return new RotationRequest
            {
                Overlap = TimeSpan.FromMinutes(fields.TryGetValue("overlap_minutes", out var minutes) ? Minutes(minutes) : 0),
                ExpiresAt = Time(fields),
            };
        }
        catch (FormatException e)
        {
            return Wrong(e.Message);
        }
    }

    internal static Refusal Wrong(string message) => new(RefusalCodes.TokenInvalid, message);

    internal static Refusal? Past(DateTimeOffset? expires, DateTimeOffset now) =>
        expires <= now ? Wrong($"expires_at: {expires.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'} is past; it is {now.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}") : null;

    internal static string Cut(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static async Task<Answer<Dictionary<string, JsonElement>>> ReadAsync(Stream body, string[] known, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(body);
        if (await BodyText.BytesAsync(body, length: null, MostBytes, cancellation).ConfigureAwait(false) is not { } bytes)
        {
            return new Refusal(RefusalCodes.BodyTooLarge, $"the body has more than {MostBytes} bytes");
        }

        if (bytes.Length == 0)
        {
            return new Dictionary<string, JsonElement>();
        }

        try
        {
            using var json = JsonDocument.Parse(bytes, s_strict);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
            {
                return NotJson("it is no object");
            }

            var fields = json.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.Clone(), StringComparer.Ordinal);
            return fields.Keys.FirstOrDefault(name => !known.Contains(name)) is { } unknown
                ? Wrong($"'{Cut(unknown)}' is no field; the fields are {string.Join(", ", known)}")
                : fields;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return NotJson(e.Message);
        }
    }

    private static Refusal NotJson(string why) => new(RefusalCodes.RequestInvalid, $"the body is not a JSON object: {why}");

    private static string Text(string name, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw new FormatException($"{name}: it is a {value.ValueKind}, and must be a text");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which JSON can write and no text can hold.
            throw new FormatException($"{name}: it holds what is no character");
        }
    }

    private static IEnumerable<string> Texts(string name, JsonElement value) => value.ValueKind == JsonValueKind.Array
        ? value.EnumerateArray().Select(one => Text(name, one))
        : throw new FormatException($"{name}: it is a {value.ValueKind}, and must be a list of texts");

    private static Scope ScopeOf(string word) =>
        Scopes.TryRead(word, out var scope) ? scope : throw new FormatException($"scopes: '{Cut(word)}' is no scope; the scopes are {string.Join(", ", Scopes.Words)}");

    private static int Minutes(JsonElement value) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var minutes) && minutes is >= 0 and <= RotationRequest.LongestOverlap
            ? minutes
            : throw new FormatException($"overlap_minutes: {Cut(value.GetRawText())} is no whole number from 0 to {RotationRequest.LongestOverlap}");

    private static DateTimeOffset? Time(Dictionary<string, JsonElement> fields)
    {
        const string Name = "expires_at";
        if (!fields.TryGetValue(Name, out var value) || value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        // With its offset: a time without one is a time of nowhere.
        var text = Text(Name, value);
        return text.Length >= "2030-01-31T00:00:00Z".Length && text[10] == 'T' && (text.EndsWith('Z') || text[^6..].IndexOfAny(['+', '-']) == 0)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time.ToUniversalTime()
            : throw new FormatException($"{Name}: '{Cut(text)}' is no time of RFC 3339, such as 2030-01-31T00:00:00Z");
    }
}
