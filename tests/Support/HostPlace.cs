using System.Text;
using Azure.Data.Tables;
using Pushcart.Jobs.Finished;
using Pushcart.Storage;

namespace Pushcart.Tests.Support;

/// <summary>
/// A content root in a temporary folder, a prefix of its own in some storage, and settings under which nobody waits for minutes. Hosts are started here;
/// at the end of a test all that is still alive of them and their runs is ended.
/// </summary>
public sealed class HostPlace : IAsyncDisposable
{
    private readonly string connection;
    private readonly List<HostProcess> hosts = [];

    /// <param name="connection">Connection string of the storage.</param>
    /// <param name="prefix">Prefix of its tables and queues; null: a new one.</param>
    public HostPlace(string connection, string? prefix = null)
    {
        this.connection = connection;
        Prefix = prefix ?? "t" + Chance.System.NewId()[..12];
        Folder = Directory.CreateTempSubdirectory("pushcart-host-").FullName;

        // Hides a developer's own file, which the host would find beside its program.
        File.WriteAllText(Path.Combine(Folder, "local.settings.json"), "{}");
        Settings = new()
        {
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["AzureWebJobsStorage"] = connection,
            ["Storage__Prefix"] = Prefix,
            ["Host__Urls"] = "http://127.0.0.1:0",
            ["Host__TimerLease"] = "00:00:02",
            ["Host__Grace"] = "00:00:05",
            ["Poll__Schedule"] = "* * * * * *",
            ["Observe__Schedule"] = "* * * * * *",
            ["Observe__UpAfter"] = "5s",
            ["Observe__LongestGap"] = "4s",
            ["Jobs__Lease"] = "4s",
            ["Jobs__CreateWithin"] = "1500ms",
            ["Jobs__CreateTimeout"] = "2s",
            ["Jobs__SendAgain"] = "2s",
            ["Jobs__SendAgainMost"] = "2s",
            ["Jobs__BackOff"] = "500ms",
            ["Jobs__LostClaimBackOff"] = "100ms",
            ["Checks__BackOff"] = "1s",
            ["AzureFunctionsJobHost__extensions__queues__maxPollingInterval"] = "00:00:01",
            ["AzureFunctionsJobHost__extensions__queues__visibilityTimeout"] = "00:00:01",
        };
    }

    /// <summary>The content root.</summary>
    public string Folder { get; }

    /// <summary>The prefix.</summary>
    public string Prefix { get; }

    /// <summary>Settings of hosts that are started from now on.</summary>
    public Dictionary<string, string?> Settings { get; }

    /// <summary>Where the process executor keeps its runs.</summary>
    public string Runs => Path.Combine(Folder, ".pushcart", "runs");

    /// <summary>The directories of all runs.</summary>
    public IReadOnlyList<string> RunDirectories => [.. Directory.GetDirectories(Runs).Where(path => !Path.GetFileName(path).StartsWith('.'))];

    /// <summary>Starts a host.</summary>
    public HostProcess Start(params string[] arguments) => Start(arguments, null);

    /// <summary>Starts a host that reads something from standard input.</summary>
    public HostProcess Start(string[] arguments, string? input)
    {
        var host = HostProcess.Start(Folder, Settings, arguments, input);
        hosts.Add(host);
        return host;
    }

    /// <summary>Starts a host and waits until it answers.</summary>
    public async Task<HostProcess> StartLiveAsync(params string[] arguments)
    {
        var host = Start(arguments);
        await host.LiveAsync();
        return host;
    }

    /// <summary>Writes a file below the content root, whole at once, and gives its path.</summary>
    public string Write(string name, string content)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var temporary = Path.Combine(Folder, Chance.System.NewId());
        File.WriteAllText(temporary, content);
        File.Move(temporary, path, overwrite: true);
        return path;
    }

    /// <summary>All rows of one of its tables; none where it is not there.</summary>
    public async Task<IReadOnlyList<TableEntity>> RowsAsync(string table)
    {
        var rows = new List<TableEntity>();
        try
        {
            await foreach (var row in new TableClient(connection, Prefix + table).QueryAsync<TableEntity>(filter: (string?)null))
            {
                rows.Add(row);
            }
        }
        catch (Azure.RequestFailedException e) when (e.Status == 404)
        {
            return [];
        }

        return rows;
    }

    /// <summary>All finished jobs, oldest first.</summary>
    public async Task<IReadOnlyList<FinishedJob>> HistoryAsync()
    {
        using var transport = new SocketsHttpHandler();
        var history = new History(new StorageClients(new StorageConnection(connection), new() { Prefix = Prefix }, TimeProvider.System, transport, []).Table(TableNames.History));
        var all = new List<FinishedJob>();
        string? next = null;
        do
        {
            (var page, next) = await history.PageAsync(100, next, CancellationToken.None);
            all.AddRange(page);
        }
        while (next is not null);
        return [.. all.OrderBy(finished => finished.Job.Id, StringComparer.Ordinal)];
    }

    /// <summary>True where all jobs are in history: nothing is alive but sources, and events and requests that are kept for a while.</summary>
    public async Task<bool> IsQuietAsync() =>
        (await RowsAsync(TableNames.Live)).All(row => row.RowKey.StartsWith("source|", StringComparison.Ordinal) || row.RowKey.StartsWith("delivery|", StringComparison.Ordinal));

    /// <summary>Waits until so many jobs have finished, at least, and nothing else is alive.</summary>
    public async Task<IReadOnlyList<FinishedJob>> FinishedAsync(HostProcess host, int count, int seconds = 60)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                if (await HistoryAsync() is { } jobs && jobs.Count >= count && await IsQuietAsync())
                {
                    return jobs;
                }
            }
            catch (Azure.RequestFailedException e) when (e.Status >= 500)
            {
                // Azurite listens before it has read its data.
            }

            if (host.HasExited || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
            {
                throw new TimeoutException($"{count} jobs have not finished in {seconds} s; live: {string.Join(", ", await LiveAsync())}. The host printed:\n{host.Text}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>The live rows, for the message of a failure.</summary>
    public async Task<IEnumerable<string>> LiveAsync() => (await RowsAsync(TableNames.Live)).Select(row => $"{row.RowKey} {row.GetString("state")}");

    /// <summary>All that is stored of it, as text: every property of every row.</summary>
    public async Task<string> StoredAsync()
    {
        var text = new StringBuilder();
        foreach (var table in TableNames.All)
        {
            foreach (var row in await RowsAsync(table))
            {
                text.AppendLine($"{table} {row.PartitionKey} {row.RowKey}");
                foreach (var (name, value) in row)
                {
                    text.AppendLine($"  {name}: {(value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : value)}");
                }
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
        {
            await host.DisposeAsync();
        }

        // Runs outlive their host. Only what works in this folder, which nobody else knows.
        foreach (var process in HostProcesses.Of(Folder))
        {
            HostProcesses.Kill(process);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
