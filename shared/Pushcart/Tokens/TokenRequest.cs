using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tokens;

/// <summary>What a new token is to be.</summary>
public sealed record TokenRequest
{
    /// <summary>Characters of a description at most.</summary>
    public const int LongestDescription = 200;

    /// <summary>Namespaces of a token at most.</summary>
    public const int MostNamespaces = 100;

    /// <summary>What it is for; required.</summary>
    public string Description { get; init; } = "";

    /// <summary>What it may be used for. Default: to read.</summary>
    public Scope Scopes { get; init; } = Scope.Read;

    /// <summary>Where it may be used. Default: everywhere.</summary>
    public AllowedNamespaces Namespaces { get; init; } = AllowedNamespaces.All;

    /// <summary>From when it is refused. Default: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal Refusal? Fault(DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(Description))
        {
            return new(RefusalCodes.TokenUndescribed, "description: it is missing or blank; say what the token is for, so that others know what ends when it is deleted");
        }

        if (Description.Length > LongestDescription || Description.Any(char.IsControl))
        {
            return TokenFields.Wrong($"description: it has {Description.Length} characters; it may have {LongestDescription}, on one line");
        }

        if (Scopes == Scope.None)
        {
            return TokenFields.Wrong($"scopes: there is none; give some of {string.Join(", ", Tokens.Scopes.Words)}");
        }

        var names = Namespaces.Names;
        if (!Namespaces.IsAll && names.Count is 0 or > MostNamespaces)
        {
            return TokenFields.Wrong($"namespaces: there are {names.Count}; give 1 to {MostNamespaces}, or leave it out for all");
        }

        return names.FirstOrDefault(name => NameRules.Label(name) is not null) is { } wrong
            ? TokenFields.Wrong($"namespaces: '{TokenFields.Cut(wrong)}' is no name of a namespace: lower-case letters, digits and '-', 63 at most")
            : TokenFields.Past(ExpiresAt, now);
    }
}

/// <summary>How a token is to be given a new value.</summary>
public sealed record RotationRequest
{
    /// <summary>Minutes that the value before works on, at most: a week.</summary>
    public const int LongestOverlap = 7 * 24 * 60;

    /// <summary>How long the value before works on. Default: not at all.</summary>
    public TimeSpan Overlap { get; init; }

    /// <summary>From when the token is refused. Default: for as long as it was before, from now.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What is wrong with it; null: nothing.</summary>
    internal Refusal? Fault(DateTimeOffset now) => TokenFields.Past(ExpiresAt, now);
}
