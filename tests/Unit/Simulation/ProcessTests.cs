namespace Pushcart.Tests.Unit.Simulation;

/// <summary>
/// What the simulation takes for granted of its processes. On threads of their own, like every simulation: what awaits continues elsewhere
/// where a thread has a SynchronizationContext, and xunit's threads have one.
/// </summary>
public sealed class ProcessTests
{
    [Fact]
    public void A_process_that_is_stopped_while_it_waits_goes_on_in_the_thread_of_the_simulation() => OnOneThread(() =>
    {
        var sim = new Simulation(1, faults: Faults.None);
        var process = new Process(sim, "p", TimeSpan.Zero);
        int? continued = null;
        Exception? failure = null;
        process.Run(
            "waits for a moment, then for ever",
            async cancellation =>
            {
                await Task.Delay(TimeSpan.FromSeconds(0.2), process.Time, cancellation).ConfigureAwait(false);
                continued = Environment.CurrentManagedThreadId;
                await new TaskCompletionSource().Task.WaitAsync(cancellation).ConfigureAwait(false);
            },
            e => failure = e);

        process.Stop();
        sim.Clock.RunUntil(sim.Clock.Now + TimeSpan.FromSeconds(5));

        Assert.Equal(Environment.CurrentManagedThreadId, continued);
        Assert.IsType<TaskCanceledException>(failure);
        Assert.False(process.IsAlive);
    });

    /// <summary>What <see cref="Process.Stop"/> relies on. When this fails the runtime has changed, and a process may be stopped at any time.</summary>
    [Fact]
    public void A_cancelled_delay_goes_on_in_the_thread_pool_and_a_cancelled_wait_does_not() => OnOneThread(() =>
    {
        var time = new ProcessTime(new(new(1), tracing: false), TimeSpan.Zero, _ => true);
        using var cancellation = new CancellationTokenSource();
        var delayed = ThreadOf(Task.Delay(TimeSpan.FromSeconds(1), time, cancellation.Token));
        var waited = ThreadOf(new TaskCompletionSource().Task.WaitAsync(cancellation.Token));
        Assert.Equal(1, time.Delays);

        cancellation.Cancel();

        Assert.Equal(0, time.Delays);
        Assert.True(waited.IsCompleted);
        Assert.Equal(Environment.CurrentManagedThreadId, waited.Result);
        Assert.NotEqual(Environment.CurrentManagedThreadId, delayed.Result);
    });

    private static async Task<int> ThreadOf(Task task)
    {
        await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return Environment.CurrentManagedThreadId;
    }

    private static void OnOneThread(Action test)
    {
        Exception? failure = null;
        var thread = new Thread(() => failure = Record.Exception(test));
        thread.Start();
        thread.Join();
        Assert.Null(failure);
    }
}
