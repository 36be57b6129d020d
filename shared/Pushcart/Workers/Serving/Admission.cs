using Pushcart.Jobs;
using Pushcart.Tokens;

namespace Pushcart.Workers.Serving;

/// <summary>Whether a caller may act as the worker that it names.</summary>
public sealed class Admission(WorkerStore workers)
{
    /// <summary>Why it may not; null where it may.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="worker">Whom it says it is.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Refusal?> RefusalAsync(Caller caller, string worker, CancellationToken cancellation)
    {
        if (WireRules.Worker(worker) is { } wrong)
        {
            return wrong;
        }

        if (caller.Bound is { } bound)
        {
            return bound.Worker == worker ? null : new(RefusalCodes.OtherWorkerName, $"the token is that of the worker {bound.Worker}, and does not act as {worker}");
        }

        // Whoever adds a name takes it from service tokens: here at once, on other instances within two minutes.
        var name = WorkerNames.NameOf(worker);
        return await workers.FindAsync(name, WorkerStore.Idle, cancellation).ConfigureAwait(false) is { AddedAt: not null }
            ? new(RefusalCodes.RegisteredName, $"{name} is a registered worker, for which a service token does not act; choose another name, or register")
            : null;
    }

    /// <summary>Tells that another live process has a name.</summary>
    internal static Refusal InUse(WorkerRecord worker) => new(
        RefusalCodes.WorkerInUse,
        $"another process is {worker.Name}, and has checked in at {Rfc3339.Text(worker.LastCheckIn)}; it counts as gone {worker.CheckInInterval * WorkerSettings.MissedCheckIns} after that. A restart keeps its instance in its state")
    {
        Reason = Wire.ConflictReasons.InUse,
    };

    /// <summary>Tells that a worker was deleted, or is to register anew.</summary>
    internal static Refusal Gone(string worker) => new(RefusalCodes.WorkerGone, $"the worker {worker} was deleted, or is to register anew; an admin runs: pushcart workers add {worker}");
}
