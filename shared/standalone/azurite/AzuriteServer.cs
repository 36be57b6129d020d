using System.Globalization;

namespace Pushcart.Standalone.Azurite;

/// <summary>
/// An Azurite that answers, on this machine's loopback address: started, or found where a host left it or its user started it. Those who
/// share a folder each hold a shared lock on its file <c>in-use</c>; the last to end stops Azurite by signal, so that it writes all its data.
/// </summary>
public sealed class AzuriteServer : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";

    // The well-known key of every storage emulator: it is no secret.
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private readonly AzuriteOptions _options;
    private readonly TimeProvider _time;
    private FileLock? _inUse;

    private AzuriteServer(AzuriteOptions options, AzuritePorts ports, int? processId, bool started, FileLock inUse, TimeProvider time)
    {
        _options = options;
        _inUse = inUse;
        _time = time;
        ProcessId = processId;
        Started = started;
        ConnectionString = string.Create(CultureInfo.InvariantCulture, $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};")
            + string.Create(CultureInfo.InvariantCulture, $"BlobEndpoint=http://127.0.0.1:{ports.Blob}/{Account};")
            + string.Create(CultureInfo.InvariantCulture, $"QueueEndpoint=http://127.0.0.1:{ports.Queue}/{Account};")
            + string.Create(CultureInfo.InvariantCulture, $"TableEndpoint=http://127.0.0.1:{ports.Table}/{Account};");
    }

    /// <summary>The pinned version of Azurite.</summary>
    public static string Version => AzuriteInstallation.Version;

    /// <summary>The connection string of its blob, queue and table services.</summary>
    public string ConnectionString { get; }

    /// <summary>Its process; null where it was not started from this folder, and is therefore never stopped.</summary>
    public int? ProcessId { get; }

    /// <summary>True where this call started it, false where it was found.</summary>
    public bool Started { get; }

    /// <summary>Finds the Azurite of the folder, or one that listens on the ports asked for, or starts one; installs it where it is absent.</summary>
    /// <param name="options">Which one.</param>
    /// <param name="progress">Gets a line where something takes long.</param>
    /// <param name="time">The clock of the waits.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="AzuriteException">It cannot be started; the message is one line with the next step.</exception>
    public static async Task<AzuriteServer> StartAsync(
        AzuriteOptions options, Action<string> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(time);
        options = options with { Location = Path.GetFullPath(options.Location) };
        Directory.CreateDirectory(options.Location);

        // One start at a time in this folder; the shared lock comes first, so that nobody stops what is found.
        using var starting = await FileLock.TakeAsync(Path.Combine(options.Location, "starting"), true, time, cancellationToken).ConfigureAwait(false);
        var inUse = await FileLock.TakeAsync(InUseFile(options), false, time, cancellationToken).ConfigureAwait(false);
        try
        {
            if (AzuriteProcess.Find(options.Location) is { } left
                && await WaitUntilReadyAsync(left, options, time, cancellationToken).ConfigureAwait(false) is { } ports)
            {
                return new AzuriteServer(options, ports, left.Id, false, inUse, time);
            }

            var wanted = new AzuritePorts(options.BlobPort, options.QueuePort, options.TablePort);
            var taken = await wanted.ListeningAsync(cancellationToken).ConfigureAwait(false);
            if (taken.Count == 3)
            {
                return new AzuriteServer(options, wanted, null, false, inUse, time);
            }

            if (taken.Count > 0)
            {
                throw new AzuriteException($"Azurite cannot be started: port {string.Join(" and ", taken)} is taken by another program; "
                    + "end it, or set AzureWebJobsStorage to a connection string with other ports");
            }

            var script = await AzuriteInstallation.EnsureAsync(options.CacheFolder, progress, time, cancellationToken).ConfigureAwait(false);
            var process = await AzuriteProcess.SpawnAsync(script, options, cancellationToken).ConfigureAwait(false);
            var listening = await WaitUntilReadyAsync(process, options, time, cancellationToken).ConfigureAwait(false)
                ?? throw new AzuriteException($"Azurite ended at once ({process.LastWords()}): see azurite.log in {options.Location}");
            return new AzuriteServer(options, listening, process.Id, true, inUse, time);
        }
        catch
        {
            inUse.Dispose();
            throw;
        }
    }

    /// <summary>Lets go of Azurite, and stops it where nobody else uses it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_inUse is null)
        {
            return;
        }

        _inUse.Dispose();
        _inUse = null;

        // Held until Azurite has ended: who wants to use it meanwhile waits, and starts a new one.
        using var alone = FileLock.TryTake(InUseFile(_options), exclusive: true);
        if (alone is not null && AzuriteProcess.Find(_options.Location) is { } process)
        {
            await process.StopAsync(_options.StopLimit, _time).ConfigureAwait(false);
        }
    }

    private static string InUseFile(AzuriteOptions options) => Path.Combine(options.Location, "in-use");

    /// <summary>Waits until all services answer; null: the process has ended.</summary>
    private static async Task<AzuritePorts?> WaitUntilReadyAsync(
        AzuriteProcess process, AzuriteOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            if (process.ReadPorts() is { } ports && (await ports.ListeningAsync(cancellationToken).ConfigureAwait(false)).Count == 3)
            {
                return ports;
            }

            if (!process.IsAlive)
            {
                return null;
            }

            if (time.GetElapsedTime(started) > options.StartLimit)
            {
                throw new AzuriteException($"Azurite (process {process.Id}) does not answer after {options.StartLimit.TotalSeconds} s: see azurite.log in {options.Location}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25), time, cancellationToken).ConfigureAwait(false);
        }
    }
}
