using Pushcart.Jobs;
using Pushcart.Workers.Wire;

namespace Pushcart.Workers.Serving;

/// <summary>What admins see of workers, and do with them.</summary>
public sealed class WorkerAdministration(WorkerStore workers, JobStore jobs, TimeProvider time)
{
    private const int Tries = 5;

    /// <summary>All workers, by name.</summary>
    public async Task<WorkerList> ListAsync(CancellationToken cancellation)
    {
        var all = await workers.AllAsync(cancellation).ConfigureAwait(false);
        var active = all.Count == 0 ? [] : await jobs.AllAsync("state eq 'Claimed' or state eq 'Running'", cancellation).ConfigureAwait(false);
        return new([.. all.Select(worker => ViewOf(worker, active))]);
    }

    /// <summary>One worker.</summary>
    public async Task<Answer<WorkerView>> FindAsync(string name, CancellationToken cancellation) =>
        await workers.FindAsync(name, TimeSpan.Zero, cancellation).ConfigureAwait(false) is { } worker && !worker.HasGone(time.GetUtcNow())
            ? ViewOf(worker, await jobs.AllAsync(Azure.Data.Tables.TableClient.CreateQueryFilter($"worker eq {name} and (state eq 'Claimed' or state eq 'Running')"), cancellation).ConfigureAwait(false))
            : NotFound(name);

    /// <summary>Drains a worker, which is told at its next check-in, renew or claim; or lets it take jobs again.</summary>
    public async Task<Answer<WorkerView>> DrainAsync(string name, bool drain, CancellationToken cancellation)
    {
        for (var n = 0; n < Tries; n++)
        {
            if (await workers.FindAsync(name, TimeSpan.Zero, cancellation).ConfigureAwait(false) is not { } worker)
            {
                return NotFound(name);
            }

            if (worker.Drain == drain || (await workers.WriteAsync(worker with { Drain = drain }, [], cancellation).ConfigureAwait(false)).Worker is not null)
            {
                return await FindAsync(name, cancellation).ConfigureAwait(false);
            }
        }

        return Registering.Changing;
    }

    internal static Refusal NotFound(string name) => new(RefusalCodes.WorkerNotFound, $"there is no worker {Wording.Quote(name)}; pushcart workers list shows all");

    private WorkerView ViewOf(WorkerRecord worker, List<Job> active) => new()
    {
        Name = worker.Name,
        State = worker.StateAt(time.GetUtcNow()),
        Registered = worker.RegisteredAt is not null,
        Version = worker.Version,
        Executor = worker.Executor,
        Cluster = worker.Cluster,
        Instance = worker.Instance,
        Labels = worker.Labels,
        MaxParallelJobs = worker.MaxParallelJobs,
        CheckInInterval = worker.CheckInInterval,
        Running = active.Count(job => job.Worker == worker.Name && job.State == JobState.Running),
        Claimed = active.Count(job => job.Worker == worker.Name && job.State == JobState.Claimed),
        LastCheckIn = worker.LastCheckIn,
        RegisteredAt = worker.RegisteredAt,
        Drain = worker.Drain,
        Error = worker.Error,
        Namespaces = worker.Namespaces?.Split(','),
    };
}
