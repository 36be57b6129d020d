using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Pushcart.Execution.Process;

/// <summary>
/// Says when a run has ended, so that somebody may look at once. A run's process leaves a mark of its name in <c>.ended</c> beside the runs, after it
/// has let go of the lock; watching that one folder costs nothing, where watching the runs would watch all that they clone. A mark that is missed is no harm.
/// </summary>
internal sealed class RunEnds : IDisposable
{
    private const string Folder = ".ended";
    private readonly Channel<string> _names = Channel.CreateBounded<string>(new BoundedChannelOptions(1000) { FullMode = BoundedChannelFullMode.DropOldest });
    private readonly FileSystemWatcher? _watcher;
    private readonly ILogger _logger;

    public RunEnds(string runsDirectory, ILogger logger)
    {
        _logger = logger;
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(runsDirectory, Folder)).FullName;
            _watcher = new FileSystemWatcher(folder) { NotifyFilter = NotifyFilters.FileName };
            _watcher.Created += (_, mark) => Take(mark.FullPath);
            _watcher.EnableRaisingEvents = true;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("Ends of runs are seen at the next observation only: {Runs} cannot be watched ({Reason})", runsDirectory, failure.Message);
        }
    }

    public ChannelReader<string> Names => _names.Reader;

    /// <summary>Called by a run's process as the last it does.</summary>
    public static void Mark(RunDirectory directory)
    {
        try
        {
            var folder = Directory.CreateDirectory(Path.Combine(Path.GetDirectoryName(directory.Path)!, Folder)).FullName;
            File.WriteAllBytes(Path.Combine(folder, directory.Name), []);
        }
        catch (Exception unseen) when (unseen is IOException or UnauthorizedAccessException)
        {
            // Nobody is woken; the end stands all the same, and is found by the next observation.
        }
    }

    /// <summary>Deletes the marks that nobody took.</summary>
    public static void Sweep(string runsDirectory, DateTimeOffset olderThan)
    {
        var folder = new DirectoryInfo(Path.Combine(runsDirectory, Folder));
        foreach (var mark in folder.Exists ? folder.GetFiles() : [])
        {
            if (mark.LastWriteTimeUtc < olderThan.UtcDateTime)
            {
                mark.Delete();
            }
        }
    }

    public void Dispose()
    {
        _watcher?.Dispose();
        _names.Writer.TryComplete();
    }

    private void Take(string mark)
    {
        try
        {
            File.Delete(mark);
        }
        catch (Exception kept) when (kept is IOException or UnauthorizedAccessException)
        {
            _logger.LogDebug("The mark {Mark} stays for now: {Reason}", mark, kept.Message);
        }

        _names.Writer.TryWrite(Path.GetFileName(mark));
    }
}
