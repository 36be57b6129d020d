namespace Pushcart;

/// <summary>What somebody who asked is answered: a value, or why there is none. An expected refusal is an outcome, not an exception.</summary>
public readonly record struct Answer<T> where T : class
{
    private Answer(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>The value; null exactly where <see cref="Refusal"/> is not.</summary>
    public T? Value { get; }

    /// <summary>Why there is no value; null where there is one.</summary>
    public Refusal? Refusal { get; }

    /// <summary>An answer that carries a value.</summary>
    public static implicit operator Answer<T>(T value) => new(value, null);

    /// <summary>An answer that carries a refusal.</summary>
    public static implicit operator Answer<T>(Refusal refusal) => new(null, refusal);
}

/// <summary>Why something that was asked for is not done.</summary>
/// <param name="Code">One of <see cref="RefusalCodes"/>.</param>
/// <param name="Message">For a person: the thing, the value, the next step. Never a secret.</param>
public sealed record Refusal(RefusalCode Code, string Message)
{
    /// <summary>Each single fault, where there may be several; else null.</summary>
    public IReadOnlyList<RefusedPart>? Errors { get; init; }

    /// <summary>Names of who stands against it; else null.</summary>
    public IReadOnlyList<string>? UsedBy { get; init; }

    /// <summary>A word for programs that says more than the code; else null.</summary>
    public string? Reason { get; init; }

    /// <summary>After how long to ask again, where that helps; else null.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>One fault of what was sent.</summary>
/// <param name="Document">The document in it, counted from 1; null where no single one is at fault.</param>
/// <param name="Path">Path of the field; null where no single one is at fault.</param>
/// <param name="Message">What is wrong, and what to do.</param>
public sealed record RefusedPart(int? Document, string? Path, string Message);

/// <summary>A code that programs may rely on.</summary>
/// <param name="Name"><c>topic.what</c>.</param>
/// <param name="Status">Status of the HTTP answer that carries it.</param>
public sealed record RefusalCode(string Name, int Status);
