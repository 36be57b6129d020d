using Pushcart.Workers.Working.State;

namespace Pushcart.Tests.Unit.Simulation.Workers;

/// <summary>The state of a worker, which outlives its processes. Each write names the version that was read, as one of a Secret does: of two processes that have it at once, one is told.</summary>
internal sealed class StateOfSite(Simulation sim, Dice dice)
{
    private int version;

    public WorkerState? Current { get; private set; }

    /// <summary>A process reads it; the first one makes it.</summary>
    public Handle Open(WorkerProcess process, string worker, Chance chance)
    {
        Current ??= new() { Worker = worker, Instance = chance.NewId() };
        return new(this, process, Current, version);
    }

    /// <summary>The state, as one process has read it.</summary>
    internal sealed class Handle(StateOfSite state, WorkerProcess process, WorkerState read, int seen) : IWorkerStateStore
    {
        public WorkerState Read => read;

        public string Where => "the state";

        public Task<(WorkerState? State, string? Error)> ReadAsync(CancellationToken cancellation) => throw new ViolationException("the state is read at the start only");

        public Task<string?> WriteAsync(WorkerState written, CancellationToken cancellation) => state.WriteAsync(process, written, ref seen);
    }

    private Task<string?> WriteAsync(WorkerProcess process, WorkerState written, ref int seen)
    {
        if (seen != version)
        {
            // What is there now was read for that answer.
            seen = version;
            return Task.FromResult<string?>("the state was changed by somebody else");
        }

        var dies = dice.Chance(sim.Faults.Die);
        if (!dies || dice.Chance(0.5))
        {
            Current = written;
            seen = ++version;
        }

        if (!dies)
        {
            return Task.FromResult<string?>(null);
        }

        process.Die();
        return new TaskCompletionSource<string?>().Task;
    }
}
