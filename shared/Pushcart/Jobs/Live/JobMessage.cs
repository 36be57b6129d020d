using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Azure;
using Pushcart.Storage;

namespace Pushcart.Jobs.Live;

/// <summary>A message of the queue <c>jobs</c>: a hint that a job can be claimed, with the row itself where it fits, which saves a read.</summary>
public static class JobMessage
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>The message for a job.</summary>
    public static string Write(Job job)
    {
        var whole = JsonSerializer.Serialize(new Content(Rows.Version, job.Id, job.ETag.ToString(), job.Snapshots is null ? null : job), Json);
        return Encoding.UTF8.GetByteCount(whole) <= MessageQueue.MaximumBytes
            ? whole
            : JsonSerializer.Serialize(new Content(Rows.Version, job.Id, null, null), Json);
    }

    /// <summary>Reads a message.</summary>
    /// <returns>Its version, the job's id, and the job where the message carries it.</returns>
    /// <exception cref="InvalidDataException">The text is no message of this queue.</exception>
    public static (int Version, string Id, Job? Job) Read(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(MessageText.Decode(text));
            if (document.Deserialize<Head>(Json) is not { } head || !JobId.IsValid(head.Id))
            {
                throw new InvalidDataException("a message of the queue 'jobs' has no id of a job");
            }

            // What else stands in a message of a later version may have another form: it is not looked at, so that it is never poison.
            var content = head.V > Rows.Version ? null : document.Deserialize<Content>(Json);
            return (head.V, head.Id, content is { Row: { } job, ETag: { } etag } ? job with { ETag = new ETag(etag) } : null);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"a message of the queue 'jobs' cannot be read: {e.Message}", e);
        }
    }

    private sealed record Head(int V, string Id);

    private sealed record Content(int V, string Id, string? ETag, Job? Row);
}
