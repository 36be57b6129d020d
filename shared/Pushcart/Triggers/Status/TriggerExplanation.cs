namespace Pushcart.Triggers.Status;

/// <summary>What a check of a trigger would do now.</summary>
/// <param name="Trigger">The trigger, as <c>Kind namespace/name</c>.</param>
/// <param name="Suspended">True while nothing of it fires but a manual run.</param>
/// <param name="Sources">Each of its sources, in the order of its manifest.</param>
public sealed record TriggerExplanation(string Trigger, bool Suspended, IReadOnlyList<SourceExplanation> Sources)
{
    /// <summary>Why no registered worker takes its jobs now, where its action asks for one that is not there; null otherwise.</summary>
    public string? Worker { get; init; }
}

/// <summary>What a check of one source would do now.</summary>
/// <param name="Source">The source, as <c>Kind namespace/name</c>.</param>
/// <param name="Reference">The reference that is watched, as <c>branch main</c>.</param>
/// <param name="Would"><c>fire</c>, <c>do nothing</c>, <c>record the commit</c> (no watched file has changed), <c>look again</c> (in some seconds), <c>wait</c> (the source backs off) or <c>fail</c>.</param>
/// <param name="Why">Why, for a person.</param>
public sealed record SourceExplanation(string Source, string Reference, string Would, string Why)
{
    /// <summary>The commit on record; null before the first check.</summary>
    public string? LastCommit { get; init; }

    /// <summary>The commit that the reference has now; null where git was not asked, or gave no answer.</summary>
    public string? Commit { get; init; }

    /// <summary>Why the last check found no answer; null where it did.</summary>
    public string? LastError { get; init; }
}
