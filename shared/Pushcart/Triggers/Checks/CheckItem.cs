using Pushcart.Resources;
using Pushcart.Triggers.Owed;

namespace Pushcart.Triggers.Checks;

/// <summary>One source of one trigger that a message asks to check, whatever asks for it: the schedule, and any number of events.</summary>
internal sealed record CheckItem
{
    /// <summary>The trigger.</summary>
    public required Resource Trigger { get; init; }

    /// <summary>The source's name, as the trigger means it.</summary>
    public required ResourceName SourceName { get; init; }

    /// <summary>The latest scheduled instant that the message asks for; null where it asks for none.</summary>
    public DateTimeOffset? Due { get; init; }

    /// <summary>Key of the task that is owed to the schedule, where the message names it.</summary>
    public string? TaskKey { get; init; }

    /// <summary>On a second look: what was seen at the first (<see cref="Decision.Look"/>).</summary>
    public string? Confirm { get; init; }

    /// <summary>The checks that are owed to events, of those that the message names.</summary>
    public IReadOnlyList<OwedTask> Events { get; init; } = [];

    /// <summary>What the trigger asks for.</summary>
    public TriggerSpec Spec => (TriggerSpec)Trigger.Spec!;

    /// <summary>The reference that is watched.</summary>
    public GitReference Reference => Spec.Sources.Reference;

    /// <summary>Key of the source's row.</summary>
    public string StateKey => SourceState.KeyOf(Trigger.Uid, Spec.Sources.Kind, SourceName.Name, Reference);

    /// <summary>A source of a trigger that can be read, at no instant.</summary>
    public static CheckItem Of(Resource trigger, string source) => new()
    {
        Trigger = trigger,
        SourceName = Catalog.SourceName(((TriggerSpec)trigger.Spec!).Sources.Kind, trigger.Name.Namespace!, source),
        Due = default,
    };

    /// <summary>The state of a source that has no row yet.</summary>
    public SourceState NewState() => new()
    {
        Key = StateKey,
        TriggerUid = Trigger.Uid,
        Trigger = Trigger.Name.ToString(),
        Source = SourceName.ToString(),
        Reference = Reference.ToString(),
    };

    /// <summary>True where a check of the source submits a job for that task whatever has changed: a manual run, or a trigger that always fires.</summary>
    public bool Runs(OwedTask task) => task.Force || !Spec.Sources.OnChangeOnly;
}

/// <summary>An item with its rows as they were read, before git is asked.</summary>
/// <param name="Item">The item.</param>
/// <param name="State">The source's row, or a new one.</param>
/// <param name="Task">The task that owes a scheduled check of this source; null where none does.</param>
/// <param name="Events">The tasks of events, of those that the message names and that are not answered yet.</param>
internal sealed record ReadItem(CheckItem Item, SourceState State, OwedTask? Task, IReadOnlyList<OwedTask> Events)
{
    /// <summary>
    /// The instant that an answer given now answers; null where the message does not ask for the schedule's check, or that is answered already.
    /// An instant of the future is not acted on: some clock is wrong.
    /// </summary>
    public DateTimeOffset? DueBy(DateTimeOffset now)
    {
        var latest = now + CheckSettings.ClockTolerance;
        var asked = Item.Due <= latest && (Item.Spec.Sources.OnChangeOnly || Task is not null || !(Item.Due <= State.Due)) ? Item.Due : null;
        return (asked is not null || Item.TaskKey is not null) && Task?.Due <= latest && !(asked > Task.Due) ? Task.Due : asked;
    }
}
