using System.Globalization;

namespace Pushcart.Tests.Unit.Simulation.Services;

/// <summary>An OData filter: comparisons of a property with a value, joined by and, or, not and parentheses. A row without the property matches none.</summary>
internal sealed class Condition
{
    private readonly List<string> words;
    private int at;

    private Condition(List<string> words) => this.words = words;

    public static Func<Entity, bool> Of(string? filter)
    {
        if (string.IsNullOrEmpty(filter))
        {
            return _ => true;
        }

        var reader = new Condition(Words(filter));
        var condition = reader.Or();
        return reader.at == reader.words.Count ? condition : throw new FormatException($"the filter goes on after its end: {filter}");
    }

    private static List<string> Words(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length;)
        {
            if (text[i] == ' ')
            {
                i++;
                continue;
            }

            var start = i;
            if (text[i] is '(' or ')')
            {
                i++;
            }
            else
            {
                while (i < text.Length && text[i] is not (' ' or '(' or ')'))
                {
                    if (text[i] == '\'')
                    {
                        for (i++; text[i] != '\'' || (i + 1 < text.Length && text[i + 1] == '\''); i++)
                        {
                            i += text[i] == '\'' ? 1 : 0;
                        }
                    }

                    i++;
                }
            }

            words.Add(text[start..i]);
        }

        return words;
    }

    private Func<Entity, bool> Or()
    {
        var left = And();
        while (Take("or"))
        {
            var (one, other) = (left, And());
            left = row => one(row) || other(row);
        }

        return left;
    }

    private Func<Entity, bool> And()
    {
        var left = Not();
        while (Take("and"))
        {
            var (one, other) = (left, Not());
            left = row => one(row) && other(row);
        }

        return left;
    }

    private Func<Entity, bool> Not()
    {
        if (Take("not"))
        {
            var inner = Not();
            return row => !inner(row);
        }

        if (Take("("))
        {
            var inner = Or();
            return Take(")") ? inner : throw new FormatException("a parenthesis of the filter is not closed");
        }

        var (name, comparison, value) = (words[at++], words[at++], Value(words[at++]));
        return row => row[name] is { } there && Compare(there, value) is { } order && comparison switch
        {
            "eq" => order == 0,
            "ne" => order != 0,
            "lt" => order < 0,
            "le" => order <= 0,
            "gt" => order > 0,
            "ge" => order >= 0,
            _ => throw new FormatException($"the filter compares by '{comparison}'"),
        };
    }

    private bool Take(string word)
    {
        var there = at < words.Count && words[at] == word;
        at += there ? 1 : 0;
        return there;
    }

    private static int? Compare(object there, object value) => (there, value) switch
    {
        (string one, string other) => string.CompareOrdinal(one, other),
        (DateTimeOffset one, DateTimeOffset other) => one.CompareTo(other),
        (bool one, bool other) => one.CompareTo(other),
        (int or long, int or long) => Convert.ToInt64(there, CultureInfo.InvariantCulture).CompareTo(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
        _ => null,
    };

    private static object Value(string word) =>
        word.StartsWith('\'') ? word[1..^1].Replace("''", "'", StringComparison.Ordinal)
        : word.StartsWith("datetime'", StringComparison.Ordinal) ? DateTimeOffset.Parse(word[9..^1], CultureInfo.InvariantCulture)
        : word is "true" or "false" ? word == "true"
        : long.Parse(word.TrimEnd('L'), CultureInfo.InvariantCulture);
}
