namespace Pushcart.Execution.Process;

/// <summary>The one line that a run's process says to who created it.</summary>
internal static class RunWord
{
    /// <summary>The run has started.</summary>
    public const string Started = "started";

    /// <summary>The claim was too old: it will not start.</summary>
    public const string Late = "late";

    /// <summary>The directory is another claim's by now, or gone: it will not start by this one.</summary>
    public const string Superseded = "superseded";

    /// <summary>Another process has the lock.</summary>
    public const string Held = "held";

    /// <summary>What a create answers to it.</summary>
    public static CreateAnswer Answer(string word) => word switch
    {
        Started => new(CreateResult.Created),
        Late => new(CreateResult.Busy, "the run's process came up too late to start the run"),
        Superseded => new(CreateResult.Unknown, "a newer claim has taken over the run's directory"),
        Held => new(CreateResult.Unknown, "another process holds the lock of the run's directory"),
        _ => new(CreateResult.Unknown, "the run's process said something else than whether it started; is Runner a program that calls ProcessRun?"),
    };
}
