namespace Pushcart.Workers.Working.Link;

/// <summary>What came of asking the server: a value, nothing (204), a refusal that Pushcart itself has spoken, or a failure of the link, after which nobody can tell.</summary>
/// <typeparam name="T">What a good answer holds.</typeparam>
public readonly record struct LinkAnswer<T> where T : class
{
    /// <summary>The value; null with all else.</summary>
    public T? Value { get; init; }

    /// <summary>What the server refused with; null with all else.</summary>
    public LinkRefusal? Refusal { get; init; }

    /// <summary>What was wrong with the link, or with what answered on it; null with all else. Never a secret.</summary>
    public string? Failure { get; init; }

    /// <summary>How long the server, or what stands before it, wants to be left alone; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>True where the server has nothing.</summary>
    public bool IsNothing => Value is null && Refusal is null && Failure is null;

    /// <summary>Why there is no value, for a log; empty where there is one.</summary>
    public string Why => Refusal is { } refusal ? refusal.ToString() : Failure ?? "";
}

/// <summary>A refusal in Pushcart's own words. What anything else on the way answers is no refusal, whatever its status: it is a failure of the link.</summary>
/// <param name="Status">Status of the answer: 400 to 499.</param>
/// <param name="Code">A code of the catalogue.</param>
/// <param name="Message">For a person.</param>
/// <param name="Reason">With 409: one of <see cref="Wire.ConflictReasons"/>.</param>
public sealed record LinkRefusal(int Status, string Code, string Message, string? Reason)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Status} {Code}: {Message}";
}
