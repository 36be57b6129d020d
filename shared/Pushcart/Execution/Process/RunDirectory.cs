using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Pushcart.Execution.Process.Child;

namespace Pushcart.Execution.Process;

/// <summary>The directory of one run: its files, each written whole and then renamed into place.</summary>
internal sealed class RunDirectory(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static int s_temporary;

    public string Path { get; } = path;

    public string Name => System.IO.Path.GetFileName(Path);

    public string LockPath => System.IO.Path.Combine(Path, "lock");

    public string OutputPath => System.IO.Path.Combine(Path, "output");

    public string WorkPath => System.IO.Path.Combine(Path, "work");

    public string HomePath => System.IO.Path.Combine(Path, "home");

    public string CaPath => System.IO.Path.Combine(Path, "ca.pem");

    public bool Exists => Directory.Exists(Path);

    /// <summary>
    /// Claims the name: the directory comes into being whole, with its lock and its identity, or not at all.
    /// </summary>
    /// <returns>False where the name is taken.</returns>
    public bool TryCreate(RunIdentity identity)
    {
        // A directory is renamed onto a name only while nothing, or an empty directory, has it; and a run's directory is never empty.
        var made = new RunDirectory(System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, ".new-" + identity.Uid));
        Directory.CreateDirectory(made.Path, OwnerOnly);
        File.WriteAllBytes(made.LockPath, []);
        made.WriteIdentity(identity);
        if (Posix.Rename(made.Path, Path) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        Directory.Delete(made.Path, recursive: true);
        return error == Posix.AlreadyThere || error == Posix.NotEmpty || error == Posix.NotADirectory
            ? false
            : throw new IOException($"cannot create {Path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    /// <summary>Takes the directory out of the list at once, for its files to be deleted at leisure. The caller has the lock.</summary>
    /// <returns>Where it is now; null where it was gone already.</returns>
    public string? Retire(string id)
    {
        var retired = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(Path)!, ".gone-" + id);
        if (Posix.Rename(Path, retired) == 0)
        {
            return retired;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Posix.NoEntry ? null : throw new IOException($"cannot remove {Path}: {Marshal.GetPInvokeErrorMessage(error)}", error);
    }

    public RunIdentity? ReadIdentity() => Read("spec.json", RunJson.Default.RunIdentity);

    public void WriteIdentity(RunIdentity identity) => Write("spec.json", JsonSerializer.SerializeToUtf8Bytes(identity, RunJson.Default.RunIdentity));

    public bool HasStarted => File.Exists(System.IO.Path.Combine(Path, "started"));

    public RunStart? ReadStart() => Read("started", RunJson.Default.RunStart);

    /// <summary>True where the directory is still that of a claim. Read without the serializer, for the sake of a quick start (<see cref="RunOrder.Read"/>).</summary>
    public bool IsOf(string uid, string claimKey)
    {
        if (ReadBytes("spec.json") is not { } bytes)
        {
            return false;
        }

        using var identity = JsonDocument.Parse(bytes);
        return identity.RootElement.GetProperty("uid").ValueEquals(uid) && identity.RootElement.GetProperty("claimKey").ValueEquals(claimKey);
    }

    /// <summary>Writes that the run counts from now on, through to the disk: a machine that crashes must not forget it.</summary>
    public void WriteStart(RunStart start)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $$"""{"pid":{{start.Pid}},"group":{{start.Group}},"at":"{{start.At:O}}"}""");
        Write("started", System.Text.Encoding.UTF8.GetBytes(text), toDisk: start.Group == 0);
    }

    public RunEnd? ReadEnd() => Read("exit", RunJson.Default.RunEnd);

    public void WriteEnd(RunEnd end) => Write("exit", JsonSerializer.SerializeToUtf8Bytes(end, RunJson.Default.RunEnd), toDisk: true);

    public RunDeletion? ReadDeletion() => Read("delete", RunJson.Default.RunDeletion);

    public void WriteDeletion(RunDeletion deletion) =>
        Write("delete", JsonSerializer.SerializeToUtf8Bytes(deletion, RunJson.Default.RunDeletion));

    public TimeSpan? ReadTtl() =>
        ReadBytes("ttl") is { } bytes && double.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    public void WriteTtl(TimeSpan ttl) => Write("ttl", System.Text.Encoding.UTF8.GetBytes(ttl.TotalSeconds.ToString(CultureInfo.InvariantCulture)));

    private T? Read<T>(string file, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return ReadBytes(file) is { } bytes ? JsonSerializer.Deserialize(bytes, type) : null;
        }
        catch (JsonException broken)
        {
            throw new IOException($"{System.IO.Path.Combine(Path, file)} is not readable: {broken.Message}", broken);
        }
    }

    private byte[]? ReadBytes(string file)
    {
        try
        {
            return File.ReadAllBytes(System.IO.Path.Combine(Path, file));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private void Write(string file, byte[] content, bool toDisk = false)
    {
        var target = System.IO.Path.Combine(Path, file);
        var temporary = $"{target}.{Environment.ProcessId}-{Interlocked.Increment(ref s_temporary)}";
        using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0))
        {
            stream.Write(content);
            if (toDisk)
            {
                stream.Flush(flushToDisk: true);
            }
        }

        File.Move(temporary, target, overwrite: true);
        if (toDisk)
        {
            Posix.SyncDirectory(Path);
        }
    }
}
