using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Pushcart.Standalone.Azurite;

/// <summary>The process of an Azurite, known by the id that its folder holds: it is nobody's child, so that it outlives whoever started it.</summary>
internal sealed partial record AzuriteProcess(string Location, int Id)
{
    private const int Terminate = 15;
    private const int Kill = 9;

    private static string PidFile(string location) => Path.Combine(location, "pid");

    private static string LogFile(string location) => Path.Combine(location, "azurite.log");

    /// <summary>The live Azurite of a folder, or null.</summary>
    public static AzuriteProcess? Find(string location)
    {
        var file = PidFile(location);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), CultureInfo.InvariantCulture, out var id)
            && new AzuriteProcess(location, id) is { IsAlive: true } process ? process : null;
    }

    /// <summary>Starts Azurite in a session of its own.</summary>
    public static async Task<AzuriteProcess> SpawnAsync(string script, AzuriteOptions options, CancellationToken cancellationToken)
    {
        var launcher = Path.Combine(options.Location, "launch.cjs");
        await File.WriteAllBytesAsync(launcher, AzuriteInstallation.Resource("launch.cjs"), cancellationToken).ConfigureAwait(false);
        string[] arguments =
        [
            launcher, LogFile(options.Location), PidFile(options.Location),
            script, "--location", options.Location, "--skipApiVersionCheck", "--silent", "--disableTelemetry",
            "--blobPort", Text(options.BlobPort), "--queuePort", Text(options.QueuePort), "--tablePort", Text(options.TablePort),
        ];
        var launched = await Tool.RunAsync("node", arguments, options.Location, cancellationToken).ConfigureAwait(false);
        return launched is { ExitCode: 0 } && Find(options.Location) is { } process
            ? process
            : throw new AzuriteException($"Azurite could not be started ({launched?.Reason}): see {LogFile(options.Location)}");
    }

    /// <summary>The ports of its services, as its log tells; null while it is not listening on all of them.</summary>
    public AzuritePorts? ReadPorts()
    {
        var log = ReadLog();
        int? Port(string service) => Listening().Matches(log).FirstOrDefault(match => match.Groups[1].Value == service) is { } match
            ? int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) : null;
        return Port("Blob") is { } blob && Port("Queue") is { } queue && Port("Table") is { } table ? new AzuritePorts(blob, queue, table) : null;
    }

    /// <summary>The last line of its log: why it ended, most likely.</summary>
    public string LastWords() => ReadLog().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .LastOrDefault(line => line.Contains("Error", StringComparison.Ordinal) || line.Contains("EADDR", StringComparison.Ordinal)) ?? "no reason given";

    /// <summary>True while the process runs. What it is guards against another process that got the same id after a restart of the machine.</summary>
    public bool IsAlive
    {
        get
        {
            try
            {
                if (OperatingSystem.IsLinux())
                {
                    // Empty for a process that has ended and was not fetched by its parent, which in a container may never happen.
                    return File.ReadAllText($"/proc/{Id}/cmdline").Contains("azurite", StringComparison.Ordinal);
                }

                using var process = Process.GetProcessById(Id);
                return !process.HasExited && process.ProcessName.StartsWith("node", StringComparison.OrdinalIgnoreCase);
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException or Win32Exception or IOException or UnauthorizedAccessException)
            {
                return false;
            }
        }
    }

    /// <summary>Asks it to write its data and end, and kills it where it has not within the limit.</summary>
    public async Task StopAsync(TimeSpan limit, TimeProvider time)
    {
        Signal(Terminate);
        var started = time.GetTimestamp();
        while (IsAlive)
        {
            if (time.GetElapsedTime(started) > limit)
            {
                Signal(Kill);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), time).ConfigureAwait(false);
        }

        File.Delete(PidFile(Location));
    }

    private void Signal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            // There is no signal to ask with: what Azurite got in the last seconds is lost there.
            using var process = Process.GetProcessById(Id);
            process.Kill();
        }
        else if (SendSignal(Id, signal) != 0 && IsAlive)
        {
            throw new AzuriteException($"Azurite (process {Id}) could not be stopped: signal {signal} failed with error {Marshal.GetLastPInvokeError()}");
        }
    }

    private string ReadLog()
    {
        if (!File.Exists(LogFile(Location)))
        {
            return string.Empty;
        }

        using var file = new FileStream(LogFile(Location), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(file);
        return reader.ReadToEnd();
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"Azurite (Blob|Queue|Table) service is successfully listening at \S+:(\d+)")]
    private static partial Regex Listening();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int process, int signal);
}

/// <summary>The ports of the three services on 127.0.0.1.</summary>
internal sealed record AzuritePorts(int Blob, int Queue, int Table)
{
    private IEnumerable<int> All => [Blob, Queue, Table];

    /// <summary>Those of the ports where something listens.</summary>
    public async Task<IReadOnlyList<int>> ListeningAsync(CancellationToken cancellationToken)
    {
        var listening = new List<int>();
        foreach (var port in All.Where(port => port != 0))
        {
            using var client = new TcpClient();
            try
            {
                await client.ConnectAsync("127.0.0.1", port, cancellationToken).ConfigureAwait(false);
                listening.Add(port);
            }
            catch (SocketException)
            {
                // Nothing listens there, which is the answer.
            }
        }

        return listening;
    }
}
