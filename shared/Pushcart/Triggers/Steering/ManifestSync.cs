using Microsoft.Extensions.Logging;
using Pushcart.Resources;
using Pushcart.Resources.Stored;

namespace Pushcart.Triggers.Steering;

/// <summary>Applies manifest files at start and when they change. A change that is wrong is told, and what was applied before stays.</summary>
public sealed class ManifestSync(ManifestFiles files, bool prune, Applying applying, TimeProvider time, ILogger<ManifestSync> log)
{
    // Editors write a file in several steps; half a file is not worth an error.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(300);

    /// <summary>Reads and applies them once.</summary>
    /// <returns>All that is wrong; nothing is applied then.</returns>
    public async Task<IReadOnlyList<string>> ApplyAsync(CancellationToken cancellation)
    {
        var (manifests, errors) = await files.ReadAsync(cancellation).ConfigureAwait(false);
        if (errors.Count > 0)
        {
            return errors;
        }

        // Large sets take several transactions, what is referred to first; a set that is pruned is one.
        foreach (var some in prune ? [[.. manifests]] : manifests.Chunk(ResourceStore.MostChanges))
        {
            var result = await applying.ApplyAsync(some, prune, cancellation).ConfigureAwait(false);
            if (result.Errors.Count > 0)
            {
                return result.Errors;
            }

            Tell("created", result.Created);
            Tell("changed", result.Changed);
            Tell("deleted", result.Deleted);
            foreach (var note in result.Notes)
            {
                log.LogWarning("{Note}", note);
            }
        }

        return [];
    }

    /// <summary>Applies them again whenever they change, until cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellation)
    {
        if (files.IsStandardInput)
        {
            return;
        }

        // Released once from the start: a change between the first apply and the watcher is seen too.
        using var changed = new SemaphoreSlim(1);
        using var watcher = Directory.Exists(files.Path)
            ? new FileSystemWatcher(files.Path)
            : new FileSystemWatcher(Path.GetDirectoryName(Path.GetFullPath(files.Path))!, Path.GetFileName(files.Path));
        void OnChange(object sender, FileSystemEventArgs e) => changed.Release();
        watcher.Changed += OnChange;
        watcher.Created += OnChange;
        watcher.Deleted += OnChange;
        watcher.Renamed += OnChange;
        watcher.EnableRaisingEvents = true;
        var told = false;
        while (true)
        {
            await changed.WaitAsync(cancellation).ConfigureAwait(false);
            await Task.Delay(Settle, time, cancellation).ConfigureAwait(false);
            while (changed.Wait(0, cancellation))
            {
                // Several changes are one.
            }

            try
            {
                foreach (var error in await ApplyAsync(cancellation).ConfigureAwait(false))
                {
                    log.LogError("{Error}", error);
                }

                told = false;
            }
            catch (Exception e) when (e is Azure.RequestFailedException or HttpRequestException or TimeoutException)
            {
                if (!told)
                {
                    log.LogWarning("the changed manifests could not be applied, storage does not answer; they are tried again: {Error}", e.Message);
                }

                told = true;
                changed.Release();
            }
        }
    }

    private void Tell(string what, IReadOnlyList<Resource> resources)
    {
        foreach (var resource in resources)
        {
            log.LogInformation("{Resource} {What}", resource.Name, what);
        }
    }
}
