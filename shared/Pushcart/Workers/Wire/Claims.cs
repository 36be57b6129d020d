using Pushcart.Jobs;

namespace Pushcart.Workers.Wire;

/// <summary><c>POST api/workers/claim</c>: asks for one job. Asked again with the same key, the same job comes back while that claim stands. 204 with <c>Retry-After</c> where there is none.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">Which process.</param>
/// <param name="Cluster">Where it runs jobs.</param>
/// <param name="Executor">What runs them.</param>
/// <param name="Key">Drawn by the worker for this claim; 8 to 64 letters, digits and dashes.</param>
/// <param name="MaxParallelJobs">How many it runs at once: its slots, 1 to 100.</param>
/// <param name="Labels">What actions may ask for; null: none.</param>
/// <param name="Return">Claims that it gives back, for it has not started them; null: none.</param>
/// <param name="Wait">How long to wait for a job, at most 20 s; null: not at all.</param>
public sealed record ClaimRequest(
    string Worker,
    string Instance,
    string Cluster,
    string Executor,
    string Key,
    int MaxParallelJobs,
    IReadOnlyDictionary<string, string>? Labels = null,
    IReadOnlyList<JobAttempt>? Return = null,
    TimeSpan? Wait = null);

/// <summary>A claimed job.</summary>
/// <param name="Job">The job, with what it was submitted with. It has no secret: the worker reads what it needs where it is.</param>
/// <param name="Attempt">The claim: every later call names it.</param>
/// <param name="Run">The run: part of the name of what is created.</param>
/// <param name="Key">The claim's key: <c>start</c> names it.</param>
/// <param name="Lease">How long the claim lasts, from when the request was sent.</param>
/// <param name="Installation">Id of the server's installation: a label of every run.</param>
/// <param name="Stop">One of <see cref="StopWords"/>; null while it is to go on.</param>
public sealed record ClaimAnswer(Job Job, int Attempt, int Run, string Key, TimeSpan Lease, string Installation, string? Stop = null);

/// <summary><c>POST api/workers/return</c>: a new process claims the started jobs of its name in its cluster. Asked again with the same key, the answer is the same.</summary>
/// <param name="Worker">Name.</param>
/// <param name="Instance">Which process.</param>
/// <param name="Cluster">Where it runs jobs.</param>
/// <param name="Key">Drawn by the worker for this process; 8 to 64 letters, digits and dashes.</param>
/// <param name="Namespaces">True: it is told too where its runs may be.</param>
public sealed record ReturnRequest(string Worker, string Instance, string Cluster, string Key, bool Namespaces = false);

/// <summary>The jobs that are its own now.</summary>
/// <param name="Jobs">Started ones, each with its new attempt, and claims of this very key that were not started.</param>
/// <param name="Namespaces">Where runs of its name may be, by the actions that ask for it: there it looks for runs that no job knows any more. Null where that was not asked for.</param>
public sealed record ReturnAnswer(IReadOnlyList<ClaimAnswer> Jobs, IReadOnlyList<string>? Namespaces = null);
