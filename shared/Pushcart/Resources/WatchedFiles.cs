namespace Pushcart.Resources;

/// <summary>
/// Which files of a repository are watched, by patterns as in <c>.gitignore</c> that tell what <em>is</em> watched: the last pattern that matches decides, <c>!</c>
/// takes out, and, as in git, what lies in a watched directory cannot be taken out one by one.
/// </summary>
public sealed class WatchedFiles
{
    /// <summary>Patterns at most.</summary>
    public const int MostPatterns = 100;

    /// <summary>Characters of a pattern at most.</summary>
    public const int MostCharacters = 1024;

    private readonly FilePattern[] _patterns;

    /// <summary>Reads the patterns; none at all watch everything.</summary>
    /// <exception cref="ArgumentException">A pattern is wrong.</exception>
    public WatchedFiles(IReadOnlyList<string> patterns)
    {
        if (FaultOfAll(patterns) is { } all)
        {
            throw new ArgumentException(all, nameof(patterns));
        }

        _patterns = [.. patterns.Select(pattern => Fault(pattern) is { } fault ? throw new ArgumentException(fault, nameof(patterns)) : FilePattern.Read(pattern)!)];
    }

    /// <summary>What is wrong with a pattern, or null.</summary>
    public static string? Fault(string pattern) => pattern switch
    {
        _ when pattern.Length > MostCharacters => $"{Wording.Quote(pattern)} is longer than {MostCharacters:N0} characters",
        _ when pattern.AsSpan().Trim().IsEmpty => "is empty",
        ['#', ..] => $"{Wording.Quote(pattern)} is a comment in a .gitignore; write \\# for a name that begins with #",
        _ when pattern.Any(c => c is '\0' or '\n' or '\r') => $"{Wording.Quote(pattern)} holds a line break or NUL",
        _ => FilePattern.Read(pattern) is null ? $"{Wording.Quote(pattern)} is no valid pattern: it can match nothing (an empty name, an open [ or a \\ at the end)" : null,
    };

    /// <summary>What is wrong with a list of patterns as a whole, or null.</summary>
    public static string? FaultOfAll(IReadOnlyList<string> patterns)
    {
        if (patterns.Count > MostPatterns)
        {
            return $"holds {patterns.Count:N0} patterns; at most {MostPatterns} are accepted";
        }

        return patterns.Count > 0 && patterns.All(pattern => pattern.StartsWith('!'))
            ? "holds only patterns that begin with !, so nothing would be watched; begin with \"/*\" to watch everything else"
            : null;
    }

    /// <summary>True where a file is watched.</summary>
    /// <param name="path">Its path from the root of the repository, with <c>/</c>.</param>
    public bool Matches(string path)
    {
        if (_patterns.Length == 0)
        {
            return true;
        }

        // From the root down, as git does: a watched directory decides for all that is in it.
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1))
        {
            if (LastSays(path.AsSpan(0, slash), isDirectory: true))
            {
                return true;
            }
        }

        return LastSays(path, isDirectory: false);
    }

    private bool LastSays(ReadOnlySpan<char> path, bool isDirectory)
    {
        for (var i = _patterns.Length - 1; i >= 0; i--)
        {
            if (_patterns[i].Matches(path, isDirectory))
            {
                return !_patterns[i].Negated;
            }
        }

        return false;
    }
}
