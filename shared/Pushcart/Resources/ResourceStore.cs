using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Resources.Manifests;
using Pushcart.Storage;

namespace Pushcart.Resources;

/// <summary>
/// The resources in Table storage. A process asks for the generation at most every 5 s, and reads the rest only when it moved.
/// </summary>
public sealed class ResourceStore(Table table, TimeProvider time, Chance chance, ILogger<ResourceStore> log, ResourceRules? rules = null)
{
    /// <summary>The partition of all rows.</summary>
    public const string Partition = "resources";

    /// <summary>Resources that one transaction can change: the generation is in it too.</summary>
    public const int MostChanges = Table.MaximumChanges - 1;

    /// <summary>A generation that is never reached: given to <see cref="CurrentAsync"/>, the generation is asked for now.</summary>
    public const long AskNow = long.MaxValue;

    private const string GenerationKey = "generation";
    private const int MostConflicts = 5;
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task<Catalog>? _asking;
    private Catalog? _current;
    private long? _askedAt;

    /// <summary>All resources, at most 5 s old; at least of <paramref name="generation"/>.</summary>
    public async Task<Catalog> CurrentAsync(long generation, CancellationToken cancellation)
    {
        Task<Catalog> asked;
        lock (_gate)
        {
            if (Fresh(generation) is { } fresh)
            {
                return fresh;
            }

            // Whoever asks while an answer is awaited shares it, unless it began before what is asked for.
            asked = _asking is { IsCompleted: false } && generation != AskNow ? _asking : _asking = AskAsync();
        }

        var catalog = await asked.WaitAsync(cancellation).ConfigureAwait(false);
        return catalog.Generation >= generation || generation == AskNow ? catalog : await AskAsync().WaitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>
    /// Applies manifests: all or nothing, in one transaction.
    /// </summary>
    /// <param name="manifests">What is to be; each name once, and at most <see cref="MostChanges"/> of them changed.</param>
    /// <param name="prune">True where every other resource goes.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<ApplyResult> ApplyAsync(IReadOnlyList<Manifest> manifests, bool prune, CancellationToken cancellation)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var (generation, etag) = await GenerationAsync(cancellation).ConfigureAwait(false);
            var stored = await ReadAsync(cancellation).ConfigureAwait(false);
            var plan = Plan(manifests, stored, prune, generation + 1);
            if (plan.Errors.Count > 0 || plan.Changes.Count == 0)
            {
                return new(plan.Created, plan.Changed, plan.Unchanged, plan.Deleted, plan.Errors);
            }

            if (plan.Changes.Count > MostChanges)
            {
                return new([], [], [], [], [$"{plan.Changes.Count} resources would change; one transaction takes {MostChanges}: apply them in several files"]);
            }

            var row = Rows.New(Partition, GenerationKey);
            row["generation"] = generation + 1;
            var answer = await table.WriteAsync(
                [etag == default ? Change.Insert(row) : Change.Replace(row, etag), .. plan.Changes], cancellation).ConfigureAwait(false);
            if (answer.Applied)
            {
                lock (_gate)
                {
                    _askedAt = null;
                    _asking = null;
                }

                return new(plan.Created, plan.Changed, plan.Unchanged, plan.Deleted, []);
            }

            if (conflicts >= MostConflicts)
            {
                return new([], [], [], [], ["others change resources all the time; nothing was applied: try again"]);
            }
        }
    }

    private Catalog? Fresh(long generation) =>
        _current is { } catalog && catalog.Generation >= generation && _askedAt is { } asked && time.GetElapsedTime(asked) < AskAgain ? catalog : null;

    // Not cancelled by whoever happened to ask first: others wait for the same answer, and the storage client bounds its time.
    private async Task<Catalog> AskAsync()
    {
        var asked = time.GetTimestamp();
        var known = _current;
        var (generation, _) = await GenerationAsync(CancellationToken.None).ConfigureAwait(false);
        var catalog = known?.Generation == generation
            ? known
            : new(generation, (await ReadAsync(CancellationToken.None).ConfigureAwait(false)).Values.Select(r => r.Resource));
        lock (_gate)
        {
            if (_current is null || catalog.Generation >= _current.Generation)
            {
                (_current, _askedAt) = (catalog, asked);
            }
        }

        return catalog;
    }

    private async Task<(long Generation, ETag ETag)> GenerationAsync(CancellationToken cancellation)
    {
        var row = await table.FindAsync(Partition, GenerationKey, cancellation).ConfigureAwait(false);
        return row is null ? (0, default) : (row.GetInt64("generation") ?? 0, row.ETag);
    }

    private async Task<Dictionary<ResourceName, (Resource Resource, ETag ETag)>> ReadAsync(CancellationToken cancellation)
    {
        var all = new Dictionary<ResourceName, (Resource, ETag)>();
        var filter = TableClient.CreateQueryFilter($"PartitionKey eq {Partition}");
        await foreach (var row in table.QueryAsync(filter, select: null, cancellation).ConfigureAwait(false))
        {
            if (ResourceRow.TryRead(row, out var resource))
            {
                if (resource.Error is { } error)
                {
                    log.LogWarning("{Resource} cannot be used: {Error}", resource.Name, error);
                }

                all[resource.Name] = (resource, row.ETag);
            }
        }

        return all;
    }

    private ApplyPlan Plan(IReadOnlyList<Manifest> manifests, Dictionary<ResourceName, (Resource Resource, ETag ETag)> stored, bool prune, long generation)
    {
        var plan = new ApplyPlan();
        var now = time.GetUtcNow();
        foreach (var manifest in manifests)
        {
            if (!stored.TryGetValue(manifest.Name, out var there))
            {
                var created = new Resource(manifest.Name, chance.NewId(), generation, now, manifest.Json, manifest.Spec, null);
                plan.Created.Add(created);
                plan.Changes.Add(Change.Insert(ResourceRow.Write(created)));
            }
            else if (there.Resource.IsNewer)
            {
                plan.Errors.Add($"{manifest.Where}: {manifest.Name} was written by a later version of Pushcart, and is left alone; apply it with that version");
            }
            else if (there.Resource.Json != manifest.Json)
            {
                var since = Reschedules(there.Resource.Spec, manifest.Spec) ? now : there.Resource.ScheduledSince;
                var changed = there.Resource with { Generation = generation, ScheduledSince = since, Json = manifest.Json, Spec = manifest.Spec, Error = null };
                plan.Changed.Add(changed);
                plan.Changes.Add(Change.Replace(ResourceRow.Write(changed), there.ETag));
            }
            else
            {
                plan.Unchanged.Add(there.Resource);
            }
        }

        var kept = manifests.Select(m => m.Name).ToHashSet();
        foreach (var (resource, etag) in prune ? stored.Values.Where(s => !kept.Contains(s.Resource.Name) && !s.Resource.IsNewer) : [])
        {
            plan.Deleted.Add(resource);
            var row = ResourceRow.Write(resource);
            plan.Changes.Add(Change.Delete(row.PartitionKey, row.RowKey, etag));
        }

        var after = stored.Values.Select(s => s.Resource).Where(r => !kept.Contains(r.Name) && !plan.Deleted.Contains(r)).Concat(plan.Created).Concat(plan.Changed).Concat(plan.Unchanged);
        if (rules is { NeedsImages: true })
        {
            // What is stored and is not touched now was right when it came, or is told when its job starts; where the settings change, all of it is looked at.
            var touched = plan.Created.Concat(plan.Changed).Concat(plan.Deleted).Any(r => r.Name.Kind == ResourceKind.Settings) ? after : after.Where(r => kept.Contains(r.Name));
            var settings = new Catalog(generation, after).Settings;
            plan.Errors.AddRange(ActionImages.Check(touched.Where(r => r.Spec is ActionSpec).Select(r => (r.Name, (ActionSpec)r.Spec!)), settings));
        }

        plan.Errors.AddRange(GroupLimits.Check(after.Where(r => r.Spec is ActionSpec).Select(r => (r.Name, (ActionSpec)r.Spec!))).Select(c => c.ToString()));
        return plan;
    }

    private static bool Reschedules(Spec? before, Spec after) => (before, after) switch
    {
        (ScheduleTriggerSpec one, ScheduleTriggerSpec other) =>
            one.Interval != other.Interval || one.Cron != other.Cron || (one.Suspend && !other.Suspend),
        (null, TriggerSpec) => true,
        _ => false,
    };

    private sealed class ApplyPlan
    {
        public List<Resource> Created { get; } = [];

        public List<Resource> Changed { get; } = [];

        public List<Resource> Unchanged { get; } = [];

        public List<Resource> Deleted { get; } = [];

        public List<Change> Changes { get; } = [];

        public List<string> Errors { get; } = [];
    }
}

/// <summary>What holds for resources besides their form.</summary>
/// <param name="NeedsImages">True where jobs run in containers: an action then needs an image.</param>
public sealed record ResourceRules(bool NeedsImages);

/// <summary>What an apply did.</summary>
/// <param name="Created">New resources.</param>
/// <param name="Changed">Resources that were changed.</param>
/// <param name="Unchanged">Resources that were as the manifests say.</param>
/// <param name="Deleted">Resources that went.</param>
/// <param name="Errors">Why nothing was done.</param>
public sealed record ApplyResult(
    IReadOnlyList<Resource> Created,
    IReadOnlyList<Resource> Changed,
    IReadOnlyList<Resource> Unchanged,
    IReadOnlyList<Resource> Deleted,
    IReadOnlyList<string> Errors)
{
    /// <summary>What a person should know although nothing is wrong.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
