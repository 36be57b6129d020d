namespace Pushcart.Resources.Stored;

/// <summary>Who names a resource. Jobs do not: they have what they need as it was when they were submitted.</summary>
public static class ResourceUsers
{
    /// <summary>The resources that name another one, by name.</summary>
    /// <param name="catalog">All resources.</param>
    /// <param name="name">The one that may be named.</param>
    public static IReadOnlyList<ResourceName> Of(Catalog catalog, ResourceName name) =>
        [.. catalog.All.Where(r => NamedBy(r, catalog).Contains(name)).Select(r => r.Name).OrderBy(n => n.ToString(), StringComparer.Ordinal)];

    private static IEnumerable<ResourceName> NamedBy(Resource resource, Catalog catalog)
    {
        var ns = resource.Name.Namespace;
        if (resource.Spec is TriggerSpec trigger)
        {
            var action = Catalog.ActionName(trigger.Action, ns!);

            // What an action of the cluster clones instead is found in the trigger's namespace.
            var instead = (catalog.Find(action)?.Spec as ActionSpec)?.Override;
            return trigger.Sources.Names.Select(n => Catalog.SourceName(trigger.Sources.Kind, ns!, n))
                .Append(action)
                .Concat(instead is null ? [] : [Catalog.SourceName(instead.Kind, ns!, instead.Name)]);
        }

        return resource.Spec is ActionSpec { Override: { } other } && (ns is not null || other.Kind != ResourceKind.GitRepo)
            ? [Catalog.SourceName(other.Kind, ns!, other.Name)]
            : [];
    }
}
