using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pushcart.Tests.Support.OpenApi;
using Pushcart.Tokens;

namespace Pushcart.Tests.Support;

/// <summary>
/// A program of this project as a child process, as its users start it: the functions host (by default) or the command line. All that it prints is kept.
/// Only signals to the process itself are sent; what it has started is left alone, as it is when a real process dies.
/// </summary>
public sealed partial class HostProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private const int SigKill = 9;
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(10);

    private readonly Process process;
    private readonly Lock sync = new();
    private readonly List<string> lines = [];
    private readonly List<string> errors = [];
    private readonly ConcurrentDictionary<(string Operation, int Status), byte> answered = new();
    private readonly Task reading;
    private HttpClient? client;
    private HttpClient? anonymous;

    private HostProcess(Process process, string folder)
    {
        this.process = process;
        Folder = folder;
        reading = Task.WhenAll(ReadAsync(process.StandardOutput, isError: false), ReadAsync(process.StandardError, isError: true));
    }

    /// <summary>Its working directory; of the host also its content root.</summary>
    public string Folder { get; }

    /// <summary>Id of the process.</summary>
    public int Id => process.Id;

    /// <summary>True once it has ended.</summary>
    public bool HasExited => process.HasExited;

    /// <summary>All lines so far, of both streams.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (sync)
            {
                return [.. lines];
            }
        }
    }

    /// <summary>The lines of standard error so far.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (sync)
            {
                return [.. errors];
            }
        }
    }

    /// <summary>All lines, for the message of a failure.</summary>
    public string Text => string.Join('\n', Lines);

    /// <summary>Asks its HTTP functions, once <see cref="LiveAsync"/> has returned.</summary>
    public HttpClient Client => client ?? throw new InvalidOperationException("the host is not known to listen yet");

    /// <summary>Which operations of <c>api/openapi.json</c> have answered, and with which status.</summary>
    public IReadOnlyCollection<(string Operation, int Status)> Answered => [.. answered.Keys];

    /// <summary>Asks them without a token.</summary>
    public HttpClient Anonymous => anonymous ??= new(Described()) { BaseAddress = Client.BaseAddress, Timeout = Client.Timeout };

    /// <summary>The first admin token, which its client shows.</summary>
    public string AdminToken => AdminTokenFile.Read(AdminTokenFile.PathBelow(Folder)) ?? throw new InvalidOperationException($"the host has made no token:\n{Text}");

    /// <summary>Path of a built program of this project.</summary>
    /// <param name="project">Folder of the project: <c>functions</c> or <c>cli</c>.</param>
    /// <param name="assembly">Name of its assembly, with <c>.dll</c>.</param>
    public static string Program(string project, string assembly)
    {
        // Built with the tests, so in the folder of the same configuration; run from its own output, where its host.json is.
        var own = AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar);
        var bin = own.LastIndexOf($"{Path.DirectorySeparatorChar}bin{Path.DirectorySeparatorChar}", StringComparison.Ordinal);
        var root = new DirectoryInfo(own);
        while (!File.Exists(Path.Combine(root.FullName, "Serverless.sln")))
        {
            root = root.Parent ?? throw new InvalidOperationException($"{own} is in no clone of this project");
        }

        var program = Path.Combine(root.FullName, project, own[(bin + 1)..], assembly);
        return File.Exists(program) ? program : throw new InvalidOperationException($"{program} is not there; build it with: dotnet build {project}");
    }

    /// <summary>Starts a program.</summary>
    /// <param name="folder">Working directory; of the host also its content root.</param>
    /// <param name="settings">Variables; null removes one. Settings of the test's own environment are not inherited.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="input">What it reads from standard input; null: nothing.</param>
    /// <param name="program">Path of its assembly; null: the functions host.</param>
    public static HostProcess Start(
        string folder, IEnumerable<KeyValuePair<string, string?>> settings, IEnumerable<string> arguments, string? input = null, string? program = null)
    {
        var start = new ProcessStartInfo("dotnet", [program ?? Program("functions", "Pushcart.Functions.dll"), .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var inherited in start.Environment.Keys.Where(IsSetting).ToList())
        {
            start.Environment.Remove(inherited);
        }

        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        return new HostProcess(process, folder);
    }

    /// <summary>Waits until the host listens and answers; its client shows the first admin token from then on, where the host has made one.</summary>
    public async Task LiveAsync()
    {
        var listening = await LineAsync("Listening on http");
        client = new HttpClient(Described()) { BaseAddress = new Uri(listening.Split("Listening on ")[1].Split([',', ';'])[0]), Timeout = TimeSpan.FromSeconds(30) };
        using var answer = await client.GetAsync("healthz/live");
        answer.EnsureSuccessStatusCode();
        client.DefaultRequestHeaders.Authorization = AdminTokenFile.Read(AdminTokenFile.PathBelow(Folder)) is { } token ? new AuthenticationHeaderValue("Bearer", token) : null;
    }

    /// <summary>Gets JSON from it.</summary>
    public async Task<JsonElement> JsonAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>Waits for a line that holds this text, among those that are there too, and gives it.</summary>
    public async Task<string> LineAsync(string part, int seconds = 60)
    {
        string? found = null;
        await UntilAsync(() => (found = Lines.FirstOrDefault(line => line.Contains(part, StringComparison.Ordinal))) is not null, $"a line with '{part}'", seconds);
        return found!;
    }

    /// <summary>Waits for a condition, as long as the process lives.</summary>
    public async Task UntilAsync(Func<bool> condition, string what, int seconds = 60)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            var ended = reading.IsCompleted;
            if ((ended && !condition()) || TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
            {
                throw new TimeoutException($"not {(ended ? $"before it ended with {process.ExitCode}" : $"in {seconds} s")}: {what}. It printed:\n{Text}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }
    }

    /// <summary>Ends it at once and without its help (SIGKILL), and nothing that it has started.</summary>
    public async Task KillAsync()
    {
        Signal(SigKill);
        await ExitAsync();
    }

    /// <summary>Asks it to end (SIGTERM).</summary>
    public void Terminate() => Signal(SigTerm);

    /// <summary>Waits until it has ended and all its lines are here.</summary>
    /// <returns>Its exit code; 128 + n where signal n ended it.</returns>
    public async Task<int> ExitAsync(int seconds = 60)
    {
        // By the end of its streams: that they end is also the proof that nothing which it started holds them.
        var began = TimeProvider.System.GetTimestamp();
        while (!reading.IsCompleted || !process.HasExited)
        {
            if (TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(seconds))
            {
                throw new TimeoutException($"process {Id} {(process.HasExited ? "has ended, but its output is held open" : "has not ended")} in {seconds} s. It printed:\n{Text}");
            }

            await Task.Delay(Look, TimeProvider.System);
        }

        return process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            await KillAsync();
        }

        client?.Dispose();
        anonymous?.Dispose();
        process.Dispose();
    }

    // Every answer that a test gets of a function is one that api/openapi.json describes.
    private DescribedAnswers Described() => new(new SocketsHttpHandler(), answered);

    // What a developer or a workflow has set for a host of its own.
    private static bool IsSetting(string name) =>
        name.Contains("__", StringComparison.Ordinal) || name.EndsWith("_ENVIRONMENT", StringComparison.Ordinal)
        || name is "AzureWebJobsStorage" or "Executor" or "ASPNETCORE_URLS" or "DOTNET_URLS" or "DOTNET_CONTENTROOT";

    private async Task ReadAsync(StreamReader stream, bool isError)
    {
        while (await stream.ReadLineAsync() is { } line)
        {
            lock (sync)
            {
                lines.Add(line);
                if (isError)
                {
                    errors.Add(line);
                }
            }
        }
    }

    // One that has ended meanwhile is no error.
    private void Signal(int signal) => _ = process.HasExited ? 0 : Kill(process.Id, signal);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
