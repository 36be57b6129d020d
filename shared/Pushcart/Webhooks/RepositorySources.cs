using System.Runtime.CompilerServices;
using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Webhooks;

/// <summary>A source of a trigger that a provider's push may concern.</summary>
/// <param name="Trigger">A webhook trigger, or a schedule trigger with <c>onPush</c>.</param>
/// <param name="Source">The source, as the trigger means it.</param>
/// <param name="Spec">What the trigger asks for.</param>
internal sealed record Watcher(Resource Trigger, ResourceName Source, TriggerSpec Spec);

/// <summary>Which sources of a catalog are one repository, and who watches them. Built once for a catalog.</summary>
internal sealed class RepositorySources
{
    private static readonly ConditionalWeakTable<Catalog, RepositorySources> s_known = [];

    private readonly ILookup<string, Resource> _byIdentity;
    private readonly ILookup<ResourceName, Watcher> _bySource;
    private readonly ILookup<ResourceName, string> _namespaces;

    private RepositorySources(Catalog catalog)
    {
        _byIdentity = catalog.All.Where(r => r.Spec is GitRepoSpec)
            .Select(r => (Resource: r, Identity: RepositoryIdentity.Of(((GitRepoSpec)r.Spec!).RepoUri)))
            .Where(r => r.Identity is not null)
            .ToLookup(r => r.Identity!, r => r.Resource);
        var used = catalog.Triggers.SelectMany(trigger => ((TriggerSpec)trigger.Spec!).Sources.Names.Select(name =>
            new Watcher(trigger, Catalog.SourceName(((TriggerSpec)trigger.Spec).Sources.Kind, trigger.Name.Namespace!, name), (TriggerSpec)trigger.Spec))).ToList();
        _bySource = used.Where(w => w.Spec is WebhookTriggerSpec or ScheduleTriggerSpec { OnPush: true }).ToLookup(w => w.Source);
        _namespaces = used.Select(w => (w.Source, Namespace: w.Trigger.Name.Namespace!)).Distinct().ToLookup(u => u.Source, u => u.Namespace);
    }

    /// <summary>The sources of a catalog.</summary>
    public static RepositorySources Of(Catalog catalog) => s_known.GetValue(catalog, c => new(c));

    /// <summary>The sources that are one of these repositories.</summary>
    public IReadOnlyList<Resource> Find(IEnumerable<string> identities) => [.. identities.SelectMany(identity => _byIdentity[identity]).DistinctBy(r => r.Name)];

    /// <summary>Who watches a source for pushes.</summary>
    public IEnumerable<Watcher> WatchersOf(ResourceName source) => _bySource[source];

    /// <summary>The namespaces whose triggers use a source: where its secrets are, if it names no other.</summary>
    public IEnumerable<string> NamespacesOf(ResourceName source) => source.Namespace is { } own ? [own] : _namespaces[source];
}
