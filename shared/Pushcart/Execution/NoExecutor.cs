namespace Pushcart.Execution;

/// <summary>
/// What stands in where there is no cluster that can be reached: nothing runs here, and nothing has ever run. The jobs of the built-in worker wait, and say why, until their waiting limit;
/// only registered workers run jobs.
/// </summary>
public sealed class NoExecutor : IExecutor
{
    /// <summary>Why nothing runs, for people: it is the reason of the jobs that wait.</summary>
    public const string Why = "Executor is none, so no job runs here: only those of registered workers run; set Executor to kubernetes and name a cluster";

    /// <inheritdoc/>
    public string Name => "none";

    /// <inheritdoc/>
    public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation) => Task.FromResult(new CreateAnswer(CreateResult.Busy, Why));

    /// <inheritdoc/>
    public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => Task.FromResult(new RunList(true, []));

    /// <inheritdoc/>
    public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => Task.FromResult(new FindAnswer(true, null));

    /// <inheritdoc/>
    public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) => Task.FromResult(new DeleteAnswer(true));

    /// <inheritdoc/>
    public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => Task.FromResult(new SetTtlAnswer(true));

    /// <inheritdoc/>
    public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => Task.FromResult<string?>(null);
}
