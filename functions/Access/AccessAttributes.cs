using Pushcart.Tokens;

namespace Pushcart.Functions.Access;

/// <summary>Who may call a function by HTTP. Each HTTP function has exactly one of these; a test looks, and one without is refused.</summary>
[AttributeUsage(AttributeTargets.Method)]
public abstract class AccessRuleAttribute : Attribute;

/// <summary>The function takes a bearer token. Where its route has a <c>{namespace}</c>, the token must be for that namespace; else a 404 answers.</summary>
/// <param name="scope">The scope that the token must have.</param>
public sealed class AccessAttribute(Scope scope) : AccessRuleAttribute
{
    /// <summary>The scope that the token must have.</summary>
    public Scope Scope { get; } = scope;

    /// <summary>True where it is about the cluster, so that only a token for all namespaces will do; else a 404 answers.</summary>
    public bool OfCluster { get; init; }

    /// <summary>True where a caller on this machine needs no token, nor anybody where the installation says so (<see cref="FreeCallers"/>). Such a function reads only, and asks for no caller.</summary>
    public bool FreeOnThisMachine { get; init; }

    /// <summary>True where it is called all the time by machines, so that the audit tells of refusals only.</summary>
    public bool Routine { get; init; }
}

/// <summary>The function itself asks who calls.</summary>
/// <param name="how">How.</param>
public sealed class OwnAccessAttribute(string how) : AccessRuleAttribute
{
    /// <summary>How it asks.</summary>
    public string How { get; } = how;

    /// <summary>The scope of a token that it takes too.</summary>
    public Scope Token { get; init; }
}

/// <summary>Anybody may call the function.</summary>
/// <param name="reason">Why.</param>
public sealed class AnonymousAttribute(string reason) : AccessRuleAttribute
{
    /// <summary>Why.</summary>
    public string Reason { get; } = reason;
}
