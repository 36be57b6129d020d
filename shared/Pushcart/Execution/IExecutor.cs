namespace Pushcart.Execution;

/// <summary>
/// How a worker runs a job. A run is created once, by name, and is a fact of the outside world from then on: it outlives the process that created it.
/// Every implementation passes one contract suite.
/// </summary>
public interface IExecutor
{
    /// <summary>The name in settings and history: <c>process</c>, <c>kubernetes</c>.</summary>
    string Name { get; }

    /// <summary>Looks whether runs can be asked for at all, without changing anything.</summary>
    /// <returns>Null where they can; otherwise why not, in a few words that anybody may read: no address, no name, no secret.</returns>
    Task<string?> ReachAsync(CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>
    /// Creates the run, once: the call is never repeated inside. A run of the same name, job and installation that is there already is
    /// <see cref="CreateResult.Exists"/>; a foreign one is <see cref="CreateResult.Refused"/>.
    /// </summary>
    Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation);

    /// <summary>
    /// Lists the runs of this installation in these namespaces: first the runs, then what is still alive of them.
    /// Where the answer is not whole, nothing may be concluded from what it lacks.
    /// </summary>
    Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation);

    /// <summary>Reads one run by name, fresh: the proof that it is not there.</summary>
    Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation);

    /// <summary>
    /// Stops the run and everything it started, and deletes it, provided that it is still as it was seen (<see cref="RunView.Uid"/> and
    /// <see cref="RunView.Version"/>): an end just reached is not destroyed. Asynchronous: it is gone when a later list says so.
    /// </summary>
    Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation);

    /// <summary>Sets how long an ended run is kept, counted from its end. A run that is gone is no error.</summary>
    Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation);

    /// <summary>
    /// Makes sure of the credentials that a run waits for (<see cref="RunView.AwaitsCredentials"/>): they are given after the run was created, and who
    /// created it may have died in between. As often as it is seen so.
    /// </summary>
    /// <param name="spec">The run, as it would be created; <see cref="RunSpec.CreateBefore"/> means nothing here.</param>
    /// <param name="seen">The run, as it was seen.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>Null where they are there, or the run is gone; otherwise why they are not, for a person. Never a secret.</returns>
    Task<string?> EnsureCredentialsAsync(RunSpec spec, RunView seen, CancellationToken cancellation) => Task.FromResult<string?>(null);

    /// <summary>The last <paramref name="bytes"/> bytes of the run's output at most, as UTF-8 text; null where there is none to be had any more.</summary>
    Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation);

    /// <summary>The run's output from its beginning, as the work wrote it.</summary>
    /// <param name="key">Which run.</param>
    /// <param name="follow">True: it goes on until the run ends; false: what is there now.</param>
    /// <param name="cancellation">Ends the call, and the stream.</param>
    /// <returns>The output, to be disposed; null where there is none to be had: the run has not begun, or is gone.</returns>
    Task<Stream?> OpenLogAsync(RunKey key, bool follow, CancellationToken cancellation) => Task.FromResult<Stream?>(null);
}

/// <summary>One run of one job.</summary>
/// <param name="Namespace">Namespace of the trigger.</param>
/// <param name="Name"><c>&lt;action&gt;-&lt;id&gt;-&lt;run&gt;</c>, at most 63 characters, valid as a label of a domain name.</param>
/// <param name="JobId">Id of the job.</param>
/// <param name="Run">Number of the run, from 1.</param>
public sealed record RunKey(string Namespace, string Name, string JobId, int Run);

/// <summary>How a create ended.</summary>
public enum CreateResult
{
    /// <summary>The run was created by this call.</summary>
    Created,

    /// <summary>A run of this name, job and installation is there already: adopted.</summary>
    Exists,

    /// <summary>It will never be created as it is asked for: forbidden, no such namespace, invalid, or the name belongs to somebody else.</summary>
    Refused,

    /// <summary>Surely not created, and worth another try later: too many requests, connection refused, no room.</summary>
    Busy,

    /// <summary>Nobody can tell whether it was or will be created. Observe decides.</summary>
    Unknown,
}

/// <summary>The answer of a create.</summary>
/// <param name="Result">What is known of it.</param>
/// <param name="Message">For a person: why, where it was not created. Never a secret.</param>
public sealed record CreateAnswer(CreateResult Result, string? Message = null);

/// <summary>The phase of a run, as the outside world shows it.</summary>
public enum RunPhase
{
    /// <summary>Not ended.</summary>
    Active,

    /// <summary>Ended with success.</summary>
    Succeeded,

    /// <summary>Ended otherwise: see <see cref="RunView.Reason"/>.</summary>
    Failed,

    /// <summary>The run itself is not there, but something that it started is still alive.</summary>
    Gone,
}

/// <summary>A run as it was seen.</summary>
public sealed record RunView
{
    /// <summary>Which run.</summary>
    public required RunKey Key { get; init; }

    /// <summary>Identity of the run itself: a later one of the same name has another.</summary>
    public required string Uid { get; init; }

    /// <summary>Version of what was seen: the precondition of a delete.</summary>
    public required string Version { get; init; }

    /// <summary>The phase.</summary>
    public required RunPhase Phase { get; init; }

    /// <summary>True while a delete is under way.</summary>
    public bool Terminating { get; init; }

    /// <summary>True while anything that the run started may still be at work; an end counts only when it is false.</summary>
    public bool Alive { get; init; }

    /// <summary>How many pods it had (process: 1).</summary>
    public int Pods { get; init; } = 1;

    /// <summary>Created.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Started, or null.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>Ended, or null.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>Why it failed or is waiting, in a word of Kubernetes where there is one: <c>DeadlineExceeded</c>, <c>ImagePullBackOff</c>, <c>Error</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence about <see cref="Reason"/>, or what the work itself wrote as its message; null if nothing is known.</summary>
    public string? Message { get; init; }

    /// <summary>Exit code of the work, if it ended by itself.</summary>
    public int? ExitCode { get; init; }

    /// <summary>True where it has not begun and needs credentials that are given to it after its creation: <see cref="IExecutor.EnsureCredentialsAsync"/>.</summary>
    public bool AwaitsCredentials { get; init; }

    /// <summary>Since when its images cannot be had; null while they can.</summary>
    public DateTimeOffset? ImageErrorSince { get; init; }
}

/// <summary>The answer of a list.</summary>
/// <param name="Whole">True where every namespace was read to its end, runs first and what is alive of them afterwards.</param>
/// <param name="Runs">What was seen.</param>
/// <param name="Message">Why it is not whole.</param>
public sealed record RunList(bool Whole, IReadOnlyList<RunView> Runs, string? Message = null);

/// <summary>The answer of a read by name.</summary>
/// <param name="Answered">False where the outside world could not be asked; nothing may be concluded then.</param>
/// <param name="Run">The run; null where it is surely not there.</param>
/// <param name="Message">Why there is no answer.</param>
public sealed record FindAnswer(bool Answered, RunView? Run, string? Message = null);

/// <summary>The answer of a delete.</summary>
/// <param name="Accepted">True where the run will be gone, or is.</param>
/// <param name="Message">Why it was not accepted: it has changed since it was seen, or nobody answered.</param>
public sealed record DeleteAnswer(bool Accepted, string? Message = null);

/// <summary>The answer of setting a TTL.</summary>
/// <param name="Done">True where it is set, or the run is gone.</param>
/// <param name="Message">Why it is not.</param>
public sealed record SetTtlAnswer(bool Done, string? Message = null);
