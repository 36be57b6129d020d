using System.Runtime.InteropServices;

namespace Pushcart.Execution.Process.Child;

/// <summary>
/// The calls of libc that .NET has no word for, on Linux and macOS. Calls with a variable number of arguments are made without those arguments
/// only (<c>open</c> without a mode): on Apple's ARM they travel elsewhere than P/Invoke puts them. <c>prctl</c> is called on Linux alone.
/// </summary>
internal static partial class Posix
{
    public const int Interrupted = 4;      // EINTR
    public const int NoSuchProcess = 3;    // ESRCH
    public const int NoEntry = 2;          // ENOENT
    public const int NotExecutable = 8;    // ENOEXEC
    public const int NoMemory = 12;        // ENOMEM
    public const int NoAccess = 13;        // EACCES
    public const int AlreadyThere = 17;    // EEXIST
    public const int NotADirectory = 20;   // ENOTDIR

    public const int Term = 15;
    public const int Kill = 9;

    public const int LockShared = 1;
    public const int LockExclusive = 2;
    public const int LockNonBlocking = 4;
    public const int LockRelease = 8;

    public const int ReadOnly = 0;
    public const int ReadWrite = 2;

    private const int SetChildSubreaper = 36;

    /// <summary>ENOTEMPTY.</summary>
    public static int NotEmpty => OperatingSystem.IsMacOS() ? 66 : 39;

    /// <summary>EAGAIN, and EWOULDBLOCK.</summary>
    public static int TryAgain => OperatingSystem.IsMacOS() ? 35 : 11;

    /// <summary>O_CLOEXEC.</summary>
    public static int CloseOnExec => OperatingSystem.IsMacOS() ? 0x1000000 : 0x80000;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int FLock(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int FSync(int descriptor);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int descriptor, int to);

    [LibraryImport("libc", EntryPoint = "rename", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Rename(string from, string to);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "getsid", SetLastError = true)]
    public static partial int SessionOf(int process);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Signal(int process, int signal);

    [LibraryImport("libc", EntryPoint = "waitpid", SetLastError = true)]
    public static partial int Wait(int process, out int status, int options);

    /// <summary>Lets this process inherit every orphan below it, so that nothing it started can get out of its sight. Linux.</summary>
    public static void AdoptOrphans()
    {
        if (OperatingSystem.IsLinux() && ProcessControl(SetChildSubreaper, 1, 0, 0, 0) != 0)
        {
            throw new IOException($"prctl(PR_SET_CHILD_SUBREAPER) failed: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Puts <c>/dev/null</c> in place of standard input, output and error.</summary>
    public static void DetachStandardStreams()
    {
        var nothing = Open("/dev/null", ReadWrite);
        for (var stream = 0; nothing >= 0 && stream <= 2; stream++)
        {
            _ = Duplicate(nothing, stream);
        }

        if (nothing > 2)
        {
            _ = Close(nothing);
        }
    }

    /// <summary>Writes a directory's entries through to the disk.</summary>
    public static void SyncDirectory(string path)
    {
        var descriptor = Open(path, ReadOnly | CloseOnExec);
        if (descriptor >= 0)
        {
            _ = FSync(descriptor);
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);
}
