namespace Pushcart.Resources;

/// <summary>Reads secrets. Which store it is, is configuration; values are kept in memory for a minute at most, and never logged or shown.</summary>
public interface ISecrets
{
    /// <summary>Reads one key of a secret.</summary>
    Task<SecretAnswer> ReadAsync(string ns, string name, string key, CancellationToken cancellation);
}

/// <summary>The answer of a secret store.</summary>
/// <param name="Value">The value, or null.</param>
/// <param name="Error">Where there is no value: a sentence that names secret and key.</param>
/// <param name="Answered">False where the store could not be asked: then nothing says that the key is missing.</param>
public sealed record SecretAnswer(string? Value, string? Error, bool Answered = true)
{
    /// <summary>Never shows the value.</summary>
    public override string ToString() => Error ?? "a secret";
}
