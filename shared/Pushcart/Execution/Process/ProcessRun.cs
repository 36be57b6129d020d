using System.Text;
using System.Text.Json;
using Pushcart.Execution.Process.Child;

namespace Pushcart.Execution.Process;

/// <summary>
/// A run's own process: this program again, by a hidden verb. The program asks <see cref="IsRun"/> before anything else, so that it starts at once
/// and reads no settings.
/// </summary>
public static class ProcessRun
{
    internal const string Verb = "__run";

    /// <summary>True where these arguments make the program a run's process.</summary>
    public static bool IsRun(string[] args) => args is [Verb, _];

    /// <summary>
    /// Carries the run out, from the lock to the exit file: 1. its orders, from standard input; 2. the lock, which all its descendants inherit; 3. under the
    /// lock: is the directory still this claim's, never started, and the claim young enough; 4. <c>started</c>, and the word to the creator; 5. the work,
    /// deaf to the creator's terminal and signals; 6. <c>exit</c>, the lock, and the mark that wakes the creator.
    /// </summary>
    /// <returns>The exit code of the program: 0 where the run was carried out, whatever came of it.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        var time = TimeProvider.System;
        var directory = new RunDirectory(args[1]);
        _ = Posix.NewSession();

        var orders = new MemoryStream();
        using (var input = Console.OpenStandardInput())
        {
            input.CopyTo(orders);
        }

        RunOrder order;
        try
        {
            order = RunOrder.Read(orders.ToArray());
        }
        catch (JsonException)
        {
            // Cut off: the creator died while it wrote, and nothing has begun.
            return 1;
        }


        using var runLock = RunLock.Open(directory.LockPath, inherited: true);
        if (runLock is null)
        {
            Say(RunWord.Superseded);
            return 1;
        }

        if (!await TakeAsync(runLock, time))
        {
            Say(RunWord.Held);
            return 1;
        }

        if (!directory.IsOf(order.Uid, order.ClaimKey) || directory.HasStarted)
        {
            Say(RunWord.Superseded);
            return 1;
        }

        Posix.AdoptOrphans();
        var start = new RunStart(Environment.ProcessId, 0, time.GetUtcNow());
        if (start.At > order.StartBefore)
        {
            Say(RunWord.Late);
            return 1;
        }

        directory.WriteStart(start);
        Say(RunWord.Started);
        Posix.DetachStandardStreams();

        var end = await new Runner(directory, order, start, time).RunAsync();
        await WriteAsync(directory, end, time);
        runLock.Leave();
        RunEnds.Mark(directory);
        return 0;
    }

    private static void Say(string word)
    {
        try
        {
            using var output = Console.OpenStandardOutput();
            output.Write(Encoding.ASCII.GetBytes(word + "\n"));
        }
        catch (IOException)
        {
            // The creator is dead. The run goes on without it.
        }
    }

    // Who looks whether the lock is held has it for a moment; a run's process that has it keeps it.
    private static async Task<bool> TakeAsync(RunLock runLock, TimeProvider time)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            if (runLock.TryTake())
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), time);
        }

        return false;
    }

    // A full disk must not turn an end into a loss at once.
    private static async Task WriteAsync(RunDirectory directory, RunEnd end, TimeProvider time)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                directory.WriteEnd(end);
                return;
            }
            catch (IOException) when (tries < 30)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time);
            }
        }
    }
}
