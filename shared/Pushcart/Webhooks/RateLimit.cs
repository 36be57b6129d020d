using System.Globalization;

namespace Pushcart.Webhooks;

/// <summary>A limit of calls, written <c>burst/seconds</c>: <paramref name="Burst"/> calls at once, and one back each <paramref name="Seconds"/> / <paramref name="Burst"/>.</summary>
/// <param name="Burst">Calls at once, from 1.</param>
/// <param name="Seconds">Seconds until all of them are back, from 1.</param>
public sealed record RateLimit(int Burst, int Seconds)
{
    /// <summary>How long one call takes to come back.</summary>
    public TimeSpan Each => TimeSpan.FromSeconds(Seconds) / Burst;

    /// <summary>Reads a limit.</summary>
    public static bool TryParse(string? text, out RateLimit? limit)
    {
        var parts = (text ?? "").Split('/');
        limit = parts.Length == 2 && Number(parts[0]) is { } burst && Number(parts[1]) is { } seconds ? new(burst, seconds) : null;
        return limit is not null;
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : null;
}
