namespace Pushcart.Git.Protocol;

/// <summary>The conversation of one call with one repository, whatever it travels over.</summary>
internal interface IGitSession : IAsyncDisposable
{
    /// <summary>What the server speaks, as far as it is known.</summary>
    GitDialect Dialect { get; }

    /// <summary>Asks a question in the words that the server understands.</summary>
    /// <exception cref="GitException">There is no answer that can be used.</exception>
    Task<T> AskAsync<T>(GitQuestion<T> question, CancellationToken cancellation);
}

/// <summary>A question to a server: in the words of version 2, and in those of the older versions, which tell their references unasked.</summary>
internal sealed record GitQuestion<T>
{
    /// <summary>The request of version 2; the capabilities are null while they are not known.</summary>
    public required Func<Advertisement?, byte[]> Request { get; init; }

    /// <summary>Bytes of the answer at most.</summary>
    public required int Limit { get; init; }

    /// <summary>Reads the answer of version 2.</summary>
    public required Func<PktLineReader, Task<T>> Read { get; init; }

    /// <summary>What an older server has answered, or is to be asked.</summary>
    public required Func<Advertisement, OlderAnswer<T>> Older { get; init; }
}

/// <summary>What an older server's advertisement answers: the question itself, or what to ask next.</summary>
/// <param name="Value">The answer; it counts where there is no request.</param>
/// <param name="Request">The request, or null.</param>
/// <param name="Read">Reads what it answers.</param>
internal sealed record OlderAnswer<T>(T? Value, byte[]? Request = null, Func<PktLineReader, Task<T>>? Read = null);
