using Pushcart.Resources;

namespace Pushcart.Tokens;

/// <summary>Who calls: the token that was shown.</summary>
/// <param name="TokenId">Id of the token.</param>
/// <param name="Description">What its maker wrote of it.</param>
/// <param name="Scopes">What it may be used for.</param>
/// <param name="Namespaces">Where.</param>
public sealed record Caller(string TokenId, string Description, Scope Scopes, AllowedNamespaces Namespaces)
{
    /// <summary>The registered worker that the token is bound to: it acts as that one and as nobody else. Null of a service token.</summary>
    public BoundWorker? Bound { get; init; }

    /// <summary>As it stands in records, such as <c>deploys of team a (token fe8c…)</c>, or <c>worker edge</c>. Ids are never used again, so no two callers have one name.</summary>
    public string Name => Bound is null ? $"{Description} (token {TokenId})" : Description;

    /// <summary>Whether it may do what takes a scope.</summary>
    public bool May(Scope scope) => Scopes.Allow(scope);

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>What a registration or worker token is bound to.</summary>
/// <param name="Worker">Name of the worker.</param>
/// <param name="Hash">Hash of the value that was shown.</param>
public sealed record BoundWorker(string Worker, string Hash);
