using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Pushcart.Inspection;

/// <summary>The queues.</summary>
/// <param name="Queues">The two that work comes by, and then those that the host moves messages to which failed too often.</param>
public sealed record QueueList(IReadOnlyList<QueueView> Queues);

/// <summary>How a queue stands. Storage counts all messages about, and shows at most 32 that are visible; it tells nothing of hidden ones.</summary>
public sealed record QueueView
{
    /// <summary>Its name: <c>checks</c>, <c>jobs</c>, <c>checks-poison</c> or <c>jobs-poison</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Its name in the storage account.</summary>
    public required string Queue { get; init; }

    /// <summary>About how many messages it has, hidden ones included, as storage counts them.</summary>
    public required int Messages { get; init; }

    /// <summary>Messages that wait to be taken: exact below 32.</summary>
    public required int Visible { get; init; }

    /// <summary>True where there may be more visible ones than 32, which is as far as is counted.</summary>
    public required bool VisibleAtLeast { get; init; }

    /// <summary>Messages that nobody sees now, being handled or sent with a delay: about, and null where not all visible ones are counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required int? Hidden { get; init; }

    /// <summary>
    /// How long ago the oldest visible message was sent, in ISO 8601, whole seconds; null without one. A message that was sent with a delay, or has been handled in vain, is as old as its sending.
    /// Hidden ones are not seen; where more than 32 are visible it is the oldest of the 32 at the front, which is the oldest of all as far as storage keeps the order, which it does not promise.
    /// </summary>
    [StringSyntax("duration")]
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required string? OldestAge { get; init; }
}

/// <summary>Messages of a queue.</summary>
/// <param name="Messages">Those at its front that are visible, 32 at most. Looking takes none of them.</param>
public sealed record MessageList(IReadOnlyList<MessageView> Messages);

/// <summary>A message that waits.</summary>
public sealed record MessageView : MessageContent
{
    /// <summary>The service's id.</summary>
    public required string Id { get; init; }

    /// <summary>When it was sent.</summary>
    [StringSyntax("date-time")]
    public required string? InsertedAt { get; init; }

    /// <summary>When storage drops it.</summary>
    [StringSyntax("date-time")]
    public required string? ExpiresAt { get; init; }

    /// <summary>How often it was taken to be handled.</summary>
    public required long DequeueCount { get; init; }
}
