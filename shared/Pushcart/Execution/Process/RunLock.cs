using System.Runtime.InteropServices;
using Pushcart.Execution.Process.Child;

namespace Pushcart.Execution.Process;

/// <summary>
/// The lock of a run's directory (<c>flock</c>). The run's own process opens it so that all its descendants inherit it: as long as one of them
/// lives, the lock is held, whatever becomes of the others. Not with .NET's files, which take such locks themselves to keep their sharing modes.
/// </summary>
internal sealed class RunLock : IDisposable
{
    private int _descriptor;

    private RunLock(int descriptor) => _descriptor = descriptor;

    /// <summary>The path as the kernel knows it, free of symbolic links; null where it cannot be told (macOS).</summary>
    public string? KernelPath => OperatingSystem.IsLinux() ? new FileInfo($"/proc/self/fd/{_descriptor}").LinkTarget : null;

    /// <summary>Opens the lock without taking it; null where there is none.</summary>
    /// <param name="path">The file <c>lock</c> of a run.</param>
    /// <param name="inherited">True where every program started from now on shall hold it too.</param>
    /// <exception cref="IOException">It is there and cannot be opened.</exception>
    public static RunLock? Open(string path, bool inherited = false)
    {
        var descriptor = Posix.Open(path, Posix.ReadWrite | (inherited ? 0 : Posix.CloseOnExec));
        if (descriptor >= 0)
        {
            return new RunLock(descriptor);
        }

        var error = Marshal.GetLastPInvokeError();
        return error is Posix.NoEntry or Posix.NotADirectory
            ? null
            : throw new IOException($"cannot open {path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Takes it alone, if nobody has it.</summary>
    public bool TryTake() => Try(Posix.LockExclusive);

    /// <summary>True while a run, or a take-over, has it. Two who ask at once do not see each other: they share it for the moment.</summary>
    public bool IsHeld()
    {
        var free = Try(Posix.LockShared);
        if (free)
        {
            // By word, not by closing: a program that this process is just starting may have a copy of the descriptor until it is loaded.
            _ = Posix.FLock(_descriptor, Posix.LockRelease);
        }

        return !free;
    }

    /// <summary>Lets go of this process's hold alone; who inherited it keeps it.</summary>
    public void Leave()
    {
        if (_descriptor >= 0)
        {
            _ = Posix.Close(_descriptor);
            _descriptor = -1;
        }
    }

    /// <summary>Releases it, for whoever inherited it too.</summary>
    public void Dispose()
    {
        if (_descriptor >= 0)
        {
            _ = Posix.FLock(_descriptor, Posix.LockRelease);
            Leave();
        }
    }

    private bool Try(int operation)
    {
        while (Posix.FLock(_descriptor, operation | Posix.LockNonBlocking) != 0)
        {
            var error = Marshal.GetLastPInvokeError();
            if (error == Posix.TryAgain)
            {
                return false;
            }

            if (error != Posix.Interrupted)
            {
                throw new IOException($"cannot lock a run's directory: {Marshal.GetPInvokeErrorMessage(error)}", error);
            }
        }

        return true;
    }
}
