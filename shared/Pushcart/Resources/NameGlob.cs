namespace Pushcart.Resources;

/// <summary>Matches one name of a path, without <c>/</c>: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a]</c>, <c>[[:digit:]]</c> and <c>\</c>, as git's wildmatch does.</summary>
internal static class NameGlob
{
    /// <summary>True where the pattern can match a name at all.</summary>
    public static bool IsValid(string pattern)
    {
        for (var i = 0; i < pattern.Length;)
        {
            var width = pattern[i] switch
            {
                '\\' => i + 1 < pattern.Length ? 2 : 0,
                '[' => ClassWidth(pattern.AsSpan(i)),
                _ => 1,
            };
            if (width == 0)
            {
                return false;
            }

            i += width;
        }

        return pattern.Length > 0;
    }

    /// <summary>Matches a whole name. Where it fails, the last star takes one character more; to go back further never helps.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (at, read) = (0, 0);
        var (afterStar, taken) = (-1, 0);
        while (read < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                (afterStar, taken) = (++at, read);
            }
            else if (at < pattern.Length && One(pattern[at..], name[read], out var width))
            {
                at += width;
                read++;
            }
            else if (afterStar >= 0)
            {
                (at, read) = (afterStar, ++taken);
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].IndexOfAnyExcept('*') < 0;
    }

    private static bool One(ReadOnlySpan<char> pattern, char c, out int width)
    {
        width = 1;
        switch (pattern[0])
        {
            case '?':
                return true;
            case '\\':
                width = 2;
                return pattern[1] == c;
            case '[':
                width = ClassWidth(pattern);
                return InClass(pattern[1..(width - 1)], c);
            default:
                return pattern[0] == c;
        }
    }

    /// <summary>Characters of a class with its brackets; 0 where it does not end. A ] that stands first is meant itself.</summary>
    private static int ClassWidth(ReadOnlySpan<char> pattern)
    {
        var i = pattern.Length > 1 && pattern[1] is '!' or '^' ? 2 : 1;
        for (var first = i; i < pattern.Length; i++)
        {
            if (pattern[i] == ']' && i > first)
            {
                return i + 1;
            }

            if (pattern[i] == '\\')
            {
                i++;
            }
            else if (pattern[i] == '[' && NamedWidth(pattern[i..]) is var named and > 0)
            {
                i += named - 1;
            }
        }

        return 0;
    }

    /// <summary>Characters of <c>[:alpha:]</c>; 0 where none stands here.</summary>
    private static int NamedWidth(ReadOnlySpan<char> pattern)
    {
        var end = pattern.StartsWith("[:") ? pattern.IndexOf(":]") : -1;
        return end >= 2 && IsNamed(pattern[2..end], 'a') is not null ? end + 2 : 0;
    }

    private static bool InClass(ReadOnlySpan<char> inside, char c)
    {
        var negated = inside[0] is '!' or '^';
        var found = false;
        for (var i = negated ? 1 : 0; i < inside.Length;)
        {
            if (inside[i] == '[' && NamedWidth(inside[i..]) is var named and > 0)
            {
                found |= IsNamed(inside.Slice(i + 2, named - 4), c) == true;
                i += named;
                continue;
            }

            var from = Literal(inside, ref i);
            var to = from;
            if (i + 1 < inside.Length && inside[i] == '-')
            {
                i++;
                to = Literal(inside, ref i);
            }

            found |= c >= from && c <= to;
        }

        return found != negated;
    }

    private static char Literal(ReadOnlySpan<char> inside, ref int i)
    {
        i += inside[i] == '\\' && i + 1 < inside.Length ? 1 : 0;
        return inside[i++];
    }

    /// <summary>Whether a character is of a POSIX class; null where there is no such class.</summary>
    private static bool? IsNamed(ReadOnlySpan<char> name, char c) => name switch
    {
        "alnum" => char.IsAsciiLetterOrDigit(c),
        "alpha" => char.IsAsciiLetter(c),
        "blank" => c is ' ' or '\t',
        "cntrl" => char.IsAscii(c) && char.IsControl(c),
        "digit" => char.IsAsciiDigit(c),
        "graph" => c is > ' ' and <= '~',
        "lower" => char.IsAsciiLetterLower(c),
        "print" => c is >= ' ' and <= '~',
        "punct" => c is > ' ' and <= '~' && !char.IsAsciiLetterOrDigit(c),
        "space" => c is ' ' or (>= '\t' and <= '\r'),
        "upper" => char.IsAsciiLetterUpper(c),
        "xdigit" => char.IsAsciiHexDigit(c),
        _ => null,
    };
}
