using System.Diagnostics.CodeAnalysis;

namespace Pushcart.Resources.Schedules;

/// <summary>A cron expression as it is understood.</summary>
/// <param name="Expressions">Expressions of Quartz; their union is meant.</param>
/// <param name="Zone">Zone of the times.</param>
/// <param name="EveryHour">True where the hour is <c>*</c> or <c>*/n</c>.</param>
internal sealed record CronText(IReadOnlyList<string> Expressions, TimeZoneInfo Zone, bool EveryHour)
{
    private const int MostCharacters = 256;
    private const string ZonePrefix = "TZ=";

    private static readonly Dictionary<string, string> Aliases = new(StringComparer.OrdinalIgnoreCase)
    {
        ["@hourly"] = "0 * * * *",
        ["@daily"] = "0 0 * * *",
        ["@midnight"] = "0 0 * * *",
        ["@weekly"] = "0 0 * * 0",
        ["@monthly"] = "0 0 1 * *",
        ["@yearly"] = "0 0 1 1 *",
        ["@annually"] = "0 0 1 1 *",
    };

    /// <summary>Reads an expression and translates it for Quartz, which understands neither Unix' days of the week nor both kinds of day at once.</summary>
    public static bool TryRead(string text, [NotNullWhen(true)] out CronText? cron, [NotNullWhen(false)] out string? error)
    {
        cron = null;
        var parts = text.Length > MostCharacters ? [] : text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var zone = TimeZoneInfo.Utc;
        if (parts.Length > 0 && parts[0].StartsWith(ZonePrefix, StringComparison.Ordinal))
        {
            if (!TryZone(parts[0][ZonePrefix.Length..], out zone, out error))
            {
                return false;
            }

            parts = parts[1..];
        }

        if (parts is [['@', ..] word])
        {
            if (!Aliases.TryGetValue(word, out var meant))
            {
                error = $"{Wording.Quote(word)} is none of {string.Join(", ", Aliases.Keys)}";
                return false;
            }

            parts = meant.Split(' ');
        }

        if (parts.Length is < 5 or > 7)
        {
            error = $"{Wording.Quote(text)} is no cron expression: it has {parts.Length} fields; write 5 (minute first), 6 (second first) or 7 (year last), {MostCharacters} characters at most";
            return false;
        }

        return TryFields(parts.Length == 5 ? ["0", .. parts] : parts, zone, out cron, out error);
    }

    private static bool TryFields(string[] parts, TimeZoneInfo zone, [NotNullWhen(true)] out CronText? cron, [NotNullWhen(false)] out string? error)
    {
        cron = null;
        var fields = new List<CronField.Read>();
        foreach (var field in CronField.All)
        {
            if (!field.TryRead(fields.Count < parts.Length ? parts[fields.Count] : "*", out var read, out error))
            {
                return false;
            }

            fields.Add(read);
        }

        var (second, minute, hour, month, year) = (fields[0].List, fields[1].List, fields[2].List, fields[4].List, fields[6].List);
        var days = Days(fields[3], fields[5]);
        cron = new CronText([.. days.Select(day => $"{second} {minute} {hour} {day.OfMonth} {month} {day.OfWeek} {year}")], zone, parts[2][0] == '*');
        error = null;
        return true;
    }

    /// <summary>
    /// Which days: restricted by one field, that one; by both, either of them, as in Unix. A field is unrestricted where it is <c>*</c> or <c>?</c>.
    /// Quartz takes one <c>5L</c> or <c>1#2</c> an expression, so each stands in one of its own.
    /// </summary>
    private static IEnumerable<(string OfMonth, string OfWeek)> Days(CronField.Read ofMonth, CronField.Read ofWeek)
    {
        if (ofMonth.Any && ofWeek.Any)
        {
            return [("*", "?")];
        }

        var months = ofMonth.Any ? [] : ofMonth.Parts;
        var weeks = ofWeek.Any ? [] : ofWeek.Parts;
        return [.. months.Select(part => (part, "?")), .. weeks.Select(part => ("?", part))];
    }

    private static bool TryZone(string id, out TimeZoneInfo zone, [NotNullWhen(false)] out string? error)
    {
        error = null;
        zone = TimeZoneInfo.Utc;
        // On Linux an id is a path below the database of zones: no id leads out of it.
        var plain = id.Length is > 0 and <= 64 && id.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+') && id[0] != '/';
        if (plain && TimeZoneInfo.TryFindSystemTimeZoneById(id, out var found))
        {
            zone = found;
            return true;
        }

        error = $"TZ={Wording.Quote(id)} is no known time zone; write it like TZ=Europe/Kyiv";
        return false;
    }
}
