namespace Pushcart.Workers.Wire;

/// <summary>What a worker says of itself.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Executor">What runs jobs there: <c>kubernetes</c> or <c>process</c>.</param>
/// <param name="Cluster">Identity of where it runs them: the uid of the namespace <c>kube-system</c>, or machine and content root. At most 128 characters.</param>
/// <param name="MaxParallelJobs">How many it runs at once: 1 to 100.</param>
/// <param name="CheckInInterval">How often it checks in; shorter than the life of its token.</param>
/// <param name="Labels">What actions may ask for; null: none.</param>
public sealed record WorkerAbout(
    string Version, string Executor, string Cluster, int MaxParallelJobs, TimeSpan CheckInInterval, IReadOnlyDictionary<string, string>? Labels = null);

/// <summary>One claim of a job.</summary>
/// <param name="Job">Id of the job.</param>
/// <param name="Attempt">The claim: an older one changes nothing.</param>
public sealed record JobAttempt(string Job, int Attempt);
