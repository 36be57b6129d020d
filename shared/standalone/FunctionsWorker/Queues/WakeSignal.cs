namespace Microsoft.Azure.Functions.Worker.Queues;

/// <summary>A signal that stays until it is taken, so that none is missed between a poll and the wait after it.</summary>
internal sealed class WakeSignal(TimeProvider time)
{
    private TaskCompletionSource _set = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Gives the signal.</summary>
    public void Set() => Volatile.Read(ref _set).TrySetResult();

    /// <summary>Takes the signal away: what it told of is about to be looked at.</summary>
    public void Reset()
    {
        if (Volatile.Read(ref _set).Task.IsCompleted)
        {
            Volatile.Write(ref _set, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>Waits for the signal, for at most a time, or until the token fires.</summary>
    /// <returns>True where the signal was given.</returns>
    public async Task<bool> WaitAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        var set = Volatile.Read(ref _set).Task;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(set, Task.Delay(atMost, time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
        return set.IsCompleted;
    }
}
