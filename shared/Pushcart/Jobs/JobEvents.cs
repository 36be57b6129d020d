using Pushcart.Execution;

namespace Pushcart.Jobs;

/// <summary>Something that happened to a job, or was found out about it. <see cref="Transitions"/> says what follows.</summary>
/// <param name="Now">When.</param>
public abstract record JobEvent(DateTimeOffset Now)
{
    /// <summary>
    /// False where it was found out about another run or claim than the job has now. A conflict reads the row again, and meanwhile
    /// the job may have gone on: the end of run 1 says nothing about run 2.
    /// </summary>
    public virtual bool Concerns(Job job) => true;
}

/// <summary>A worker takes the job.</summary>
/// <param name="Now">When.</param>
/// <param name="Key">Drawn for this claim.</param>
/// <param name="Worker">Who.</param>
/// <param name="Executor">What will run it.</param>
/// <param name="Slot">The worker's slot, taken in the same transaction.</param>
/// <param name="GroupSlot">The group's slot; null without a group.</param>
public sealed record Claim(DateTimeOffset Now, string Key, string Worker, string Executor, int Slot, int? GroupSlot) : JobEvent(Now);

/// <summary>Somebody, or a newer commit, cancels the job.</summary>
/// <param name="Now">When.</param>
/// <param name="By">Who, or <c>superseded by …</c>.</param>
/// <param name="Force">True: end it even where nobody can tell whether it still runs.</param>
public sealed record Cancel(DateTimeOffset Now, string By, bool Force = false) : JobEvent(Now);

/// <summary>The job has waited, perhaps too long.</summary>
/// <param name="Now">When.</param>
public sealed record Waited(DateTimeOffset Now) : JobEvent(Now);

/// <summary>The message of a queued job is sent again.</summary>
/// <param name="Now">When.</param>
public sealed record SendAgain(DateTimeOffset Now) : JobEvent(Now);

/// <summary>The create was refused for good.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">Why.</param>
public sealed record CreateRefused(DateTimeOffset Now, int Attempt, string Message) : JobEvent(Now);

/// <summary>The create surely did not happen, and may be tried later.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">Why.</param>
public sealed record CreateBusy(DateTimeOffset Now, int Attempt, string Message) : JobEvent(Now);

/// <summary>The create may or may not have happened.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">What was answered.</param>
public sealed record CreateUnknown(DateTimeOffset Now, int Attempt, string Message) : JobEvent(Now);

/// <summary>The run was seen, and has not ended.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
public sealed record RunSeen(DateTimeOffset Now, RunView View) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => View.Key.Run == job.Run;
}

/// <summary>The run's images have failed to come for longer than the pending limit.</summary>
/// <param name="Now">When.</param>
/// <param name="Run">Of which run.</param>
/// <param name="Reason">The reason of the outside world.</param>
public sealed record ImagesMissing(DateTimeOffset Now, int Run, string Reason) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => Run == job.Run;
}

/// <summary>The run succeeded.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
public sealed record RunSucceeded(DateTimeOffset Now, RunView View) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => View.Key.Run == job.Run;
}

/// <summary>The run failed, and nothing of it is alive.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
public sealed record RunFailed(DateTimeOffset Now, RunView View) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => View.Key.Run == job.Run;
}

/// <summary>The run of a running job is there no more, by fresh proof, and nothing of it is alive.</summary>
/// <param name="Now">When.</param>
/// <param name="Run">Which run.</param>
/// <param name="JustSeen">True where the last recorded pass, a moment ago, had a whole list and the job was running then: somebody deleted it.</param>
public sealed record RunGone(DateTimeOffset Now, int Run, bool JustSeen) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => Run == job.Run;
}

/// <summary>The lease of a claimed job is past, and no run is there, by fresh proof.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim: a later one may have created it since.</param>
/// <param name="Up">True where the observer itself is up.</param>
public sealed record RunAbsent(DateTimeOffset Now, int Attempt, bool Up) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => Attempt == job.Attempt;
}
