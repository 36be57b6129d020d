using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pushcart;

/// <summary>Reads durations as people write them.</summary>
public static class Duration
{
    /// <summary>The longest interval: 366 days.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private const string Form = "write it like 10s, 5m, 5h30m25s or 1day 2h";

    // The units of git-events-runner (the Rust crate humantime), in ticks of 100 ns. A month is 30.44 days, a year 365.25. M is a month, m a minute.
    private static readonly Dictionary<string, decimal> Units = Build(
        (0.01m, "nsec ns"),
        (10m, "usec us"),
        (TimeSpan.TicksPerMillisecond, "millis msec ms"),
        (TimeSpan.TicksPerSecond, "seconds second secs sec s"),
        (TimeSpan.TicksPerMinute, "minutes minute mins min m"),
        (TimeSpan.TicksPerHour, "hours hour hrs hr h"),
        (TimeSpan.TicksPerDay, "days day d"),
        (TimeSpan.TicksPerDay * 7m, "weeks week wks wk w"),
        (TimeSpan.TicksPerDay * 30.44m, "months month M"),
        (TimeSpan.TicksPerDay * 365.25m, "years year yrs yr y"));

    /// <summary>Reads an interval: whole seconds, from 1 s to 366 days (<c>10s</c>, <c>5h30m25s</c>, <c>1day 2h</c>).</summary>
    /// <param name="text">What is written.</param>
    /// <param name="value">The interval.</param>
    /// <param name="error">What is wrong, where it is no interval.</param>
    public static bool TryParse(string text, out TimeSpan value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        if (!TrySum(text, out var ticks, out error))
        {
            return false;
        }

        var shown = Wording.Quote(text);
        error = ticks < TimeSpan.TicksPerSecond ? $"{shown} is shorter than 1s, the shortest interval"
            : ticks > Longest.Ticks ? $"{shown} is longer than 366 days, the longest interval"
            : ticks % TimeSpan.TicksPerSecond != 0 ? $"{shown} is no whole number of seconds"
            : null;
        value = error is null ? TimeSpan.FromTicks((long)ticks) : default;
        return error is null;
    }

    /// <summary>
    /// Reads a duration of a setting: <c>0</c> (off, <see cref="TimeSpan.Zero"/>), <c>30s</c>, <c>24h</c>, <c>30d</c>, or .NET's <c>[d.]hh:mm:ss</c>. Not negative; fractions of a second are kept.
    /// </summary>
    /// <param name="text">What is written.</param>
    /// <param name="value">The duration.</param>
    /// <param name="error">What is wrong, where it is no duration.</param>
    public static bool TryParseSetting(string text, out TimeSpan value, [NotNullWhen(false)] out string? error)
    {
        value = default;
        error = null;
        var trimmed = text.Trim();
        if (trimmed == "0")
        {
            return true;
        }

        // A colon tells the forms apart: without one .NET would read "30" as 30 days.
        if (trimmed.Contains(':', StringComparison.Ordinal))
        {
            var read = TimeSpan.TryParse(trimmed, CultureInfo.InvariantCulture, out value) && value >= TimeSpan.Zero;
            error = read ? null : $"{Wording.Quote(text)} is no duration; write it like 0, 30s, 15m, 24h, 30d or 01:30:00";
            value = read ? value : default;
            return read;
        }

        if (!TrySum(trimmed, out var ticks, out error))
        {
            return false;
        }

        if (ticks > TimeSpan.MaxValue.Ticks)
        {
            error = $"{Wording.Quote(text)} is too long";
            return false;
        }

        value = TimeSpan.FromTicks((long)ticks);
        return true;
    }

    /// <summary>Adds up pairs of a whole number and a unit, with or without spaces between them.</summary>
    private static bool TrySum(string text, out decimal ticks, [NotNullWhen(false)] out string? error)
    {
        ticks = 0;
        error = null;
        var rest = text.AsSpan().Trim();
        if (rest.Length is 0 or > 100)
        {
            error = $"{Wording.Quote(text)} is no duration; {Form}";
            return false;
        }

        while (rest.Length > 0)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            var number = digits < 0 ? rest : rest[..digits];
            rest = rest[number.Length..].TrimStart();
            var letters = 0;
            while (letters < rest.Length && char.IsAsciiLetter(rest[letters]))
            {
                letters++;
            }

            var unit = rest[..letters].ToString();
            rest = rest[letters..].TrimStart();
            if (number.Length is 0 or > 12 || !Units.TryGetValue(unit, out var size))
            {
                error = $"{Wording.Quote(text)} is no duration{(number.Length > 0 && unit.Length == 0 ? ": a unit is missing" : "")}; {Form}";
                return false;
            }

            ticks += size * decimal.Parse(number, NumberStyles.None, CultureInfo.InvariantCulture);
        }

        return true;
    }

    private static Dictionary<string, decimal> Build(params (decimal Ticks, string Names)[] units) =>
        units.SelectMany(unit => unit.Names.Split(' ').Select(name => (name, unit.Ticks))).ToDictionary(unit => unit.name, unit => unit.Ticks, StringComparer.Ordinal);
}
