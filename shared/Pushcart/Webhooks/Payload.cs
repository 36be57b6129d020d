using System.Text;
using System.Text.Json;

namespace Pushcart.Webhooks;

/// <summary>The body of a provider's request: raw bytes, and the JSON in them. All of it is bounded.</summary>
internal sealed class Payload
{
    /// <summary>Bytes of a body at most: 25 MB, which is GitHub's own limit.</summary>
    public const int MostBytes = 25 * 1024 * 1024;

    // Real payloads have about 10 levels.
    private const int MostLevels = 64;
    private const int MostAddresses = 16;
    private const int LongestName = 64;

    private readonly byte[] _raw;

    private Payload(byte[] raw, ReadOnlyMemory<byte> json) => (_raw, Json) = (raw, json);

    /// <summary>The JSON, not looked at yet.</summary>
    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The body as it came.</summary>
    public ReadOnlyMemory<byte> Raw => _raw;

    /// <summary>Reads a body, once.</summary>
    /// <returns>The payload; or the answer, where it is too large or has not the form that its content type says.</returns>
    public static async Task<(Payload? Payload, HookAnswer? Refusal)> ReadAsync(HookRequest request, CancellationToken cancellation)
    {
        var type = (request.Value("content-type") ?? "application/json").Split(';')[0].Trim().ToLowerInvariant();
        var isForm = type == "application/x-www-form-urlencoded";
        if (!isForm && type != "application/json" && !type.EndsWith("+json", StringComparison.Ordinal))
        {
            return (null, HookAnswer.Refused(415, $"the content type is not supported; send application/json"));
        }

        if (await BodyText.BytesAsync(request.Body, request.Length, MostBytes, cancellation).ConfigureAwait(false) is not { } raw)
        {
            return (null, HookAnswer.Refused(413, $"the body is larger than {MostBytes:N0} bytes"));
        }

        return !isForm ? (new(raw, raw), null)
            : OfForm(raw) is { } json ? (new(raw, json), null)
            : (null, HookAnswer.Refused(400, "the form has no field 'payload'"));
    }

    /// <summary>
    /// The texts at these paths, such as <c>repository.clone_url</c>: all that is read before the sender has proved who it is. Nothing is built of the rest, but it must be JSON.
    /// </summary>
    /// <returns>The texts, at most 16; null where the body is no JSON object.</returns>
    public IReadOnlyList<string>? Texts(IReadOnlyCollection<string> paths)
    {
        var found = new List<string>();
        try
        {
            var reader = new Utf8JsonReader(Json.Span, new() { MaxDepth = MostLevels });
            var names = new string?[MostLevels + 2];
            var deepest = paths.Max(p => p.Count(c => c == '.')) + 1;
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read())
            {
                var level = reader.CurrentDepth;
                if (reader.TokenType == JsonTokenType.PropertyName)
                {
                    names[level] = level <= deepest && reader.ValueSpan.Length <= LongestName ? reader.GetString() : null;
                }
                else if (reader.TokenType == JsonTokenType.StartArray)
                {
                    names[level + 1] = null;
                }
                else if (reader.TokenType == JsonTokenType.String && level <= deepest && found.Count < MostAddresses && paths.Contains(string.Join('.', names.AsSpan(1, level))))
                {
                    found.Add(reader.GetString()!);
                }
            }

            return found;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The second is text that is no Unicode.
            return null;
        }
    }

    /// <summary>Reads the whole, once its sender is known; null where it has not the form that is expected.</summary>
    /// <param name="read">Reads it; what it misses is an exception of the JSON library.</param>
    public T? Read<T>(Func<JsonElement, T> read) where T : class
    {
        try
        {
            using var document = JsonDocument.Parse(Json, new() { MaxDepth = MostLevels });
            return read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    // payload=…, as GitHub and Gitea send it where the hook says so.
    private static byte[]? OfForm(byte[] raw)
    {
        foreach (var field in Encoding.UTF8.GetString(raw).Split('&'))
        {
            const string Name = "payload=";
            if (field.StartsWith(Name, StringComparison.Ordinal))
            {
                return Encoding.UTF8.GetBytes(Uri.UnescapeDataString(field[Name.Length..].Replace('+', ' ')));
            }
        }

        return null;
    }
}
