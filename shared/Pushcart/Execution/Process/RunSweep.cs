using Microsoft.Extensions.Logging;
using Pushcart.Execution.Process.Child;

namespace Pushcart.Execution.Process;

/// <summary>What is due to a run's directory whenever somebody looks: ends what its own process failed to end, and removes what is past keeping.</summary>
internal sealed class RunSweep(ProcessExecutorOptions options, TimeProvider time, Chance chance, ILogger logger)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    /// <summary>Sees to one directory.</summary>
    /// <returns>Its state afterwards; null where it is removed.</returns>
    public async Task<RunState?> SeeToAsync(RunDirectory directory, RunState state, CancellationToken cancellation)
    {
        if (state.IsOverdue(time.GetUtcNow(), options.OverdueAfter))
        {
            logger.LogWarning("The run {Run} is past its deadline and its process has not ended it; it is ended now", directory.Name);
            state = await EndOverdueAsync(directory, state, cancellation) ?? state;
        }
        else if (state is { Terminating: true, Held: true })
        {
            Stop(directory, state);
        }

        return state.IsPastKeeping(time.GetUtcNow(), options.NeverStartedKept) && Remove(directory) ? null : state;
    }

    /// <summary>
    /// Has a run stopped that is being deleted. Its own process does it (SIGTERM); where that is dead, or has not done it in time, all that holds the lock is
    /// ended from here.
    /// </summary>
    private void Stop(RunDirectory directory, RunState state)
    {
        var since = time.GetUtcNow() - (state.Deletion?.At ?? time.GetUtcNow());
        var alive = AliveOf(directory, state.Start);
        if (state.Start is { } start && alive.Contains(start.Pid) && since < options.OverdueAfter)
        {
            _ = Posix.Signal(start.Pid, Posix.Term);
            return;
        }

        foreach (var process in alive)
        {
            _ = Posix.Signal(process, since < options.StopGrace ? Posix.Term : Posix.Kill);
        }
    }

    /// <summary>Removes a directory of which nothing is alive: its name is free at once, its files go by and by.</summary>
    /// <returns>False where somebody took the lock meanwhile, or its state is not what it was.</returns>
    private bool Remove(RunDirectory directory)
    {
        using var runLock = RunLock.Open(directory.LockPath);
        if (runLock is null || !runLock.TryTake())
        {
            return runLock is null;
        }

        // Under the lock again: it may have been taken over for a new claim.
        if (RunState.ReadFiles(directory, held: false)?.IsPastKeeping(time.GetUtcNow(), options.NeverStartedKept) == false)
        {
            return false;
        }

        if (directory.Retire(chance.NewId()) is { } retired)
        {
            _ = Task.Run(() => DeleteFiles(retired));
        }

        return true;
    }

    /// <summary>Deletes the files of directories that were removed, and those that never came to be.</summary>
    public void RemoveLeftOvers(string runsDirectory)
    {
        foreach (var directory in new DirectoryInfo(runsDirectory).EnumerateDirectories(".*"))
        {
            var old = time.GetUtcNow().UtcDateTime - directory.LastWriteTimeUtc > options.NeverStartedKept;
            if (old && (directory.Name.StartsWith(".gone-", StringComparison.Ordinal) || directory.Name.StartsWith(".new-", StringComparison.Ordinal)))
            {
                DeleteFiles(directory.FullName);
            }
        }
    }

    private async Task<RunState?> EndOverdueAsync(RunDirectory directory, RunState state, CancellationToken cancellation)
    {
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < s_patience)
        {
            foreach (var process in AliveOf(directory, state.Start))
            {
                _ = Posix.Signal(process, Posix.Kill);
            }

            await Task.Delay(s_look, time, cancellation);
            using var runLock = RunLock.Open(directory.LockPath);
            if (runLock?.TryTake() == true)
            {
                if (state.Start is not null && directory.ReadEnd() is null)
                {
                    var message = $"the run was ended from outside: it was still active {options.OverdueAfter.TotalSeconds:0.###} s past its deadline";
                    directory.WriteEnd(new RunEnd(null, null, "DeadlineExceeded", message, time.GetUtcNow()));
                }

                break;
            }
        }

        return RunState.Read(directory);
    }

    // macOS tells nobody who holds a lock: there it is the run's process, if it still leads its session, and the group of what it runs.
    private static List<int> AliveOf(RunDirectory directory, RunStart? start)
    {
        if (OperatingSystem.IsLinux())
        {
            using var runLock = RunLock.Open(directory.LockPath);
            return runLock?.KernelPath is { } path ? ProcessTable.HoldersOf(path) : [];
        }

        List<int> alive = [];
        if (start is not null && Posix.SessionOf(start.Pid) == start.Pid)
        {
            alive.Add(start.Pid);
        }

        if (start is { Group: > 0 } && Posix.Signal(-start.Group, 0) == 0)
        {
            alive.Add(-start.Group);
        }

        return alive;
    }

    private void DeleteFiles(string path)
    {
        try
        {
            try
            {
                Directory.Delete(path, recursive: true);
            }
            catch (UnauthorizedAccessException)
            {
                // Tools leave folders behind that nobody may write to (Go's module cache does).
                AllowWriting(path);
                Directory.Delete(path, recursive: true);
            }
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else was faster.
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            logger.LogWarning("Files of a removed run stay in {Directory}: {Reason}", path, failure.Message);
        }
    }

    private static void AllowWriting(string path)
    {
        File.SetUnixFileMode(path, File.GetUnixFileMode(path) | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (var folder in new DirectoryInfo(path).EnumerateDirectories())
        {
            if (folder.LinkTarget is null)
            {
                AllowWriting(folder.FullName);
            }
        }
    }
}
