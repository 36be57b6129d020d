using System.Text.Json;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>The body of a call, read strictly: a field that is unknown, missing, doubled or of another form refuses all of it.</summary>
public static class WireBody
{
    /// <summary>Bytes of a body at most: 256 KiB, which holds a piece of output of 32 KiB whatever JSON makes of it.</summary>
    public const int MostBytes = 256 * 1024;

    /// <summary>Reads a body.</summary>
    /// <param name="body">The body, unread.</param>
    /// <param name="length">Its length in bytes as its sender says; null where that is not said.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<Answer<T>> ReadAsync<T>(Stream body, long? length, CancellationToken cancellation) where T : class
    {
        var text = await BodyText.ReadAsync(body, length, MostBytes, cancellation).ConfigureAwait(false);
        if (text.Refusal is { } unread)
        {
            return unread;
        }

        try
        {
            return JsonSerializer.Deserialize<T>(text.Value!, WireJson.Strict) is { } read ? read : Invalid<T>("$");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Its own message names types of this program.
            return Invalid<T>((e as JsonException)?.Path ?? "$");
        }
    }

    /// <summary>Refuses a body for one of its fields.</summary>
    public static Refusal Wrong(string field, string message) => new(RefusalCodes.BodyInvalid, $"{field}: {message}");

    private static Refusal Invalid<T>(string path) =>
        new(RefusalCodes.BodyInvalid, $"the body is no JSON object of this call: at {path} a field is unknown, missing, doubled or of another form; the fields are {string.Join(", ", Fields(typeof(T)))}");

    private static IEnumerable<string> Fields(Type type) => type.GetProperties().Select(property => char.ToLowerInvariant(property.Name[0]) + property.Name[1..]);
}
