using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pushcart.Resources.Schedules;

/// <summary>One field of a cron expression: its range, its names and what else it understands. It reads strictly, where Quartz lets much pass that nobody meant.</summary>
internal sealed class CronField
{
    private const string MonthNames = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC";
    private const string DayNames = "SUN MON TUE WED THU FRI SAT";

    /// <summary>The fields in their order: second, minute, hour, day of month, month, day of week, year.</summary>
    public static readonly IReadOnlyList<CronField> All =
    [
        new("second", 0, 59),
        new("minute", 0, 59),
        new("hour", 0, 23),
        new("day of month", 1, 31, special: DayOfMonth) { _wraps = false },
        new("month", 1, 12, MonthNames),
        new("day of week", 0, 6, DayNames, DayOfWeek, quartzOffset: 1),
        new("year", 1970, 2099) { _wraps = false },
    ];

    private readonly string _name;
    private readonly int _least;
    private readonly int _most;
    private readonly string[] _names;
    private readonly Func<CronField, string, string?>? _special;
    private readonly int _quartzOffset;

    // FRI-MON and 22-2 have one meaning. Years do not come round again, and months end on different days.
    private bool _wraps = true;

    private CronField(string name, int least, int most, string names = "", Func<CronField, string, string?>? special = null, int quartzOffset = 0)
    {
        (_name, _least, _most, _special, _quartzOffset) = (name, least, most, special, quartzOffset);
        _names = names.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Sunday is 0, and 7 too.</summary>
    private bool IsDayOfWeek => _quartzOffset == 1;

    /// <summary>A field as Quartz reads it.</summary>
    /// <param name="Any">True where the field restricts nothing: <c>*</c> or <c>?</c>.</param>
    /// <param name="Parts">A list of plain values, if there are any, and each special value by itself.</param>
    public sealed record Read(bool Any, IReadOnlyList<string> Parts)
    {
        /// <summary>The plain list.</summary>
        public string List => Any ? "*" : Parts[0];
    }

    /// <summary>Reads a field.</summary>
    public bool TryRead(string text, [NotNullWhen(true)] out Read? read, [NotNullWhen(false)] out string? error)
    {
        read = null;
        error = null;
        if (text == "*" || (text == "?" && _special is not null))
        {
            read = new Read(true, []);
            return true;
        }

        var values = new SortedSet<int>();
        var specials = new List<string>();
        foreach (var item in text.Split(','))
        {
            if (_special?.Invoke(this, item.ToUpperInvariant()) is { } special)
            {
                specials.Add(special);
            }
            else if (Add(item, values) is { } wrong)
            {
                error = $"{_name} {Wording.Quote(text)}: {wrong}";
                return false;
            }
        }

        read = new Read(false, values.Count == 0 ? specials : [string.Join(',', values.Select(value => value + _quartzOffset)), .. specials]);
        return true;
    }

    /// <summary>Adds <c>*</c>, a value or a range, each with a step or without; answers what is wrong, or null.</summary>
    private string? Add(string item, SortedSet<int> values)
    {
        var slash = item.IndexOf('/', StringComparison.Ordinal);
        var range = slash < 0 ? item : item[..slash];
        var step = 1;
        if (slash >= 0 && !(int.TryParse(item.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out step) && step >= 1 && step <= _most - _least + 1))
        {
            return $"the step {Wording.Quote(item[(slash + 1)..])} is no number from 1 to {_most - _least + 1}";
        }

        var dash = range.IndexOf('-', StringComparison.Ordinal);
        int first;
        int last;
        if (range == "*")
        {
            (first, last) = (_least, _most);
        }
        else if (dash < 0)
        {
            if (!TryValue(range, out first))
            {
                return Unknown(range);
            }

            last = slash < 0 ? first : _most;
        }
        else
        {
            if (!TryValue(range[..dash], out first) || !TryValue(range[(dash + 1)..], out last))
            {
                return Unknown(range);
            }

            if (last < first)
            {
                if (!_wraps)
                {
                    return $"the range {range} runs backwards";
                }

                last += _most - _least + 1;
            }
        }

        for (var value = first; value <= last; value += step)
        {
            values.Add(_least + ((value - _least) % (_most - _least + 1)));
        }

        return null;
    }

    private bool TryValue(string text, out int value)
    {
        value = Array.IndexOf(_names, text.ToUpperInvariant()) + _least;
        return value >= _least
            || (text.Length <= 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= _least && value <= (IsDayOfWeek ? 7 : _most));
    }

    private string Unknown(string range) =>
        $"{Wording.Quote(range)} is nothing from {_least} to {(IsDayOfWeek ? 7 : _most)}{(_names.Length == 0 ? "" : $" or {_names[0]} to {_names[^1]}")}";

    /// <summary><c>L</c>, <c>L-3</c> (third before the last), <c>LW</c> (last weekday), <c>15W</c> (weekday nearest to the 15th).</summary>
    private static string? DayOfMonth(CronField field, string item)
    {
        var number = item switch
        {
            "L" or "LW" => "1",
            ['L', '-', .. var before] => before,
            [.. var day, 'W'] => day,
            _ => "",
        };
        return number.Length <= 2 && field.TryValue(number, out var value) && (item[0] != 'L' || value <= 30) ? item : null;
    }

    /// <summary><c>5L</c> (last Friday of the month), <c>MON#2</c> (second Monday).</summary>
    private static string? DayOfWeek(CronField field, string item)
    {
        var (day, rest) = item switch
        {
            [.. var name, 'L'] => (name, "L"),
            [.. var name, '#', >= '1' and <= '5'] => (name, item[^2..]),
            _ => ("", ""),
        };
        return day.Length > 0 && field.TryValue(day, out var value) ? string.Create(CultureInfo.InvariantCulture, $"{(value % 7) + 1}{rest}") : null;
    }
}
