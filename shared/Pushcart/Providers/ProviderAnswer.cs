namespace Pushcart.Providers;

/// <summary>How a provider answered.</summary>
public enum ProviderResult
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>What was asked for is not there, or not for us.</summary>
    Missing,

    /// <summary>It is there already.</summary>
    Exists,

    /// <summary>It was refused, and asking again will not change that.</summary>
    Refused,

    /// <summary>It did not work now: a time-out, an outage, a limit. It may have been done all the same.</summary>
    Failed,
}

/// <summary>The answer of a provider.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Message">Where it is not done: a sentence that names thing and next step, and holds no secret.</param>
/// <param name="NotBefore">Where it failed: when the provider wants to be asked again; null where it says nothing.</param>
public record ProviderAnswer(ProviderResult Result, string? Message = null, DateTimeOffset? NotBefore = null)
{
    /// <summary>It is done.</summary>
    public static ProviderAnswer Done { get; } = new(ProviderResult.Done);

    /// <summary>The same answer, with a value.</summary>
    public ProviderAnswer<T> With<T>(T? value) where T : class => new(Result, value, Message, NotBefore);
}

/// <summary>The answer of a provider that was asked for something.</summary>
/// <param name="Result">What became of it.</param>
/// <param name="Value">What was asked for; null where it is not done.</param>
/// <param name="Message">Where it is not done: a sentence that names thing and next step, and holds no secret.</param>
/// <param name="NotBefore">Where it failed: when the provider wants to be asked again; null where it says nothing.</param>
public sealed record ProviderAnswer<T>(ProviderResult Result, T? Value, string? Message = null, DateTimeOffset? NotBefore = null)
    : ProviderAnswer(Result, Message, NotBefore) where T : class;
