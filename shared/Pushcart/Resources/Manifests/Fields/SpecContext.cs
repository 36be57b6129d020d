namespace Pushcart.Resources.Manifests.Fields;

/// <summary>What the rules of a spec need to know beside it.</summary>
/// <param name="Kind">Kind of the resource.</param>
/// <param name="Namespace">Its namespace, or null.</param>
/// <param name="Now">The time, where a schedule without a future is refused; null when a stored spec is read, whose schedule may have ended since.</param>
internal sealed record SpecContext(ResourceKind Kind, string? Namespace, DateTimeOffset? Now);
