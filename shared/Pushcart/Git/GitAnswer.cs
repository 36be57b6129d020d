namespace Pushcart.Git;

/// <summary>What a git server answered: a value, or a failure that can be told apart. A remote that fails is an outcome, not an exception.</summary>
public readonly record struct GitAnswer<T> where T : class
{
    private GitAnswer(T? value, GitFailure? failure) => (Value, Failure) = (value, failure);

    /// <summary>The value; null exactly where <see cref="Failure"/> is not.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value; null where there is one.</summary>
    public GitFailure? Failure { get; }

    /// <summary>An answer that carries a value.</summary>
    public static implicit operator GitAnswer<T>(T value) => new(value, null);

    /// <summary>An answer that carries a failure.</summary>
    public static implicit operator GitAnswer<T>(GitFailure failure) => new(null, failure);
}

/// <summary>Why a remote gave no answer that can be used.</summary>
/// <param name="Kind">What went wrong.</param>
/// <param name="Message">One sentence for a person: what, where, and what to do. Never a secret.</param>
public sealed record GitFailure(GitFailureKind Kind, string Message);

/// <summary>The failures of a git server that Pushcart tells apart.</summary>
public enum GitFailureKind
{
    /// <summary>No connection: name not found, refused, or cut off.</summary>
    Unreachable,

    /// <summary>No whole answer in time.</summary>
    TimedOut,

    /// <summary>The server's certificate is not trusted; over ssh: its host key is not known, or is another than the known one.</summary>
    Untrusted,

    /// <summary>401, or over ssh a key that is refused: credentials are missing or wrong.</summary>
    Unauthorized,

    /// <summary>403: the credentials are good, but not for this repository.</summary>
    Forbidden,

    /// <summary>404: no such repository, or none that these credentials may see.</summary>
    NotFound,

    /// <summary>429 or 5xx: the server has a problem of its own.</summary>
    ServerError,

    /// <summary>Something answered, but it is no git server: a page of HTML, say.</summary>
    NotGit,

    /// <summary>The answer breaks the protocol.</summary>
    Malformed,

    /// <summary>The answer is larger than Pushcart reads.</summary>
    TooLarge,

    /// <summary>The answer was a redirect that is not followed.</summary>
    Redirected,

    /// <summary>The repository speaks something that is not supported.</summary>
    Unsupported,

    /// <summary>The repository has no commits yet.</summary>
    Empty,
}
