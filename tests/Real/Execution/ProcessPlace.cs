using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Cli.Demo;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Execution;

/// <summary>A folder with a repository, served over http, and a runs directory. What is still alive in it at the end of a test is ended.</summary>
public sealed partial class ProcessPlace : IAsyncDisposable
{
    public const string Installation = "installation-1";

    private readonly List<ProcessExecutor> _executors = [];

    public ProcessPlace(GitHttpBackendOptions? server = null)
    {
        Folder = Directory.CreateTempSubdirectory("pushcart-runs-").FullName;
        Repository = TestRepository.Create(root: Directory.CreateDirectory(Path.Combine(Folder, "repositories")).FullName);
        Server = GitHttpBackend.Start(Repository.Root, (server ?? new()) with { Authorization = Auth.Header });
    }

    /// <summary>Credentials that the server insists on.</summary>
    public static GitAuth Auth { get; } = new BasicAuth("reader", "s3cr3t of the clone");

    public string Folder { get; }

    public TestRepository Repository { get; }

    public GitHttpBackend Server { get; }

    public GitEndpoint Endpoint => new(Server.UriOf(Repository.Name)) { Auth = Auth };

    public string Runs => Path.Combine(Folder, "state", "runs");

    /// <summary>The test program that carries out runs.</summary>
    public static string Sample { get; } = Path.Combine(AppContext.BaseDirectory, "Pushcart.Tests.RunSample");

    public ProcessExecutorOptions Options => new() { RunsDirectory = Runs, Runner = [Sample], StopGrace = TimeSpan.FromSeconds(1) };

    public string DirectoryOf(RunKey key) => Path.Combine(Runs, key.Name);

    public ProcessExecutor NewExecutor(Func<ProcessExecutorOptions, ProcessExecutorOptions>? change = null, ILogger<ProcessExecutor>? logger = null, TimeProvider? time = null)
    {
        var options = change is null ? Options : change(Options);
        var executor = new ProcessExecutor(
            options, _ => Task.FromResult(Installation), time ?? TimeProvider.System, Chance.System, logger ?? NullLogger<ProcessExecutor>.Instance);
        _executors.Add(executor);
        return executor;
    }

    /// <summary>Sends a signal.</summary>
    public static void Signal(int process, int signal) => Assert.Equal(0, Kill(process, signal));

    /// <summary>True while a process is there and no zombie.</summary>
    public static bool IsAlive(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Processes of which one word of the command line is this; a test gives its own number to <c>sleep</c>.</summary>
    public static List<int> WithArgument(string word) =>
        [.. Directory.GetDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && IsAlive(pid) && CommandLine(pid).Split('\0').Contains(word))];

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        foreach (var executor in _executors)
        {
            executor.Dispose();
        }

        // Only what has its working directory in this test's own folder.
        foreach (var path in Directory.GetDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)))
        {
            if (new FileInfo(Path.Combine(path, "cwd")).LinkTarget?.StartsWith(Folder, StringComparison.Ordinal) == true)
            {
                _ = Kill(int.Parse(Path.GetFileName(path)), 9);
            }
        }

        // A run's process may be writing its end still.
        for (var tries = 0; Directory.Exists(Folder); tries++)
        {
            try
            {
                Directory.Delete(Folder, recursive: true);
            }
            catch (IOException) when (tries < 50)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private static string CommandLine(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            return "";
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
