using System.Globalization;

namespace Pushcart;

/// <summary>Times as everybody is shown them: RFC 3339, UTC, to the millisecond.</summary>
public static class Rfc3339
{
    /// <summary>The text of a time.</summary>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The text of a time; null without one.</summary>
    public static string? Text(DateTimeOffset? time) => time is { } known ? Text(known) : null;
}
