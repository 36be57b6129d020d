using System.Text.Json;
using System.Text.Json.Serialization;
using Pushcart.Storage;

namespace Pushcart.Inspection;

/// <summary>What stands in a message, as people are shown it. No message of Pushcart's holds a secret: they name secrets, as rows do.</summary>
public abstract record MessageContent
{
    /// <summary>Characters of what is no JSON that a list shows.</summary>
    public const int ShortText = 2_000;

    // What is deeper is shown as text: it has to fit the answer around it, whose writer goes to 64.
    private static readonly JsonDocumentOptions s_shallow = new() { MaxDepth = 48 };

    /// <summary>What is in it, where that is JSON, as it is or in base64, as its readers take it; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public JsonElement? Body { get; init; }

    /// <summary>Its text, as it is in the queue, where that is no JSON; else null.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public string? Text { get; init; }

    /// <summary>True where the text is longer than is shown.</summary>
    public bool Cut { get; init; }

    /// <summary>Reads a message's text.</summary>
    /// <param name="text">The text as it is in the queue.</param>
    /// <param name="most">Characters of the text to show at most, where it is no JSON.</param>
    internal static (JsonElement? Body, string? Text, bool Cut) Of(string text, int most)
    {
        if (TryParse(MessageText.Decode(text)) is { } json)
        {
            return (json, null, false);
        }

        // Not in the middle of a pair of surrogates.
        var end = text.Length <= most ? text.Length : char.IsHighSurrogate(text[most - 1]) ? most - 1 : most;
        return (null, text[..end], end < text.Length);
    }

    private static JsonElement? TryParse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text, s_shallow);

            // Written once: half a pair of surrogates (\ud800) can be parsed, and not be written into an answer.
            JsonSerializer.SerializeToUtf8Bytes(document.RootElement);
            return document.RootElement.Clone();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
