namespace Pushcart.Execution.Process;

/// <summary>What a directory tells about its run, read in the one order that cannot mislead; and what follows from it.</summary>
internal sealed record RunState
{
    private const string ActiveVersion = "active";
    private const string EndedVersion = "ended";

    public required RunIdentity Identity { get; init; }

    /// <summary>True while the lock is held.</summary>
    public required bool Held { get; init; }

    public RunStart? Start { get; init; }

    public RunEnd? End { get; init; }

    public RunDeletion? Deletion { get; init; }

    public TimeSpan? Ttl { get; init; }

    /// <summary>True where something holds the lock that has not started yet: whether the run is there will only be known in a moment.</summary>
    public bool Starting => Held && Start is null;

    /// <summary>True where it ended by itself, or by its deadline: not because it was deleted.</summary>
    public bool HasEnded => End is not null && End.Reason != RunEnd.Deleted;

    /// <summary>True where it started, and neither an end nor anything alive is left of it.</summary>
    public bool IsGone => Start is not null && !Held && !HasEnded;

    /// <summary>True where a delete stands: an end reached in spite of a delete of the active run makes that delete void.</summary>
    public bool Terminating => Deletion is { } deletion && deletion.Uid == Identity.Uid && deletion.Version == Version;

    /// <summary>True while somebody has to see to it that a run past its deadline ends, its own process having failed to.</summary>
    /// <param name="now">The time.</param>
    /// <param name="allowance">How long its own process is left alone with it.</param>
    public bool IsOverdue(DateTimeOffset now, TimeSpan allowance) =>
        Held && End is null && now > (Start?.At ?? Identity.CreateBefore) + (Start is null ? TimeSpan.Zero : Identity.Deadline) + allowance;

    /// <summary>True where nothing is left to be told by it.</summary>
    /// <param name="now">The time.</param>
    /// <param name="neverStartedKept">How long a directory is kept whose run never started.</param>
    public bool IsPastKeeping(DateTimeOffset now, TimeSpan neverStartedKept)
    {
        var kept = Ttl ?? Identity.Ttl;
        return !Held && (HasEnded ? now >= End!.EndedAt + kept || Terminating
            : Start is null ? now >= Identity.CreatedAt + neverStartedKept
            : Terminating || End is not null || now >= Start.At + Identity.Deadline + kept);
    }

    private string Version => HasEnded ? EndedVersion : ActiveVersion;

    /// <summary>The run as the port shows it; null where it is not there.</summary>
    public RunView? View()
    {
        if (Start is null || IsGone)
        {
            return null;
        }

        var view = new RunView
        {
            Key = Identity.Key,
            Uid = Identity.Uid,
            Version = Version,
            Phase = RunPhase.Active,
            Alive = Held,
            Terminating = Terminating,
            CreatedAt = Identity.CreatedAt,
            StartedAt = Start.At,
        };
        return !HasEnded
            ? view
            : view with
            {
                Phase = End!.Reason is null ? RunPhase.Succeeded : RunPhase.Failed,
                EndedAt = End.EndedAt,
                Reason = End.Reason,
                Message = End.Message,
                ExitCode = End.Code,
            };
    }

    /// <summary>Reads it; null where there is no run's directory.</summary>
    /// <exception cref="IOException">It is there, and cannot be read.</exception>
    public static RunState? Read(RunDirectory directory)
    {
        // The lock first: once it is free nothing is written any more. The other way round, an end written in between would look like none at all.
        bool held;
        using (var runLock = RunLock.Open(directory.LockPath))
        {
            if (runLock is null)
            {
                return null;
            }

            held = runLock.IsHeld();
        }

        return ReadFiles(directory, held);
    }

    /// <summary>Reads the rest of it, for who knows whether the lock is held.</summary>
    public static RunState? ReadFiles(RunDirectory directory, bool held) =>
        directory.ReadIdentity() is not { } identity
            ? null
            : new RunState
            {
                Identity = identity,
                Held = held,
                Start = directory.ReadStart(),
                End = directory.ReadEnd(),
                Deletion = directory.ReadDeletion(),
                Ttl = directory.ReadTtl(),
            };
}
