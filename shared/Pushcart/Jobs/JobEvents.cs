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

/// <summary>What is known of one claim, and of no later one.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
public abstract record ClaimEvent(DateTimeOffset Now, int Attempt) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => Attempt == job.Attempt;
}

/// <summary>What is known of one run, and of no later one.</summary>
/// <param name="Now">When.</param>
/// <param name="Run">Of which run.</param>
/// <param name="Attempt">Of which claim a registered worker reports it; null where Observe saw it itself.</param>
public abstract record RunEvent(DateTimeOffset Now, int Run, int? Attempt) : JobEvent(Now)
{
    /// <summary>A registered worker's run is where only that worker looks: what Observe sees, or misses, is not it.</summary>
    public override bool Concerns(Job job) => Run == job.Run && Attempt == (job.IsRegistered ? job.Attempt : null);
}

/// <summary>A worker takes the job.</summary>
/// <param name="Now">When.</param>
/// <param name="Key">Drawn for this claim.</param>
/// <param name="Worker">Who.</param>
/// <param name="Executor">What will run it.</param>
/// <param name="Slot">The worker's slot, taken in the same transaction.</param>
/// <param name="GroupSlot">The group's slot; null without a group.</param>
/// <param name="Cluster">Where a registered worker runs it; null for the built-in one.</param>
/// <param name="Labels">What a registered worker has, which jobs may ask for; null: nothing.</param>
public sealed record Claim(
    DateTimeOffset Now, string Key, string Worker, string Executor, int Slot, int? GroupSlot, string? Cluster = null, IReadOnlyDictionary<string, string>? Labels = null) : JobEvent(Now);

/// <summary>A registered worker asks whether it may create the run now. It creates only once the answer is yes.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Key">Key of that claim.</param>
/// <param name="Anew">True where it started before and has found no run by the name since.</param>
public sealed record StartAsked(DateTimeOffset Now, int Attempt, string Key, bool Anew) : ClaimEvent(Now, Attempt);

/// <summary>A registered worker gives a claim back that it did not start.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
public sealed record HandedBack(DateTimeOffset Now, int Attempt) : ClaimEvent(Now, Attempt);

/// <summary>A registered worker is at work on a started job.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Progress">What it says of its progress; null: nothing new.</param>
public sealed record Renewed(DateTimeOffset Now, int Attempt, string? Progress = null) : ClaimEvent(Now, Attempt);

/// <summary>A registered worker returns as a new process, or another of its name comes instead, and claims its started job.</summary>
/// <param name="Now">When.</param>
/// <param name="Worker">Who: <c>NAME</c> or <c>NAME/pod</c>.</param>
/// <param name="Cluster">Where it is.</param>
/// <param name="Key">Drawn for this claim.</param>
/// <param name="Slot">A slot of the worker, also one above its limit, taken in the same transaction; where the worker has the job's slot already, that one stays.</param>
/// <param name="Attempt">The claim that it takes the place of, as it was seen; null: whichever there is. Who has taken its place meanwhile is not taken for it.</param>
public sealed record Returned(DateTimeOffset Now, string Worker, string Cluster, string Key, int Slot, int? Attempt = null) : JobEvent(Now)
{
    /// <inheritdoc/>
    public override bool Concerns(Job job) => Attempt is null || Attempt == job.Attempt;
}

/// <summary>A started job's takeover time is past: whatever runs where its registered worker was has met its deadline.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Up">True where the observer itself is up.</param>
public sealed record TakeoverPast(DateTimeOffset Now, int Attempt, bool Up) : ClaimEvent(Now, Attempt);

/// <summary>Somebody, or a newer commit, cancels the job.</summary>
/// <param name="Now">When.</param>
/// <param name="By">Who, or <c>superseded by …</c>.</param>
/// <param name="Force">True: end it even where nobody can tell whether it still runs.</param>
public sealed record Cancel(DateTimeOffset Now, string By, bool Force = false) : JobEvent(Now);

/// <summary>The job has waited, perhaps too long.</summary>
/// <param name="Now">When.</param>
/// <param name="Why">What it waited for, where that is known; null otherwise.</param>
public sealed record Waited(DateTimeOffset Now, string? Why = null) : JobEvent(Now);

/// <summary>The message of a queued job is sent again.</summary>
/// <param name="Now">When.</param>
public sealed record SendAgain(DateTimeOffset Now) : JobEvent(Now);

/// <summary>The provider of a job's commit is about to be told that it is pending: the row first, so that whoever tells its end knows of it.</summary>
/// <param name="Now">When.</param>
public sealed record PendingTold(DateTimeOffset Now) : JobEvent(Now);

/// <summary>The provider could not be told.</summary>
/// <param name="Now">When.</param>
/// <param name="NotBefore">When it wants to be asked again; null where it said nothing, or was not asked.</param>
/// <param name="OfEnd">True where it was to be told of the end, and the job's history is written.</param>
public sealed record ReportFailed(DateTimeOffset Now, DateTimeOffset? NotBefore, bool OfEnd) : JobEvent(Now)
{
    /// <summary>What came of telling that it is pending says nothing about its end.</summary>
    public override bool Concerns(Job job) => OfEnd == (job.State == JobState.Ended);
}

/// <summary>The create was refused for good.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">Why.</param>
public sealed record CreateRefused(DateTimeOffset Now, int Attempt, string Message) : ClaimEvent(Now, Attempt);

/// <summary>The create surely did not happen, and may be tried later.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">Why.</param>
public sealed record CreateBusy(DateTimeOffset Now, int Attempt, string Message) : ClaimEvent(Now, Attempt);

/// <summary>The create may or may not have happened.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim.</param>
/// <param name="Message">What was answered.</param>
public sealed record CreateUnknown(DateTimeOffset Now, int Attempt, string Message) : ClaimEvent(Now, Attempt);

/// <summary>The run was seen, and has not ended.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
public sealed record RunSeen(DateTimeOffset Now, RunView View) : RunEvent(Now, View.Key.Run, null);

/// <summary>The run's images have failed to come for longer than the pending limit.</summary>
/// <param name="Now">When.</param>
/// <param name="Run">Of which run.</param>
/// <param name="Reason">The reason of the outside world.</param>
/// <param name="Attempt">Of which claim a registered worker reports it; null where Observe saw it itself.</param>
public sealed record ImagesMissing(DateTimeOffset Now, int Run, string Reason, int? Attempt = null) : RunEvent(Now, Run, Attempt);

/// <summary>The run succeeded.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
/// <param name="Attempt">Of which claim a registered worker reports it; null where Observe saw it itself.</param>
public sealed record RunSucceeded(DateTimeOffset Now, RunView View, int? Attempt = null) : RunEvent(Now, View.Key.Run, Attempt);

/// <summary>The run failed, and nothing of it is alive.</summary>
/// <param name="Now">When.</param>
/// <param name="View">What was seen.</param>
/// <param name="Attempt">Of which claim a registered worker reports it; null where Observe saw it itself.</param>
public sealed record RunFailed(DateTimeOffset Now, RunView View, int? Attempt = null) : RunEvent(Now, View.Key.Run, Attempt);

/// <summary>The run of a running job is there no more, by fresh proof, and nothing of it is alive.</summary>
/// <param name="Now">When.</param>
/// <param name="Run">Which run.</param>
/// <param name="JustSeen">True where the last recorded pass, a moment ago, had a whole list and the job was running then, or where the worker that reports it saw it then: somebody deleted it.</param>
/// <param name="Attempt">Of which claim a registered worker reports it; null where Observe saw it itself.</param>
public sealed record RunGone(DateTimeOffset Now, int Run, bool JustSeen, int? Attempt = null) : RunEvent(Now, Run, Attempt);

/// <summary>The lease of a claimed job is past, and no run is there: by fresh proof, or because its registered worker never started it.</summary>
/// <param name="Now">When.</param>
/// <param name="Attempt">Of which claim: a later one may have created it since.</param>
/// <param name="Up">True where the observer itself is up.</param>
public sealed record RunAbsent(DateTimeOffset Now, int Attempt, bool Up) : ClaimEvent(Now, Attempt);
