using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pushcart.Storage;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>One check that a message asks for.</summary>
/// <param name="Trigger">Uid of the trigger.</param>
/// <param name="Source">Name of the source.</param>
/// <param name="Due">The scheduled instant.</param>
/// <param name="Confirm">On a second look: what was seen at the first (<see cref="Decision.Look"/>).</param>
public sealed record DueCheck(string Trigger, string Source, DateTimeOffset Due, string? Confirm = null);

/// <summary>One check that is owed, as a message names it.</summary>
/// <param name="Key">Key of its row.</param>
/// <param name="Confirm">On a second look: what was seen at the first (<see cref="Decision.Look"/>).</param>
/// <param name="ETag">Version of the row that the message carries, or null.</param>
/// <param name="Row">The row itself, which saves a read: whoever answers it names its version, so that an old one is no answer.</param>
public sealed record OwedHint(string Key, string? Confirm = null, string? ETag = null, OwedTask? Row = null);

/// <summary>A message of the queue <c>checks</c>: a hint of checks that are due, or owed.</summary>
/// <param name="V">Version.</param>
/// <param name="Generation">Of the resources that it was made from: a reader with an older snapshot reads anew.</param>
/// <param name="Checks">Scheduled checks.</param>
/// <param name="Tasks">Owed checks.</param>
public sealed record CheckMessage(int V, long Generation, IReadOnlyList<DueCheck>? Checks, IReadOnlyList<OwedHint>? Tasks = null)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>The text of the message.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>Bytes that a check takes in a message.</summary>
    public static int SizeOf(DueCheck check) => Encoding.UTF8.GetByteCount(JsonSerializer.Serialize(check, Json)) + 1;

    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">The text is no message of this queue.</exception>
    public static CheckMessage Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(MessageText.Decode(text));
            if (document.Deserialize<Head>(Json) is not { V: > 0 } head)
            {
                throw new InvalidDataException("a message of the queue 'checks' has no version");
            }

            // What else stands in a message of a later version may have another form: it is not looked at, so that it is never poison.
            var message = head.V > Rows.Version ? new CheckMessage(head.V, 0, null) : document.Deserialize<CheckMessage>(Json)!;
            return (message.Checks ?? []).All(c => c is { Trigger: not null, Source: not null }) && (message.Tasks ?? []).All(t => t is { Key: not null })
                ? message
                : throw new InvalidDataException("a message of the queue 'checks' has a check without trigger or source, or a task without key");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"a message of the queue 'checks' cannot be read: {e.Message}", e);
        }
    }

    private sealed record Head(int V);
}
