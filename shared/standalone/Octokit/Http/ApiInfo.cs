using System.Globalization;
using System.Text.RegularExpressions;

namespace Octokit;

/// <summary>What the headers of an answer say of limits and pages.</summary>
public partial class ApiInfo
{
    private ApiInfo(IReadOnlyDictionary<string, Uri> links, RateLimit rateLimit) => (Links, RateLimit) = (links, rateLimit);

    /// <summary>The header <c>Link</c>: <c>next</c>, <c>prev</c>, <c>first</c>, <c>last</c>.</summary>
    public IReadOnlyDictionary<string, Uri> Links { get; }

    /// <summary>The limit of the hour.</summary>
    public RateLimit RateLimit { get; }

    internal static ApiInfo Of(IReadOnlyDictionary<string, string> headers)
    {
        string? Header(string name) => headers.FirstOrDefault(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
        long Number(string name) => long.TryParse(Header(name), CultureInfo.InvariantCulture, out var number) ? number : 0;
        var links = Link().Matches(Header("Link") ?? "").ToDictionary(m => m.Groups["rel"].Value.ToLowerInvariant(), m => new Uri(m.Groups["uri"].Value));
        return new(links, new((int)Number("X-RateLimit-Limit"), (int)Number("X-RateLimit-Remaining"), Number("X-RateLimit-Reset")));
    }

    [GeneratedRegex("<(?<uri>[^>]+)>[^,]*?rel=\"(?<rel>next|prev|first|last)\"", RegexOptions.IgnoreCase)]
    private static partial Regex Link();
}

/// <summary>How many requests there may still be, and until when.</summary>
/// <param name="limit">Requests an hour; 0 where the answer says nothing.</param>
/// <param name="remaining">What is left of them.</param>
/// <param name="resetAsUtcEpochSeconds">When the next hour begins, in seconds since 1970.</param>
public class RateLimit(int limit, int remaining, long resetAsUtcEpochSeconds)
{
    /// <summary>Requests an hour; 0 where the answer says nothing.</summary>
    public int Limit { get; } = limit;

    /// <summary>What is left of them.</summary>
    public int Remaining { get; } = remaining;

    /// <summary>When the next hour begins.</summary>
    public DateTimeOffset Reset => DateTimeOffset.FromUnixTimeSeconds(ResetAsUtcEpochSeconds);

    /// <summary>When the next hour begins, in seconds since 1970.</summary>
    public long ResetAsUtcEpochSeconds { get; } = resetAsUtcEpochSeconds;
}
