namespace Pushcart.Workers.Working;

/// <summary>Ends somebody's wait early. A wake that comes while nobody waits ends the next wait.</summary>
public sealed class Wake(TimeProvider time)
{
    private TaskCompletionSource _signal = New();

    /// <summary>Wakes.</summary>
    public void Now() => Volatile.Read(ref _signal).TrySetResult();

    /// <summary>Waits for so long, or until it is woken.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancellation)
    {
        var signal = Volatile.Read(ref _signal);

        // Most waits run out: nothing is thrown for that.
        await signal.Task.WaitAsync(most > TimeSpan.Zero ? most : TimeSpan.Zero, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (signal.Task.IsCompleted)
        {
            Interlocked.CompareExchange(ref _signal, New(), signal);
        }
        else
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    // What waited goes on within Now(): nobody calls that under a lock, and a simulation stays on its thread.
    private static TaskCompletionSource New() => new();
}
