using System.IO.Pipes;
using System.Runtime.InteropServices;
using Pushcart.Execution.Process.Output;

namespace Pushcart.Execution.Process.Child;

/// <summary>How a program ended.</summary>
/// <param name="Code">Its exit code; 128 + n where signal n ended it; 127 where it was not found, 126 where it could not be started, as shells say it.</param>
/// <param name="Signal">That signal, or null.</param>
/// <param name="Problem">Why it never started; null where it did.</param>
internal sealed record WorkEnd(int Code, int? Signal = null, string? Problem = null)
{
    public const int NotFound = 127;
    public const int NotStarted = 126;
}

/// <summary>
/// Starts a run's programs, one after the other and each in a process group of its own, and ends everything that they started. It waits for every child
/// of this process, so nothing else in it may start any.
/// </summary>
/// <param name="time">The time.</param>
/// <param name="onGroup">Told the process group of each program that starts.</param>
internal sealed class WorkProcesses(TimeProvider time, Action<int> onGroup)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private readonly Lock _gate = new();
    private readonly Dictionary<int, TaskCompletionSource<WorkEnd>> _ends = [];
    private readonly List<Task> _outputs = [];
    private bool _reaping;
    private int _group;

    /// <summary>Runs a program to its end; others that it started may live on.</summary>
    /// <param name="command">The program, looked up on the path of its own environment, and its arguments.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="output">Takes what it writes, from a thread of its own.</param>
    /// <param name="stop">Ends the waiting; <see cref="EndAllAsync"/> ends the program.</param>
    public async Task<WorkEnd> RunAsync(
        IReadOnlyList<string> command, IReadOnlyDictionary<string, string> environment, string directory, RunOutputSink output, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (ProgramPath.Find(command[0], environment.GetValueOrDefault("PATH"), directory) is not { } program)
        {
            return new(WorkEnd.NotFound, Problem: $"command not found: {command[0]}");
        }

        var (end, error) = Start(program, command, environment, directory, output);
        return end is null
            ? new(WorkEnd.NotStarted, Problem: $"cannot start {program}: {Marshal.GetPInvokeErrorMessage(error)}")
            : await end.WaitAsync(stop);
    }

    /// <summary>Takes in what the ended programs wrote. What others that live on will write is not waited for.</summary>
    public async Task DrainAsync()
    {
        await Task.WhenAny(Task.WhenAll(_outputs), Task.Delay(TimeSpan.FromSeconds(1), time));
        _outputs.Clear();
    }

    /// <summary>
    /// Ends everything that is still alive, and takes in what is left of its output. Linux: the whole tree below this process, whatever
    /// group or session its members moved to. macOS: the group.
    /// </summary>
    /// <param name="grace">From SIGTERM to SIGKILL.</param>
    public async Task EndAllAsync(TimeSpan grace)
    {
        if (Alive() is { Count: > 0 } first)
        {
            Signal(first, Posix.Term);
            var since = time.GetTimestamp();
            while (Alive() is { Count: > 0 } rest)
            {
                var over = time.GetElapsedTime(since) - grace;
                if (over >= TimeSpan.Zero)
                {
                    Signal(rest, Posix.Kill);
                }

                // What SIGKILL does not end (another user's process) is waited for, with less and less haste.
                await Task.Delay(over > s_look * 100 ? s_look * 50 : s_look, time);
            }
        }

        await DrainAsync();
    }

    private (Task<WorkEnd>? End, int Error) Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, RunOutputSink output)
    {
        var pipe = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.None);
        TaskCompletionSource<WorkEnd> end = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            var writeEnd = (int)pipe.ClientSafePipeHandle.DangerousGetHandle();
            var error = PosixSpawn.Start(program, arguments, environment, directory, writeEnd, out var process);
            pipe.DisposeLocalCopyOfClientHandle();
            if (error != 0)
            {
                pipe.Dispose();
                return (null, error);
            }

            _group = process;
            _ends[process] = end;
            if (!_reaping)
            {
                _reaping = true;
                new Thread(Reap) { IsBackground = true }.Start();
            }
        }

        _outputs.Add(Task.Factory.StartNew(() => Read(pipe, output), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
        onGroup(_group);
        return (end.Task, 0);
    }

    private List<int> Alive() =>
        OperatingSystem.IsLinux() ? ProcessTable.DescendantsOf(Environment.ProcessId)
        : _group != 0 && Posix.Signal(-_group, 0) == 0 ? [-_group]
        : [];

    private static void Signal(List<int> processes, int signal)
    {
        foreach (var process in processes)
        {
            _ = Posix.Signal(process, signal);
        }
    }

    private void Reap()
    {
        while (true)
        {
            var process = Posix.Wait(-1, out var status, 0);
            var error = Marshal.GetLastPInvokeError();
            lock (_gate)
            {
                if (process > 0 && _ends.Remove(process, out var end))
                {
                    var signal = status & 0x7f;
                    end.SetResult(signal == 0 ? new((status >> 8) & 0xff, null) : new(128 + signal, signal));
                }

                if (process < 0 && error != Posix.Interrupted && _ends.Count == 0)
                {
                    _reaping = false;
                    return;
                }
            }
        }
    }

    private static void Read(AnonymousPipeServerStream pipe, RunOutputSink output)
    {
        using (pipe)
        {
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = pipe.Read(buffer)) > 0)
            {
                output(buffer.AsSpan(0, read));
            }
        }
    }
}
