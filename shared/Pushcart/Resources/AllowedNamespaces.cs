namespace Pushcart.Resources;

/// <summary>Where a caller may look and act: everywhere, or in some namespaces only. What belongs to the cluster takes everywhere.</summary>
public sealed class AllowedNamespaces
{
    private readonly HashSet<string>? _names;

    private AllowedNamespaces(HashSet<string>? names) => _names = names;

    /// <summary>Everywhere.</summary>
    public static AllowedNamespaces All { get; } = new(null);

    /// <summary>True for everywhere, resources of the cluster included.</summary>
    public bool IsAll => _names is null;

    /// <summary>The namespaces in order; none for everywhere.</summary>
    public IReadOnlyList<string> Names => [.. (_names ?? []).Order(StringComparer.Ordinal)];

    /// <summary>Some namespaces only; none of them is nowhere.</summary>
    public static AllowedNamespaces Only(params IEnumerable<string> names) => new([.. names]);

    /// <summary>Whether a namespace is one of them.</summary>
    /// <param name="ns">The namespace; null: the cluster.</param>
    public bool Has(string? ns) => _names is null || (ns is not null && _names.Contains(ns));
}
