using System.Collections.Concurrent;
using Pushcart.Resources.Schedules;

namespace Pushcart.Resources;

/// <summary>A resource as it is kept.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Drawn when it was created: one of the same name that is made anew has another.</param>
/// <param name="Generation">The installation's generation that wrote it last.</param>
/// <param name="ScheduledSince">When it was created, resumed, or its schedule changed: it is due at that moment too.</param>
/// <param name="Json">Its spec in canonical JSON.</param>
/// <param name="Spec">Its spec; null where this version cannot read it, and <paramref name="Error"/> says why.</param>
/// <param name="Error">Why there is no spec.</param>
public sealed record Resource(ResourceName Name, string Uid, long Generation, DateTimeOffset ScheduledSince, string Json, Spec? Spec, string? Error)
{
    /// <summary>True where a later version of Pushcart wrote it: this one leaves it alone.</summary>
    public bool IsNewer { get; init; }
}

/// <summary>All resources at one moment, immutable.</summary>
public sealed class Catalog
{
    private readonly Dictionary<ResourceName, Resource> _byName;
    private readonly Dictionary<string, Resource> _byUid;
    private readonly ConcurrentDictionary<ResourceName, Schedule> _schedules = [];

    /// <summary>A catalog of these resources.</summary>
    /// <param name="generation">At least everything of this generation is in it.</param>
    /// <param name="resources">The resources.</param>
    public Catalog(long generation, IEnumerable<Resource> resources)
    {
        Generation = generation;
        _byName = resources.ToDictionary(r => r.Name);
        _byUid = _byName.Values.ToDictionary(r => r.Uid);
    }

    /// <summary>At least everything of this generation is in it.</summary>
    public long Generation { get; }

    /// <summary>Every resource.</summary>
    public IReadOnlyCollection<Resource> All => _byName.Values;

    /// <summary>Every trigger that can be read.</summary>
    public IEnumerable<Resource> Triggers => All.Where(r => r.Spec is TriggerSpec);

    /// <summary>The schedule of a trigger of this catalog, read once: a tick over thousands of triggers reads no expression anew.</summary>
    public Schedule ScheduleOf(Resource trigger) => _schedules.GetOrAdd(trigger.Name, (name, spec) => Schedule.Of(spec, name.ToString()), (ScheduleTriggerSpec)trigger.Spec!);

    /// <summary>The installation's settings, or what stands without any.</summary>
    public SettingsSpec Settings => Find(new ResourceName(ResourceKind.Settings, null, SettingsSpec.ResourceName))?.Spec as SettingsSpec ?? SettingsSpec.BuiltIn;

    /// <summary>The resource of that name, or null.</summary>
    public Resource? Find(ResourceName name) => _byName.GetValueOrDefault(name);

    /// <summary>The resource with that uid, or null.</summary>
    public Resource? Find(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>The name of a source as a trigger of <paramref name="ns"/> means it.</summary>
    public static ResourceName SourceName(ResourceKind kind, string ns, string name) => new(kind, kind == ResourceKind.GitRepo ? ns : null, name);

    /// <summary>The name of an action as a trigger of <paramref name="ns"/> means it.</summary>
    public static ResourceName ActionName(ActionRef action, string ns) =>
        new(action.Kind, action.Kind == ResourceKind.Action ? ns : null, action.Name);
}
