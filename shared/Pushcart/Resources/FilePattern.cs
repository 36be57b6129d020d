namespace Pushcart.Resources;

/// <summary>
/// One pattern of <c>.gitignore</c> (gitignore(5)). It is matched name by name, without regular expressions: the time is bounded by the product of the lengths,
/// whatever is written.
/// </summary>
internal sealed class FilePattern
{
    private const string AnyDepth = "**";
    private readonly string[] _names;
    private readonly bool _directoryOnly;
    private readonly bool _anchored;

    private FilePattern(string[] names, bool negated, bool directoryOnly, bool anchored) =>
        (_names, Negated, _directoryOnly, _anchored) = (names, negated, directoryOnly, anchored);

    /// <summary>True where the pattern began with <c>!</c>.</summary>
    public bool Negated { get; }

    /// <summary>Reads a pattern; null where it can match nothing.</summary>
    public static FilePattern? Read(string text)
    {
        var negated = text.StartsWith('!');
        var rest = WithoutTrailingSpaces(negated ? text[1..] : text);
        var directoryOnly = rest.EndsWith('/');
        rest = directoryOnly ? rest[..^1] : rest;
        var anchored = rest.Contains('/', StringComparison.Ordinal);
        rest = rest.StartsWith('/') ? rest[1..] : rest;

        // To git three stars are as good as two.
        string[] names = [.. rest.Split('/').Select(name => name.Length > 2 && !name.AsSpan().ContainsAnyExcept('*') ? AnyDepth : name)];
        return names.All(NameGlob.IsValid) ? new FilePattern(names, negated, directoryOnly, anchored) : null;
    }

    /// <summary>True where the pattern matches this path itself, not what is in it.</summary>
    public bool Matches(ReadOnlySpan<char> path, bool isDirectory)
    {
        if (_directoryOnly && !isDirectory)
        {
            return false;
        }

        // Without a slash a pattern is about the name alone, at any depth.
        return _anchored ? MatchesFrom(path) : NameGlob.Matches(_names[0], path[(path.LastIndexOf('/') + 1)..]);
    }

    /// <summary>Matches name by name; where it fails, the last <c>**</c> takes one name more. To go back further never helps, because <c>**</c> takes anything.</summary>
    private bool MatchesFrom(ReadOnlySpan<char> path)
    {
        var count = path.Count('/') + 1;
        Span<Range> parts = count <= 64 ? stackalloc Range[64] : new Range[count];
        path.Split(parts, '/');
        var (name, part) = (0, 0);
        var (afterStars, taken) = (-1, 0);
        while (part < count)
        {
            if (name < _names.Length && _names[name] == AnyDepth)
            {
                if (name == _names.Length - 1)
                {
                    // At the end it matches what is inside, of which there is at least this one.
                    return true;
                }

                (afterStars, taken) = (++name, part);
            }
            else if (name < _names.Length && NameGlob.Matches(_names[name], path[parts[part]]))
            {
                name++;
                part++;
            }
            else if (afterStars >= 0)
            {
                (name, part) = (afterStars, ++taken);
            }
            else
            {
                return false;
            }
        }

        return name == _names.Length;
    }

    private static string WithoutTrailingSpaces(string text)
    {
        var end = text.Length;
        while (end > 0 && text[end - 1] == ' ' && !(end > 1 && text[end - 2] == '\\'))
        {
            end--;
        }

        return text[..end];
    }
}
