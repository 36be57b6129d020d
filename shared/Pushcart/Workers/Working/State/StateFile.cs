using System.Text;

namespace Pushcart.Workers.Working.State;

/// <summary>
/// A state in a file, for its user only (mode 0600), replaced whole: a crash leaves the one before or the new one. A file beside it is locked while the process lives, so that two
/// processes of one state do not take each other's tokens.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="chance">Draws names of temporary files.</param>
public sealed class StateFile(string path, Chance chance) : IWorkerStateStore, IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly string _path = Path.GetFullPath(path);
    private FileStream? _lock;

    /// <inheritdoc/>
    public string Where => _path;

    /// <inheritdoc/>
    public async Task<(WorkerState? State, string? Error)> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
            if (_lock is null && !TryLock())
            {
                return (null, $"{_path} is in use by another worker process on this machine; end that one, or give this one a name and a state of its own");
            }

            if (!File.Exists(_path))
            {
                return (null, null);
            }

            var text = await File.ReadAllTextAsync(_path, cancellation).ConfigureAwait(false);
            return StateText.Read(text) is { } state ? (state, null) : (null, $"{_path} holds no state of a worker; remove it, and register anew: pushcart workers add NAME --replace");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, $"the state cannot be kept in {_path}: {e.Message}; --state names another place");
        }
    }

    /// <inheritdoc/>
    public async Task<string?> WriteAsync(WorkerState state, CancellationToken cancellation)
    {
        var temporary = $"{_path}.{chance.NewId()[..8]}";
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = OwnerOnly;
            }

            var file = new FileStream(temporary, options);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(Encoding.UTF8.GetBytes(StateText.Of(state)), cancellation).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, _path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the state cannot be written to {_path}: {e.Message}";
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Lets another process have it.</summary>
    public void Dispose() => _lock?.Dispose();

    private bool TryLock()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        var file = $"{_path}.lock";
        try
        {
            _lock = new FileStream(file, options);
            return true;
        }
        catch (IOException) when (File.Exists(file))
        {
            return false;
        }
    }
}
