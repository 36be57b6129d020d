namespace Microsoft.Azure.Functions.Worker.Invocation;

/// <summary>The functions that run now. When the host stops they may go on for the grace, then their token fires.</summary>
internal sealed class RunningFunctions(TimeProvider time) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<string> _names = [];
    private readonly CancellationTokenSource _graceOver = new();
    private TaskCompletionSource? _none;
    private ITimer? _grace;
    private bool _disposed;

    /// <summary>The token of every run.</summary>
    public CancellationToken GraceOver => _graceOver.Token;

    /// <summary>How many run now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _names.Count;
            }
        }
    }

    /// <summary>Counts a run until the answer is disposed of.</summary>
    public IDisposable Begin(string name)
    {
        lock (_lock)
        {
            _names.Add(name);
        }

        return new Run(this, name);
    }

    /// <summary>Waits until nothing runs, and lets the runs' token fire after the grace, also that of a run which begins while the host stops.</summary>
    /// <returns>The names of what runs still when <paramref name="cancellationToken"/> fires.</returns>
    public async Task<IReadOnlyList<string>> DrainAsync(TimeSpan grace, CancellationToken cancellationToken)
    {
        Task none;
        lock (_lock)
        {
            _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            none = _names.Count == 0 ? Task.CompletedTask : _none.Task;
            _grace ??= time.CreateTimer(_ => EndGrace(), null, grace, Timeout.InfiniteTimeSpan);
        }

        await none.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            return [.. _names];
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _grace?.Dispose();
            _graceOver.Dispose();
        }
    }

    private void EndGrace()
    {
        lock (_lock)
        {
            if (!_disposed)
            {
                // Not awaited: what listens to the token runs elsewhere, outside the lock.
                _ = _graceOver.CancelAsync();
            }
        }
    }

    private void End(string name)
    {
        lock (_lock)
        {
            _names.Remove(name);
            if (_names.Count == 0)
            {
                _none?.TrySetResult();
            }
        }
    }

    private sealed class Run(RunningFunctions all, string name) : IDisposable
    {
        public void Dispose() => all.End(name);
    }
}
