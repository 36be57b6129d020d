using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Process.Output;

namespace Pushcart.Execution.Process;

/// <summary>
/// Runs jobs as processes of this machine, for development: Linux and macOS. A run is a directory named like the Job, and a process that outlives
/// this one, so that a Pushcart which was killed finds its runs again. The lock of the directory, which everything that the run starts inherits, says
/// whether it is alive.
/// </summary>
public sealed class ProcessExecutor : IExecutor, IDisposable
{
    private static readonly TimeSpan s_settles = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(10);

    private readonly ProcessExecutorOptions _options;
    private readonly Func<CancellationToken, Task<string>> _installation;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RunCreation _creation;
    private readonly RunSweep _sweep;
    private readonly Lazy<RunEnds> _ends;
    private readonly ConcurrentDictionary<string, bool> _imagesNoted = [];

    /// <summary>Makes the executor; nothing is started or written before it is used.</summary>
    /// <param name="options">Where the runs are, and times.</param>
    /// <param name="installation">The id of this installation; runs of others are not seen.</param>
    /// <param name="time">The time.</param>
    /// <param name="chance">Draws the runs' uids.</param>
    /// <param name="logger">The log.</param>
    /// <exception cref="PlatformNotSupportedException">This is neither Linux nor macOS.</exception>
    public ProcessExecutor(
        ProcessExecutorOptions options, Func<CancellationToken, Task<string>> installation, TimeProvider time, Chance chance, ILogger<ProcessExecutor> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
        {
            throw new PlatformNotSupportedException("The process executor works on Linux and macOS only; use the kubernetes executor.");
        }

        _options = options with { RunsDirectory = Path.GetFullPath(options.RunsDirectory) };
        (_installation, _time, _logger) = (installation, time, logger);
        _creation = new RunCreation(_options, time, chance);
        _sweep = new RunSweep(_options, time, chance, logger);
        _ends = new(() =>
        {
            EnsureRunsDirectory();
            return new RunEnds(_options.RunsDirectory, logger);
        });
    }

    /// <inheritdoc/>
    public string Name => "process";

    /// <inheritdoc/>
    public Task<string?> ReachAsync(CancellationToken cancellation)
    {
        try
        {
            // Made where it is missing, as for the first run.
            EnsureRunsDirectory();
            _ = Directory.EnumerateFileSystemEntries(_options.RunsDirectory).Any();
            return Task.FromResult<string?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult<string?>("the directory of its runs cannot be used");
        }
    }

    /// <summary>
    /// Names of runs that have just ended, nothing of them being alive; watching begins with the first read of this property. A hint, to look at once:
    /// one may be missing or doubled.
    /// </summary>
    public ChannelReader<string> Ended => _ends.Value.Names;

    /// <inheritdoc/>
    public async Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Command.Count == 0)
        {
            return new(CreateResult.Refused, "the process executor needs actionJob.command: it has no image whose own command it could run");
        }

        if (!IsName(spec.Key.Name))
        {
            return new(CreateResult.Refused, $"\"{spec.Key.Name}\" is no valid name of a run: 1 to 63 of a-z, 0-9 and -, without - at either end");
        }

        if (spec.Image is { } image && _imagesNoted.TryAdd(image, true))
        {
            _logger.LogInformation("The image {Image} is ignored by the process executor: commands run on this machine as it is", image);
        }

        try
        {
            EnsureRunsDirectory();
            return await _creation.CreateAsync(spec, cancellation);
        }
        catch (IOException failure)
        {
            return new(CreateResult.Busy, failure.Message);
        }
        catch (UnauthorizedAccessException failure)
        {
            return new(CreateResult.Refused, failure.Message);
        }
    }

    /// <summary>
    /// Lists the runs. On its way it ends runs that are long past their deadline or being deleted, where their own process has not, and removes
    /// the directories of this installation that are past keeping, whatever their namespace.
    /// </summary>
    /// <inheritdoc/>
    public async Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(namespaces);
        var installation = await _installation(cancellation);
        List<RunView> runs = [];
        List<string> doubts = [];
        try
        {
            foreach (var path in Directory.Exists(_options.RunsDirectory) ? Directory.GetDirectories(_options.RunsDirectory) : [])
            {
                var directory = new RunDirectory(path);
                if (!IsName(directory.Name))
                {
                    continue;
                }

                try
                {
                    var state = await ReadAsync(directory, installation, cancellation);
                    state = state is null ? null : await _sweep.SeeToAsync(directory, state, cancellation);
                    if (state is null || !namespaces.Contains(state.Identity.Namespace))
                    {
                        continue;
                    }

                    if (state.Starting)
                    {
                        doubts.Add($"{directory.Name} is held by a process that has not started");
                    }
                    else if (state.View() is { } view)
                    {
                        runs.Add(view);
                    }
                }
                catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
                {
                    doubts.Add(failure.Message);
                }
            }

            Tidy();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            doubts.Add(failure.Message);
        }

        return new(doubts.Count == 0, runs, doubts.Count == 0 ? null : string.Join("; ", doubts));
    }

    /// <inheritdoc/>
    public async Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            var state = await ReadAsync(key, cancellation);
            return state is { Starting: true }
                ? new(false, null, $"{key.Name} is held by a process that has not started")
                : new(true, state?.View());
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new(false, null, failure.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(seen);
        try
        {
            var state = await ReadAsync(seen.Key, cancellation);
            if (state?.View() is not { } view)
            {
                return state is { Starting: true } ? new(false, $"{seen.Key.Name} is just starting") : new(true);
            }

            if (view.Uid != seen.Uid || view.Version != seen.Version)
            {
                return new(false, $"{seen.Key.Name} has changed since it was seen: it is {view.Version} now");
            }

            var directory = At(seen.Key);
            var deletion = state.Terminating ? state.Deletion! : new RunDeletion(view.Uid, view.Version, _time.GetUtcNow());
            if (!state.Terminating)
            {
                directory.WriteDeletion(deletion);
            }

            // Ended in the meantime: the mark, of an active run, is void then.
            if (RunState.Read(directory) is { Terminating: true } marked)
            {
                await _sweep.SeeToAsync(directory, marked, cancellation);
            }

            return new(true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new(false, failure.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            if (await ReadAsync(key, cancellation) is not null)
            {
                At(key).WriteTtl(ttl);
            }

            return new(true);
        }
        catch (DirectoryNotFoundException)
        {
            return new(true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new(false, failure.Message);
        }
    }

    /// <inheritdoc/>
    public async Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            return await ReadAsync(key, cancellation) is null ? null : await LogTail.ReadAsync(At(key).OutputPath, bytes, cancellation);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.LogWarning("The output of {Run} cannot be read: {Reason}", key.Name, failure.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public async Task<Stream?> OpenLogAsync(RunKey key, bool follow, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(key);
        try
        {
            if (await ReadAsync(key, cancellation) is null)
            {
                return null;
            }

            var output = LogTail.Open(At(key).OutputPath);
            return follow ? FollowedOutput.Of(output, async stop => (await FindAsync(key, stop)).Run is { Phase: RunPhase.Active } or { Alive: true }, _time, cancellation) : output;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _logger.LogDebug("The output of {Run} cannot be read: {Reason}", key.Name, failure.Message);
            return null;
        }
    }

    /// <summary>Ends the watching of ends. Runs go on.</summary>
    public void Dispose()
    {
        if (_ends.IsValueCreated)
        {
            _ends.Value.Dispose();
        }
    }

    // Also the name of a directory: nothing in it may lead elsewhere.
    private static bool IsName(string name) =>
        name.Length is >= 1 and <= 63 && name[0] != '-' && name[^1] != '-' && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private RunDirectory At(RunKey key) => new(Path.Combine(_options.RunsDirectory, key.Name));

    private async Task<RunState?> ReadAsync(RunKey key, CancellationToken cancellation) =>
        IsName(key.Name) && await ReadAsync(At(key), await _installation(cancellation), cancellation) is { } state && state.Identity.Key == key ? state : null;

    // A process that is just about to start, or not to, says so within milliseconds; nothing can be told before.
    private async Task<RunState?> ReadAsync(RunDirectory directory, string installation, CancellationToken cancellation)
    {
        var since = _time.GetTimestamp();
        while (RunState.Read(directory) is { } state && state.Identity.Installation == installation)
        {
            if (!state.Starting || _time.GetElapsedTime(since) > s_settles)
            {
                return state;
            }

            await Task.Delay(s_look, _time, cancellation);
        }

        return null;
    }

    private void EnsureRunsDirectory()
    {
        if (!Directory.Exists(_options.RunsDirectory))
        {
            Directory.CreateDirectory(_options.RunsDirectory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private void Tidy()
    {
        if (Directory.Exists(_options.RunsDirectory))
        {
            _sweep.RemoveLeftOvers(_options.RunsDirectory);
            RunEnds.Sweep(_options.RunsDirectory, _time.GetUtcNow() - _options.NeverStartedKept);
        }
    }
}
