using Azure;
using Azure.Data.Tables;
using Microsoft.Extensions.Logging;
using Pushcart.Resources.Manifests;
using Pushcart.Storage;

namespace Pushcart.Resources.Stored;

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
    public Task<ApplyResult> ApplyAsync(IReadOnlyList<Manifest> manifests, bool prune, CancellationToken cancellation) => ApplyAsync(manifests, prune, dryRun: false, cancellation);

    /// <summary>The same, or what it would do.</summary>
    /// <param name="manifests">What is to be; each name once, and at most <see cref="MostChanges"/> of them changed.</param>
    /// <param name="prune">True where every other resource goes.</param>
    /// <param name="dryRun">True where nothing is written.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ApplyResult> ApplyAsync(IReadOnlyList<Manifest> manifests, bool prune, bool dryRun, CancellationToken cancellation) =>
        WriteAsync((stored, generation) => (PlanOf(manifests, _ => prune, stored, generation), null), dryRun, cancellation);

    /// <summary>Changes one resource as it is at that moment: what somebody else has changed meanwhile stays.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="edit">Gives its new spec.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ApplyResult> EditAsync(ResourceName name, Func<Spec, Spec> edit, CancellationToken cancellation) => WriteAsync(
        (stored, generation) =>
        {
            if (Missing(stored, name) is { } missing)
            {
                return (null, missing);
            }

            var spec = edit(stored[name].Resource.Spec!);
            return (PlanOf([new(name, spec, SpecReader.ToJson(spec), name.ToString())], _ => false, stored, generation), null);
        },
        dryRun: false,
        cancellation);

    /// <summary>Deletes one resource.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="force">True where it goes although others name it.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ApplyResult> DeleteAsync(ResourceName name, bool force, CancellationToken cancellation) => WriteAsync(
        (stored, generation) =>
        {
            if (!stored.TryGetValue(name, out var there) || there.Resource.IsNewer)
            {
                return (null, Missing(stored, name));
            }

            var users = force ? [] : ResourceUsers.Of(new(generation, stored.Values.Select(s => s.Resource)), name);
            return users.Count > 0
                ? (null, ApplyResult.Failed(ApplyFailure.InUse, $"{name} is used by {string.Join(", ", users)}") with { UsedBy = users })
                : (PlanOf([], r => r.Name == name, stored, generation), null);
        },
        dryRun: false,
        cancellation);

    private ApplyPlan PlanOf(IReadOnlyList<Manifest> manifests, Func<Resource, bool> goes, Dictionary<ResourceName, (Resource Resource, ETag ETag)> stored, long generation) =>
        ApplyPlan.Of(manifests, goes, stored, generation, time.GetUtcNow(), chance, rules);

    private static ApplyResult? Missing(Dictionary<ResourceName, (Resource Resource, ETag ETag)> stored, ResourceName name) =>
        !stored.TryGetValue(name, out var there) ? ApplyResult.Failed(ApplyFailure.NotFound, $"there is no {name}")
        : there.Resource.Spec is null ? ApplyResult.Failed(ApplyFailure.Invalid, $"{name} cannot be changed: {there.Resource.Error}")
        : null;

    private async Task<ApplyResult> WriteAsync(
        Func<Dictionary<ResourceName, (Resource Resource, ETag ETag)>, long, (ApplyPlan? Plan, ApplyResult? Refused)> planOf, bool dryRun, CancellationToken cancellation)
    {
        for (var conflicts = 0; ; conflicts++)
        {
            var (generation, etag) = await GenerationAsync(cancellation).ConfigureAwait(false);
            var stored = await ReadAsync(cancellation).ConfigureAwait(false);
            var (plan, refused) = planOf(stored, generation + 1);
            if (plan is null)
            {
                return refused!;
            }

            if (plan.Errors.Count > 0 || plan.Changes.Count == 0)
            {
                return plan.Result;
            }

            if (plan.Changes.Count > MostChanges)
            {
                return ApplyResult.Failed(ApplyFailure.TooManyChanges, $"{plan.Changes.Count} resources would change; one transaction takes {MostChanges}: apply them in several files");
            }

            var row = Rows.New(Partition, GenerationKey);
            row["generation"] = generation + 1;
            List<Change> changes = [etag == default ? Change.Insert(row) : Change.Replace(row, etag), .. plan.Changes];
            if (changes.Sum(c => Rows.Size(c.Row)) > Table.MaximumBytes)
            {
                return ApplyResult.Failed(ApplyFailure.TooLarge, $"what would change is larger than the {Table.MaximumBytes:N0} bytes of one transaction: apply it in several files");
            }

            if (dryRun || (await table.WriteAsync(changes, cancellation).ConfigureAwait(false)).Applied)
            {
                lock (_gate)
                {
                    _askedAt = null;
                    _asking = null;
                }

                return plan.Result;
            }

            if (conflicts >= MostConflicts)
            {
                return ApplyResult.Failed(ApplyFailure.Busy, "others change resources all the time; nothing was applied: try again");
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
}

/// <summary>What holds for resources besides their form.</summary>
/// <param name="NeedsImages">True where jobs run in containers: an action then needs an image.</param>
public sealed record ResourceRules(bool NeedsImages);
