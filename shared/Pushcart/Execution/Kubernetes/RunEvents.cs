using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// Events that say what no status does: why a Job cannot create its pod, and since when an image cannot be pulled. They are kept for an hour or so, and
/// may not be readable at all: without them less is known, and nothing else changes.
/// </summary>
internal sealed class RunEvents(IReadOnlyList<JsonObject> events)
{
    /// <summary>Selects the events of Jobs that say why there is no pod.</summary>
    public const string OfJobs = "involvedObject.kind=Job,reason=FailedCreate";

    /// <summary>Selects the events of pods that warn.</summary>
    public const string OfPods = "involvedObject.kind=Pod,type=Warning";

    /// <summary>No events.</summary>
    public static RunEvents None { get; } = new([]);

    /// <summary>Why the Job's pod could not be created, last; null where nothing says so.</summary>
    public string? FailedCreate(string jobUid) => events
        .Where(e => e.TextAt("involvedObject", "uid") == jobUid && e.TextAt("reason") == "FailedCreate")
        .MaxBy(Last).TextAt("message");

    /// <summary>Since when a container's image fails to come, and what was said about it last.</summary>
    public (DateTimeOffset? Since, string? Message) ImageError(string podUid, string fieldPath)
    {
        var found = events.Where(e => e.TextAt("involvedObject", "uid") == podUid && e.TextAt("involvedObject", "fieldPath") == fieldPath && IsOfImage(e)).ToList();
        var told = found.Where(e => e.TextAt("message")?.StartsWith("Failed to pull", StringComparison.Ordinal) == true).MaxBy(Last);
        return (found.Select(First).Min(), told.TextAt("message"));
    }

    private static bool IsOfImage(JsonObject e) => e.TextAt("reason") is "Failed" or "InspectFailed" or "ErrImageNeverPull"
        && e.TextAt("message")?.Contains("image", StringComparison.OrdinalIgnoreCase) == true;

    private static DateTimeOffset? First(JsonObject e) => e.TimeAt("firstTimestamp") ?? e.TimeAt("eventTime") ?? e.TimeAt("metadata", "creationTimestamp");

    private static DateTimeOffset? Last(JsonObject e) => e.TimeAt("lastTimestamp") ?? e.TimeAt("series", "lastObservedTime") ?? First(e);
}
