using Pushcart.Resources.Manifests;
using Pushcart.Resources.Manifests.Fields;

namespace Pushcart.Resources.Stored;

/// <summary>Resources in a list.</summary>
/// <param name="Resources">By namespace and name.</param>
public sealed record ResourceList(IReadOnlyList<ResourceRef> Resources);

/// <summary>Reads resources.</summary>
public sealed class ResourceQueries(ResourceStore resources)
{
    /// <summary>All resources of a kind.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="where">Where the caller may look.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Answer<ResourceList>> ListAsync(string kind, AllowedNamespaces where, CancellationToken cancellation)
    {
        if (!Words.Kinds.TryGetValue(kind, out var known))
        {
            return Unknown(kind);
        }

        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        return new ResourceList([.. catalog.All
            .Where(r => r.Name.Kind == known && where.Has(r.Name.Namespace))
            .OrderBy(r => r.Name.Namespace, StringComparer.Ordinal).ThenBy(r => r.Name.Name, StringComparer.Ordinal)
            .Select(ResourceRef.Of)]);
    }

    /// <summary>One resource.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="ns">Its namespace; null for cluster kinds.</param>
    /// <param name="of">Its name.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<Answer<ResourceView>> FindAsync(string kind, string? ns, string of, CancellationToken cancellation)
    {
        var name = NameOf(kind, ns, of);
        if (name.Refusal is { } refusal)
        {
            return refusal;
        }

        var catalog = await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false);
        return catalog.Find(name.Value!) is { } resource
            ? new ResourceView(ManifestWriter.Document(resource), resource.Uid, resource.Generation, [.. ResourceUsers.Of(catalog, resource.Name).Select(n => n.ToString())], resource.Error)
            : NotFound(name.Value!);
    }

    /// <summary>All resources as manifests in YAML.</summary>
    /// <param name="where">Where the caller may look.</param>
    /// <param name="cancellation">Ends the query.</param>
    public async Task<string> ExportAsync(AllowedNamespaces where, CancellationToken cancellation) =>
        ManifestWriter.Write((await resources.CurrentAsync(ResourceStore.AskNow, cancellation).ConfigureAwait(false)).All.Where(r => where.Has(r.Name.Namespace)));

    /// <summary>The name that a path tells.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="ns">The namespace; null for cluster kinds.</param>
    /// <param name="name">The name.</param>
    public static Answer<ResourceName> NameOf(string kind, string? ns, string name)
    {
        if (!Words.Kinds.TryGetValue(kind, out var known))
        {
            return Unknown(kind);
        }

        return known.IsOfCluster() == (ns is null)
            ? new ResourceName(known, ns, name)
            : new Refusal(RefusalCodes.KindUnknown, known.IsOfCluster() ? $"a {known} belongs to no namespace: {known}/NAME" : $"a {known} belongs to a namespace: {known}/NAMESPACE/NAME");
    }

    /// <summary>Tells that there is no such resource.</summary>
    public static Refusal NotFound(ResourceName name) => new(RefusalCodes.ResourceNotFound, $"there is no {name}");

    private static Refusal Unknown(string kind)
    {
        var nearest = Wording.Nearest(kind, Words.Kinds.Keys);
        return new(RefusalCodes.KindUnknown, $"there is no kind {Wording.Quote(kind)}{(nearest is null ? $"; kinds are {string.Join(", ", Words.Kinds.Keys)}" : $"; did you mean {nearest}?")}");
    }
}
