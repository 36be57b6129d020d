using Pushcart.Jobs;
using Pushcart.Providers;

namespace Pushcart.Tests.Unit.Simulation;

/// <summary>The provider of one remote, which is told how jobs go, and what must never be told: that a job is pending after its end, and an end that was not.</summary>
internal sealed class Reports(Simulation sim)
{
    private const string Repository = "http://git.sim/repo0";
    private readonly Dictionary<string, List<StatusReport>> told = [];

    public static bool IsTold(string repository) => repository == Repository;

    /// <summary>The provider has taken a report.</summary>
    public ProviderAnswer Take(StatusReport report)
    {
        var id = report.TargetUrl!.Split('/')[^1];
        var all = told.TryGetValue(id, out var before) ? before : told[id] = [];
        if (report.State == StatusState.Pending)
        {
            sim.Budget?.Told(id);
            Check(all.TrueForAll(r => r.State == StatusState.Pending), $"job {id} is told to be pending after its end: {string.Join(", ", all.Select(r => r.State))}");
        }
        else
        {
            Check(all.TrueForAll(r => r.State == StatusState.Pending || r == report), $"job {id} is told two ends: {string.Join(" and ", all.Append(report))}");
        }

        all.Add(report);
        return ProviderAnswer.Done;
    }

    /// <summary>The end of a job is told as it was; nobody is left with a pending.</summary>
    /// <param name="jobs">All jobs, as they ended.</param>
    public void CheckEnd(IReadOnlyCollection<Job> jobs)
    {
        // What is told bears the name of a trigger.
        foreach (var job in jobs.Where(j => j is { Repository: Repository, TriggerName: not null }))
        {
            var state = job.Outcome switch
            {
                JobOutcome.Succeeded => StatusState.Success,
                JobOutcome.Failed => StatusState.Failure,
                _ => StatusState.Error,
            };
            var last = told.GetValueOrDefault(job.Id)?[^1];
            var isHidden = jobs.Any(j => j.TriggerName == job.TriggerName && j.Commit == job.Commit && j.Repository == job.Repository && string.CompareOrdinal(j.Id, job.Id) > 0);
            Check(last?.State == state || isHidden || sim.WasAway, $"job {job.Id} ended as {job.Outcome}, but what was told last is {last?.State.ToString() ?? "nothing"}");
        }
    }

    private void Check(bool holds, string otherwise)
    {
        if (!holds)
        {
            sim.Clock.Tell("provider", $"VIOLATION: {otherwise}");
            throw new ViolationException(otherwise);
        }
    }
}

/// <summary>A process's way to the provider.</summary>
internal sealed class SimulatedReports(Simulation sim, Process process) : IStatusReports
{
    public bool Tells(string repository) => Reports.IsTold(repository);

    public async Task<ProviderAnswer> TellAsync(StatusReport report, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(IStatusReports.Within, process.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await process.CallAsync(
                sim.Clock.IsTracing ? $"tell {report.TargetUrl} {report.State}" : "",
                () => sim.Reports.Take(report),
                _ => new(ProviderResult.Failed, "the provider is down"),
                either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new(ProviderResult.Failed, "the provider gave no answer");
        }
    }
}
