namespace Pushcart.Git;

/// <summary>
/// Carries a failure from deep inside the reading of an answer to <see cref="GitClient"/>, which alone catches it and makes a value of it.
/// </summary>
/// <param name="kind">What went wrong.</param>
/// <param name="sentence">A sentence without the remote's name, which <see cref="GitClient"/> puts before it.</param>
internal sealed class GitException(GitFailureKind kind, string sentence) : Exception(sentence)
{
    /// <summary>What went wrong.</summary>
    public GitFailureKind Kind { get; } = kind;

    /// <summary>
    /// True where the request may just have been the wrong one for this server (moved, an older protocol, another object format), so that
    /// asking for its capabilities can help.
    /// </summary>
    public bool MayHaveAskedWrongly { get; init; }

    /// <summary>True where the server does not give the commit that was asked for.</summary>
    public bool RefusesCommit { get; init; }

    /// <summary>The answer breaks the protocol.</summary>
    public static GitException Malformed(string sentence) => new(GitFailureKind.Malformed, "the answer breaks git's protocol: " + sentence);

    /// <summary>The answer is larger than Pushcart reads.</summary>
    public static GitException TooLarge(string sentence) => new(GitFailureKind.TooLarge, sentence);

    /// <summary>The answer ended before it was whole.</summary>
    public static GitException CutOff() => new(GitFailureKind.Unreachable, "the answer was cut off before its end");
}
