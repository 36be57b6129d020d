namespace Pushcart.Workers.Wire;

/// <summary><c>POST api/workers/check-in</c>: a sign of life, and the next token.</summary>
/// <param name="Worker">Name: of a registered worker, or <c>NAME</c> or <c>NAME/pod</c> with a service token.</param>
/// <param name="Instance">Which process: kept in its state.</param>
/// <param name="About">What it is.</param>
/// <param name="State">How it stands: one of <see cref="WorkerStates"/> that a worker may say.</param>
/// <param name="Running">The jobs that it has.</param>
/// <param name="Error">What is wrong, where its state is <c>error</c>; at most 1,000 characters.</param>
/// <param name="NextTokenHash">SHA-256 of its next token, good at once; the one before is good to its own end. Null with a service token.</param>
/// <param name="Process">Drawn at its start: the first part of its claims' keys. The process that checked in last is the one that may return to started jobs; null: whichever asks.</param>
public sealed record CheckInRequest(
    string Worker, string Instance, WorkerAbout About, string State, IReadOnlyList<JobAttempt> Running, string? Error = null, string? NextTokenHash = null, string? Process = null);

/// <summary>The answer to a check-in.</summary>
/// <param name="Drain">True: take nothing new.</param>
/// <param name="TokenLife">How long the next token is good, from now.</param>
/// <param name="NextTokenAccepted">True where the next token is good.</param>
/// <param name="LeaseDuration">How long a claim, and a sign of life of a started job, lasts.</param>
/// <param name="RenewEvery">How often to renew a started job.</param>
/// <param name="Installation">Id of the server's installation: a label of every run.</param>
/// <param name="Verdicts">Which of its jobs are not its own any more; null where that was not looked at.</param>
public sealed record CheckInAnswer(
    bool Drain, TimeSpan TokenLife, bool NextTokenAccepted, TimeSpan LeaseDuration, TimeSpan RenewEvery, string Installation, IReadOnlyList<Verdict>? Verdicts = null);

/// <summary>A claim that is not the worker's any more.</summary>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The claim.</param>
/// <param name="Reason">One of <see cref="ConflictReasons"/>.</param>
public sealed record Verdict(string Job, int Attempt, string Reason);
