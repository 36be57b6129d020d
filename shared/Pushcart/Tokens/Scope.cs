namespace Pushcart.Tokens;

/// <summary>What a token may be used for.</summary>
[Flags]
public enum Scope
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Look at everything but tokens.</summary>
    Read = 1,

    /// <summary>Apply, run, cancel, re-run; and all that <see cref="Read"/> may.</summary>
    Write = 2,

    /// <summary>Administer tokens; and all that <see cref="Write"/> and <see cref="Hook"/> may.</summary>
    Admin = 4,

    /// <summary>Call the own URLs of webhook triggers, and nothing else.</summary>
    Hook = 8,

    /// <summary>Work off jobs, and nothing else. No other scope holds it.</summary>
    Worker = 16,

    /// <summary>Register a worker, once. Only registration tokens have it; no service token is given it.</summary>
    Register = 32,
}

/// <summary>Scopes as words: <c>admin</c>, <c>write</c>, <c>read</c>, <c>hook</c>, <c>worker</c>.</summary>
public static class Scopes
{
    private static readonly Scope[] s_each = [Scope.Admin, Scope.Write, Scope.Read, Scope.Hook, Scope.Worker];

    /// <summary>All words.</summary>
    public static IReadOnlyList<string> Words { get; } = [.. s_each.Select(Word)];

    /// <summary>Reads a word; false where it is none.</summary>
    public static bool TryRead(string? word, out Scope scope)
    {
        scope = s_each.FirstOrDefault(s => Word(s) == word);
        return scope != Scope.None;
    }

    /// <summary>The words of scopes.</summary>
    public static IReadOnlyList<string> WordsOf(Scope scopes) => [.. s_each.Append(Scope.Register).Where(s => scopes.HasFlag(s)).Select(Word)];

    /// <summary>Whether what these scopes allow holds what another one does.</summary>
    public static bool Allow(this Scope scopes, Scope needed) => needed switch
    {
        Scope.None => true,
        Scope.Read => (scopes & (Scope.Read | Scope.Write | Scope.Admin)) != 0,
        Scope.Write => (scopes & (Scope.Write | Scope.Admin)) != 0,
        Scope.Hook => (scopes & (Scope.Hook | Scope.Admin)) != 0,
        _ => (scopes & needed) == needed,
    };

    private static string Word(Scope scope) => scope.ToString().ToLowerInvariant();
}
