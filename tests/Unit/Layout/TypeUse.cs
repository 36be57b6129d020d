namespace Pushcart.Tests.Unit.Layout;

/// <summary>One type that uses another of the same assembly, in a signature, a body, an attribute or anywhere else.</summary>
/// <param name="From">Full name of the type that uses; of a nested or generated one that of its outermost type.</param>
/// <param name="FromNamespace">Its namespace.</param>
/// <param name="To">Full name of the type that is used.</param>
/// <param name="ToNamespace">Its namespace.</param>
internal sealed record TypeUse(string From, string FromNamespace, string To, string ToNamespace)
{
    public override string ToString() => $"{From} uses {To}";
}
