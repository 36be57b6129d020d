using Azure;
using Pushcart.Resources.Manifests;
using Pushcart.Storage;

namespace Pushcart.Resources.Stored;

/// <summary>What an apply would do to what is stored. It is made anew for each try of its transaction.</summary>
internal sealed class ApplyPlan
{
    private readonly List<Resource> _created = [];
    private readonly List<Resource> _changed = [];
    private readonly List<Resource> _unchanged = [];
    private readonly List<Resource> _deleted = [];
    private readonly List<Change> _changes = [];
    private readonly List<string> _errors = [];

    private ApplyPlan()
    {
    }

    /// <summary>The rows that change, without that of the generation.</summary>
    public IReadOnlyList<Change> Changes => _changes;

    /// <summary>What is wrong with it.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What it does, once it is written.</summary>
    public ApplyResult Result => new(_created, _changed, _unchanged, _deleted, _errors) { Failure = _errors.Count > 0 ? ApplyFailure.Invalid : ApplyFailure.None };

    /// <summary>Makes a plan.</summary>
    /// <param name="manifests">What is to be; each name once.</param>
    /// <param name="goes">Of those that no manifest names: which go.</param>
    /// <param name="stored">What is there.</param>
    /// <param name="generation">The generation that it will be.</param>
    /// <param name="now">Now.</param>
    /// <param name="chance">Draws uids.</param>
    /// <param name="rules">What holds for resources besides their form, or null.</param>
    public static ApplyPlan Of(
        IReadOnlyList<Manifest> manifests,
        Func<Resource, bool> goes,
        IReadOnlyDictionary<ResourceName, (Resource Resource, ETag ETag)> stored,
        long generation,
        DateTimeOffset now,
        Chance chance,
        ResourceRules? rules)
    {
        var plan = new ApplyPlan();
        foreach (var manifest in manifests)
        {
            plan.Put(manifest, stored.TryGetValue(manifest.Name, out var there) ? there : null, generation, now, chance);
        }

        var kept = manifests.Select(m => m.Name).ToHashSet();
        foreach (var (resource, etag) in stored.Values.Where(s => !kept.Contains(s.Resource.Name) && !s.Resource.IsNewer && goes(s.Resource)))
        {
            plan._deleted.Add(resource);
            var row = ResourceRow.Write(resource);
            plan._changes.Add(Change.Delete(row.PartitionKey, row.RowKey, etag));
        }

        var after = stored.Values.Select(s => s.Resource).Where(r => !kept.Contains(r.Name) && !plan._deleted.Contains(r)).Concat(plan._created).Concat(plan._changed).Concat(plan._unchanged).ToList();
        if (rules is { NeedsImages: true })
        {
            // What is stored and is not touched now was right when it came, or is told when its job starts; where the settings change, all of it is looked at.
            var touched = plan._created.Concat(plan._changed).Concat(plan._deleted).Any(r => r.Name.Kind == ResourceKind.Settings) ? after : after.Where(r => kept.Contains(r.Name));
            var settings = new Catalog(generation, after).Settings;
            plan._errors.AddRange(ActionImages.Check(touched.Where(r => r.Spec is ActionSpec).Select(r => (r.Name, (ActionSpec)r.Spec!)), settings));
        }

        plan._errors.AddRange(GroupLimits.Check(after.Where(r => r.Spec is ActionSpec).Select(r => (r.Name, (ActionSpec)r.Spec!))).Select(c => c.ToString()));
        return plan;
    }

    private void Put(Manifest manifest, (Resource Resource, ETag ETag)? stored, long generation, DateTimeOffset now, Chance chance)
    {
        if (stored is not { } there)
        {
            var created = new Resource(manifest.Name, chance.NewId(), generation, now, manifest.Json, manifest.Spec, null);
            _created.Add(created);
            _changes.Add(Change.Insert(ResourceRow.Write(created)));
        }
        else if (there.Resource.IsNewer)
        {
            _errors.Add($"{manifest.Where}: {manifest.Name} was written by a later version of Pushcart, and is left alone; apply it with that version");
        }
        else if (there.Resource.Json != manifest.Json)
        {
            var since = Reschedules(there.Resource.Spec, manifest.Spec) ? now : there.Resource.ScheduledSince;
            var changed = there.Resource with { Generation = generation, ScheduledSince = since, Json = manifest.Json, Spec = manifest.Spec, Error = null };
            _changed.Add(changed);
            _changes.Add(Change.Replace(ResourceRow.Write(changed), there.ETag));
        }
        else
        {
            _unchanged.Add(there.Resource);
        }
    }

    private static bool Reschedules(Spec? before, Spec after) => (before, after) switch
    {
        (ScheduleTriggerSpec one, ScheduleTriggerSpec other) =>
            one.Interval != other.Interval || one.Cron != other.Cron || (one.Suspend && !other.Suspend),
        (null, TriggerSpec) => true,
        _ => false,
    };
}
