using Pushcart.Resources;

namespace Pushcart.Triggers;

/// <summary>One source of one trigger that a message asks to check.</summary>
internal sealed record CheckItem
{
    /// <summary>The trigger.</summary>
    public required Resource Trigger { get; init; }

    /// <summary>The source's name, as the trigger means it.</summary>
    public required ResourceName SourceName { get; init; }

    /// <summary>The scheduled instant.</summary>
    public required DateTimeOffset Due { get; init; }

    /// <summary>Key of the task, where the message is one of an owed check.</summary>
    public string? TaskKey { get; init; }

    /// <summary>On a second look: the commit of the first.</summary>
    public string? Confirm { get; init; }

    /// <summary>True where the check is owed to an event, not to a schedule.</summary>
    public bool IsEvent => TaskKey is not null && !OwedTask.IsScheduled(TaskKey);

    /// <summary>What the trigger asks for.</summary>
    public TriggerSpec Spec => (TriggerSpec)Trigger.Spec!;

    /// <summary>The reference that is watched.</summary>
    public GitReference Reference => Spec.Sources.Reference;

    /// <summary>Key of the source's row.</summary>
    public string StateKey => SourceState.KeyOf(Trigger.Uid, Spec.Sources.Kind, SourceName.Name, Reference);

    /// <summary>The state of a source that has no row yet.</summary>
    public SourceState NewState() => new()
    {
        Key = StateKey,
        TriggerUid = Trigger.Uid,
        Trigger = Trigger.Name.ToString(),
        Source = SourceName.ToString(),
        Reference = Reference.ToString(),
    };
}

/// <summary>An item with its rows as they were read, before git is asked.</summary>
/// <param name="Item">The item.</param>
/// <param name="State">The source's row, or a new one.</param>
/// <param name="Task">The task that owes a scheduled check of this source; null where none does.</param>
/// <param name="Event">The task of the event, where the message is one of it; null where it is answered.</param>
internal sealed record ReadItem(CheckItem Item, SourceState State, OwedTask? Task, OwedTask? Event = null)
{
    /// <summary>The latest instant that an answer answers.</summary>
    public DateTimeOffset Due => Task?.Due > Item.Due ? Task.Due : Item.Due;
}
