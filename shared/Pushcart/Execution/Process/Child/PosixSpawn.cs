using System.Runtime.InteropServices;

namespace Pushcart.Execution.Process.Child;

/// <summary>
/// Starts a program in a process group of its own. <c>System.Diagnostics.Process</c> cannot: it neither sets a group nor resets the signals that
/// the runtime ignores, so that <c>yes | head</c> would never end. Descriptors without close-on-exec (the run's lock) are inherited.
/// </summary>
internal static unsafe partial class PosixSpawn
{
    // The same values on glibc, musl and macOS.
    private const short SetGroup = 0x02;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;

    // Larger than any platform's posix_spawnattr_t, posix_spawn_file_actions_t and sigset_t (336, 80 and 128 bytes on glibc).
    private const int Room = 1024;

    /// <summary>Starts it.</summary>
    /// <param name="program">Path of the executable.</param>
    /// <param name="arguments">Arguments, the program's own name first.</param>
    /// <param name="environment">The whole environment.</param>
    /// <param name="directory">Its working directory.</param>
    /// <param name="output">Descriptor that becomes its standard output and error; standard input is empty.</param>
    /// <param name="process">Its id, which is its group's too.</param>
    /// <returns>0, or the number of the error.</returns>
    public static int Start(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, string directory, int output, out int process)
    {
        var attributes = stackalloc byte[Room];
        var actions = stackalloc byte[Room];
        var signals = stackalloc byte[Room];
        var argv = NativeStrings(arguments);
        var envp = NativeStrings([.. environment.Select(variable => $"{variable.Key}={variable.Value}")]);
        _ = AttributesInit(attributes);
        _ = ActionsInit(actions);
        try
        {
            _ = FillSet(signals);
            _ = SetDefaults(attributes, signals);
            _ = EmptySet(signals);
            _ = SetMask(attributes, signals);
            _ = SetProcessGroup(attributes, 0);
            _ = SetFlags(attributes, SetGroup | SetSignalDefaults | SetSignalMask);

            var error = AddOpen(actions, 0, "/dev/null", Posix.ReadOnly, 0);
            error = error != 0 ? error : AddDuplicate(actions, output, 1);
            error = error != 0 ? error : AddDuplicate(actions, output, 2);
            error = error != 0 ? error : AddChangeDirectory(actions, directory);
            process = 0;
            return error != 0 ? error : Spawn(out process, program, actions, attributes, argv, envp);
        }
        finally
        {
            _ = ActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            Free(argv);
            Free(envp);
        }
    }

    private static nint* NativeStrings(IReadOnlyList<string> values)
    {
        var array = (nint*)NativeMemory.AllocZeroed((nuint)(values.Count + 1), (nuint)sizeof(nint));
        for (var i = 0; i < values.Count; i++)
        {
            array[i] = Marshal.StringToCoTaskMemUTF8(values[i]);
        }

        return array;
    }

    private static void Free(nint* array)
    {
        for (var i = 0; array[i] != 0; i++)
        {
            Marshal.FreeCoTaskMem(array[i]);
        }

        NativeMemory.Free(array);
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int process, string path, byte* actions, byte* attributes, nint* argv, nint* envp);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setpgroup")]
    private static partial int SetProcessGroup(byte* attributes, int group);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(byte* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int descriptor, int to);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddChangeDirectory(byte* actions, string path);

    [LibraryImport("libc", EntryPoint = "sigfillset")]
    private static partial int FillSet(byte* signals);

    [LibraryImport("libc", EntryPoint = "sigemptyset")]
    private static partial int EmptySet(byte* signals);
}
