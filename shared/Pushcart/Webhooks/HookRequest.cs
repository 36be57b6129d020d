using System.Net;

namespace Pushcart.Webhooks;

/// <summary>A request as webhooks see it, whatever the host.</summary>
public sealed class HookRequest
{
    /// <summary>The values of a header, none where it is absent. Names are asked for without regard to case.</summary>
    public required Func<string, IReadOnlyList<string>> Header { get; init; }

    /// <summary>The body, unread.</summary>
    public required Stream Body { get; init; }

    /// <summary>Bytes of the body, where the sender told.</summary>
    public long? Length { get; init; }

    /// <summary>Who calls (<see cref="ClientAddress"/>).</summary>
    public IPAddress? Client { get; init; }

    /// <summary>The one value of a header; null where it is absent, empty, or stands there with different values: which one is meant, nobody can tell.</summary>
    public string? Value(string header) => Header(header) is { Count: > 0 } values && values[0].Length > 0 && values.All(v => v == values[0]) ? values[0] : null;

    /// <summary>True where a header is there at all.</summary>
    public bool Has(string header) => Header(header).Count > 0;
}
