namespace Pushcart.Standalone.Azurite;

/// <summary>A lock on a file, shared or exclusive. The system lets go of it when its process ends, however it ends.</summary>
internal sealed class FileLock : IDisposable
{
    private readonly FileStream _file;

    private FileLock(FileStream file) => _file = file;

    /// <summary>Takes the lock, or answers null where somebody else holds it.</summary>
    public static FileLock? TryTake(string path, bool exclusive)
    {
        try
        {
            return new FileLock(exclusive
                ? new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
                : new FileStream(path, FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read));
        }
        catch (IOException e) when (e.GetType() == typeof(IOException))
        {
            // A missing folder or a path too long has a type of its own; what is left is that the lock is held.
            return null;
        }
    }

    /// <summary>Takes the lock, waiting as long as somebody else holds it.</summary>
    public static async Task<FileLock> TakeAsync(string path, bool exclusive, TimeProvider time, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(path, exclusive) is { } taken)
            {
                return taken;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _file.Dispose();
}
