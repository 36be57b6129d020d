using Pushcart.Resources;

namespace Pushcart.Tokens;

/// <summary>A token as it is stored, without its value, which is nowhere.</summary>
public sealed record Token
{
    /// <summary>Id: 24 hexadecimal digits; newer ones stand before older ones.</summary>
    public required string Id { get; init; }

    /// <summary>What it is for.</summary>
    public required string Description { get; init; }

    /// <summary>What it may be used for.</summary>
    public required Scope Scopes { get; init; }

    /// <summary>Where it may be used.</summary>
    public required AllowedNamespaces Namespaces { get; init; }

    /// <summary>Who made it; the token lives on when that one is gone.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Since when its value is its value: made, or rotated last.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>From when it is refused; null: never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>When it was used last, to the minute; null: never.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Hash of its value.</summary>
    public required string Hash { get; init; }

    /// <summary>Hash of the value before, while that may still be there.</summary>
    public string? OldHash { get; init; }

    /// <summary>Until when the value before works.</summary>
    public DateTimeOffset? OldUntil { get; init; }
}

/// <summary>What a value lets its holder do.</summary>
/// <param name="Caller">Who calls by it.</param>
/// <param name="ExpiresAt">From when it is refused; null: never.</param>
internal sealed record Grant(Caller Caller, DateTimeOffset? ExpiresAt);
