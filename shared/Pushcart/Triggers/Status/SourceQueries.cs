using Pushcart.Resources;
using Pushcart.Resources.Stored;

namespace Pushcart.Triggers.Status;

/// <summary>A source as the API shows it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace; null for one of the cluster.</param>
/// <param name="Name">Its name.</param>
/// <param name="RepoUri">Address of the repository; null where the resource cannot be used.</param>
/// <param name="Healthy">False where it cannot be used, or a trigger's checks of it have failed three times in a row, or its managed webhook is not as it should be.</param>
/// <param name="Error">Why it cannot be used; null where it can.</param>
/// <param name="Triggers">How it stands for each trigger that looks at it.</param>
public sealed record SourceView(string Kind, string? Namespace, string Name, string? RepoUri, bool Healthy, string? Error, IReadOnlyList<SourceOfTrigger> Triggers);

/// <summary>How a source stands for a trigger.</summary>
/// <param name="Trigger">The trigger, as <c>Kind namespace/name</c>.</param>
/// <param name="State">What is known.</param>
public sealed record SourceOfTrigger(string Trigger, TriggerSourceView State);

/// <summary>Tells how sources stand. It reads; nothing is written, and no remote is asked.</summary>
public sealed class SourceQueries(ResourceStore resources, TriggerQueries triggers)
{
    /// <summary>All sources, by namespace and name.</summary>
    /// <param name="where">Where the caller may look.</param>
    /// <param name="cancellation">Ends the queries.</param>
    public async Task<IReadOnlyList<SourceView>> AllAsync(AllowedNamespaces where, CancellationToken cancellation)
    {
        var all = await triggers.AllAsync(where, cancellation).ConfigureAwait(false);
        var catalog = await resources.CurrentAsync(0, cancellation).ConfigureAwait(false);
        var looks = all.SelectMany(t => t.Sources.Select(s => (s.Name, Look: new SourceOfTrigger($"{t.Kind} {t.Namespace}/{t.Name}", s)))).ToLookup(s => s.Name, s => s.Look);
        return [.. catalog.All
            .Where(r => r.Name.Kind is ResourceKind.GitRepo or ResourceKind.ClusterGitRepo && where.Has(r.Name.Namespace))
            .OrderBy(r => r.Name.Namespace, StringComparer.Ordinal).ThenBy(r => r.Name.Name, StringComparer.Ordinal)
            .Select(r => ViewOf(r, [.. looks[r.Name.ToString()]]))];
    }

    private static SourceView ViewOf(Resource source, IReadOnlyList<SourceOfTrigger> looks) => new(
        source.Name.Kind.ToString(),
        source.Name.Namespace,
        source.Name.Name,
        (source.Spec as GitRepoSpec)?.RepoUri,
        source.Spec is not null && looks.All(l => l.State.Healthy),
        source.Error,
        looks);
}
