namespace Pushcart.Workers.Wire;

/// <summary>Why a call about a claim is answered by 409.</summary>
public static class ConflictReasons
{
    /// <summary>The job has ended.</summary>
    public const string Ended = "ended";

    /// <summary>The job is queued again, or another worker's in a later claim.</summary>
    public const string Requeued = "requeued";

    /// <summary>There is no such job any more.</summary>
    public const string Unknown = "unknown";

    /// <summary>Another worker has it.</summary>
    public const string OtherWorker = "other_worker";

    /// <summary>Another process of the same name and cluster has the same run: let go, and delete nothing.</summary>
    public const string TakenOver = "taken_over";

    /// <summary>It is to be stopped, so it may not be started.</summary>
    public const string Stopped = "stopped";

    /// <summary>Another live process has the name.</summary>
    public const string InUse = "in_use";

    /// <summary>It was started before, and a run may come of that: wait, look for it by name, and ask anew later. Delete nothing.</summary>
    public const string Started = "started";

    /// <summary>It is the worker's, but in no state for this call. Delete nothing.</summary>
    public const string NotNow = "not_now";
}

/// <summary>What a worker is told to stop a run for.</summary>
public static class StopWords
{
    /// <summary>It was cancelled or superseded.</summary>
    public const string Cancel = "cancel";

    /// <summary>Its images did not come in time.</summary>
    public const string PendingLimit = "pendingLimit";
}

/// <summary>What a report tells.</summary>
public static class ReportWords
{
    /// <summary>The create was refused for good.</summary>
    public const string Refused = "refused";

    /// <summary>The create surely did not happen, and may be tried later.</summary>
    public const string Busy = "busy";

    /// <summary>The claim is given back: it was not started.</summary>
    public const string HandedBack = "handedBack";

    /// <summary>The run was seen, and goes on.</summary>
    public const string Seen = "seen";

    /// <summary>The run succeeded.</summary>
    public const string Succeeded = "succeeded";

    /// <summary>The run failed, and nothing of it is alive.</summary>
    public const string Failed = "failed";

    /// <summary>The run is there no more, and nothing of it is alive.</summary>
    public const string Gone = "gone";

    /// <summary>Its images have failed to come for longer than the pending limit.</summary>
    public const string ImagesMissing = "imagesMissing";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Refused, Busy, HandedBack, Seen, Succeeded, Failed, Gone, ImagesMissing];
}

/// <summary>How a worker stands.</summary>
public static class WorkerStates
{
    /// <summary>Added, and not registered; or, with a service token, never checked in. It claims nothing.</summary>
    public const string Unregistered = "unregistered";

    /// <summary>It has no job.</summary>
    public const string Idle = "idle";

    /// <summary>It has jobs, and room for more.</summary>
    public const string Available = "available";

    /// <summary>It has as many jobs as it may.</summary>
    public const string Busy = "busy";

    /// <summary>It takes nothing new.</summary>
    public const string Draining = "draining";

    /// <summary>It has not checked in for three intervals. Computed when it is read, never stored and never said by a worker.</summary>
    public const string Offline = "offline";

    /// <summary>Something is wrong there; its error says what.</summary>
    public const string Error = "error";

    /// <summary>Those that a worker may say.</summary>
    public static IReadOnlyList<string> Said { get; } = [Idle, Available, Busy, Draining, Error];
}
