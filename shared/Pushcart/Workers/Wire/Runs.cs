namespace Pushcart.Workers.Wire;

/// <summary><c>POST api/workers/jobs/{id}/start</c>: asks whether the run may be created now. It is created only once the answer is yes, and once for each yes.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">Which process.</param>
/// <param name="Attempt">The claim.</param>
/// <param name="Key">Its key.</param>
/// <param name="Anew">True where it was started before, and no run is there by its name 30 s after that.</param>
/// <param name="Run">The run, so that a refusal can say whether another process has taken over the same one; null where it is not known.</param>
public sealed record StartRequest(string Worker, string Instance, int Attempt, string Key, bool Anew = false, int? Run = null);

/// <summary>Yes.</summary>
/// <param name="Lease">How long the sign of life lasts.</param>
/// <param name="CreateWithin">How long after the request was sent the create may be sent.</param>
public sealed record StartAnswer(TimeSpan Lease, TimeSpan CreateWithin);

/// <summary><c>POST api/workers/jobs/{id}/renew</c>: a sign of life of a started job.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">Which process.</param>
/// <param name="Attempt">The claim.</param>
/// <param name="Progress">What is to be told of its progress, at most 200 characters on one line; null: nothing new. Within 5 s of the one before it is answered by 429 and is to be sent again.</param>
/// <param name="Run">The run, so that a refusal can say whether another process has taken over the same one; null where it is not known.</param>
public sealed record RenewRequest(string Worker, string Instance, int Attempt, string? Progress = null, int? Run = null);

/// <summary>The answer to a sign of life.</summary>
/// <param name="Lease">How long it lasts.</param>
/// <param name="Drain">True: take nothing new.</param>
/// <param name="Stop">One of <see cref="StopWords"/>; null while the job is to go on.</param>
public sealed record RenewAnswer(TimeSpan Lease, bool Drain, string? Stop = null);

/// <summary><c>POST api/workers/jobs/{id}/report</c>: what became of a run. Told again, the answer is the same.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">Which process.</param>
/// <param name="Attempt">The claim.</param>
/// <param name="Run">The run.</param>
/// <param name="What">One of <see cref="ReportWords"/>.</param>
/// <param name="Message">For a person; at most 2,000 characters.</param>
/// <param name="ExitCode">Exit code of the work.</param>
/// <param name="Reason">A word or a sentence: why it failed; at most 1,000 characters.</param>
/// <param name="StartedAt">When it began to work, by the cluster's clock.</param>
/// <param name="EndedAt">When it ended, by the cluster's clock.</param>
/// <param name="Pods">Pods that it had.</param>
/// <param name="RunUid">Identity of the run, given by the executor.</param>
/// <param name="JustSeen">With <c>gone</c>: true where the worker saw the run a moment before, so that somebody deleted it.</param>
/// <param name="LogTail">The end of its output; at most 32 KiB of UTF-8.</param>
public sealed record ReportRequest(
    string Worker,
    string Instance,
    int Attempt,
    int Run,
    string What,
    string? Message = null,
    int? ExitCode = null,
    string? Reason = null,
    DateTimeOffset? StartedAt = null,
    DateTimeOffset? EndedAt = null,
    int Pods = 0,
    string? RunUid = null,
    bool JustSeen = false,
    string? LogTail = null);

/// <summary>The job as it stands after a report.</summary>
/// <param name="State"><c>queued</c> (the next run, or the same again), <c>claimed</c>, <c>running</c> or <c>ended</c>.</param>
/// <param name="Outcome">How it ended; null where it did not.</param>
public sealed record ReportAnswer(string State, string? Outcome = null);

/// <summary><c>POST api/workers/jobs/{id}/log</c>: a piece of a run's output. Sent again, it stands there once.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Attempt">The claim.</param>
/// <param name="Run">The run.</param>
/// <param name="Number">Which piece, from 0, without gaps; at most 999.</param>
/// <param name="Text">The piece; at most 32 KiB of UTF-8.</param>
public sealed record LogChunk(string Worker, int Attempt, int Run, int Number, string Text);

/// <summary>The answer to a piece of output.</summary>
/// <param name="Full">True where the run has all the output that is kept, 256 KiB: send no more.</param>
public sealed record LogAnswer(bool Full);
