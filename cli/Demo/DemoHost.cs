using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using Pushcart.Tokens;

namespace Pushcart.Cli.Demo;

/// <summary>A job as the API shows it, as far as the demo looks.</summary>
internal sealed record DemoJob(string Id, string State, string Commit, string? PreviousCommit, string? Trigger, string? RunName, string? Log);

/// <summary>The standalone host as a child process.</summary>
internal sealed partial class DemoHost : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    private readonly Process _process;
    private readonly TextWriter _output;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    private DemoHost(Process process, Uri address, TextWriter output, TimeProvider time)
    {
        (_process, Address, _output, _time) = (process, address, output, time);
        _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(10) };
        _process.OutputDataReceived += (_, line) => Tell(line.Data);
        _process.ErrorDataReceived += (_, line) => Tell(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Starts it, and waits until it answers.</summary>
    public static async Task<DemoHost> StartAsync(
        string folder, IEnumerable<(string Name, string? Value)> settings, string manifests, TextWriter output, TimeProvider time, CancellationToken cancellation)
    {
        var relative = typeof(DemoHost).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(m => m.Key == "PushcartHost").Value!;
        var built = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, relative));
        var packed = Path.Combine(AppContext.BaseDirectory, "host", Path.GetFileName(built));
        var program = File.Exists(packed) ? packed : built;
        if (!File.Exists(program))
        {
            throw new DemoException($"{program} is not there; build it with: dotnet build functions");
        }

        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{FreePort()}/"));
        var start = new ProcessStartInfo("dotnet", [program, "--manifests", manifests])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in settings.Concat([("Host__Urls", address.ToString().TrimEnd('/')), ("Tokens__FirstAdmin", null)]))
        {
            start.Environment[name] = value;
        }

        var host = new DemoHost(Process.Start(start)!, address, output, time);
        try
        {
            await host.WaitAsync("the host does not answer", host.AnswersAsync, cancellation);

            // As a command on this machine does: the host has made it before it listens.
            host._http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminTokenFile.Read(AdminTokenFile.PathBelow(folder)));
            return host;
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until so many jobs are in history.</summary>
    /// <returns>All jobs, newest first, with their logs.</returns>
    public async Task<IReadOnlyList<DemoJob>> WaitForFinishedAsync(int count, CancellationToken cancellation)
    {
        List<DemoJob> jobs = [];
        await WaitAsync($"{count} jobs should have finished", async stop =>
        {
            jobs = (await _http.GetFromJsonAsync<Page>("api/jobs", stop))?.Jobs ?? [];
            return jobs.Count >= count && jobs.All(j => j.State is not ("queued" or "claimed" or "running"));
        }, cancellation);

        // A job that has ended may not be archived yet; its log comes with its archive.
        for (var i = 0; i < jobs.Count; i++)
        {
            var id = jobs[i].Id;
            await WaitAsync($"job {id} should be in history", async stop => (jobs[i] = (await _http.GetFromJsonAsync<DemoJob>($"api/jobs/{id}", stop))!).Log is not null, cancellation);
        }

        return jobs;
    }

    /// <summary>Waits until the host prints a line that holds a word.</summary>
    public Task WaitForLineAsync(string word, CancellationToken cancellation) => WaitAsync($"the host should have told of {word}", _ =>
    {
        while (_lines.Reader.TryRead(out var line))
        {
            if (line.Contains(word, StringComparison.Ordinal))
            {
                return Task.FromResult(true);
            }
        }

        return Task.FromResult(false);
    }, cancellation);

    /// <summary>Waits until it ends.</summary>
    public Task WaitForExitAsync(CancellationToken cancellation) => _process.WaitForExitAsync(cancellation);

    /// <summary>Ends it as an operator would, by SIGTERM: it must finish what it does, and exit 0.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        Terminate();
        await WaitAsync("the host should have ended", _ => Task.FromResult(_process.HasExited), cancellation, alive: false);
        if (_process.ExitCode != 0)
        {
            throw new DemoException($"the host ended with {_process.ExitCode}, and should end with 0");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            Terminate();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15), _time);
            try
            {
                await _process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }

        _http.Dispose();
        _process.Dispose();
    }

    private const int SigTerm = 15;

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    // A process that has just ended by itself is no error.
    private void Terminate() => _ = Kill(_process.Id, SigTerm);

    private sealed record Page(List<DemoJob> Jobs);

    private void Tell(string? line)
    {
        if (line is not null)
        {
            _output.WriteLine("    " + line);
            _lines.Writer.TryWrite(line);
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        try
        {
            using var answer = await _http.GetAsync("healthz/live", cancellation);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task WaitAsync(string otherwise, Func<CancellationToken, Task<bool>> holds, CancellationToken cancellation, bool alive = true)
    {
        var begun = _time.GetTimestamp();
        while (!await holds(cancellation))
        {
            if (alive && _process.HasExited)
            {
                throw new DemoException($"the host ended with exit code {_process.ExitCode}; its lines above say why");
            }

            if (_time.GetElapsedTime(begun) > Patience)
            {
                throw new DemoException($"{otherwise} within {Patience.TotalSeconds:0} s; the host's lines above may say why");
            }

            await Task.Delay(Look, _time, cancellation);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
