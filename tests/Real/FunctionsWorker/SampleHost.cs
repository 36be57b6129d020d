using System.Collections.Concurrent;
using System.Diagnostics;

namespace Pushcart.Tests.Real.FunctionsWorker;

/// <summary>The sample application in a process of its own, in a folder of its own.</summary>
internal sealed class SampleHost : IDisposable
{
    private readonly Process _process;

    private SampleHost(Process process) => _process = process;

    /// <summary>Lines of its standard output.</summary>
    public ConcurrentQueue<string> Output { get; } = [];

    /// <summary>Lines of its standard error.</summary>
    public ConcurrentQueue<string> Error { get; } = [];

    /// <summary>Starts it with these variables, and none of those that the test's own environment has for a host.</summary>
    public static SampleHost Start(string folder, params (string Name, string Value)[] variables)
    {
        var sample = Path.Combine(AppContext.BaseDirectory.Replace("/tests/Real/", "/tests/HostSample/", StringComparison.Ordinal), "Pushcart.Tests.HostSample.dll");
        var start = new ProcessStartInfo("dotnet", [sample]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in (string[])["AzureWebJobsStorage", "ASPNETCORE_URLS", "Host__Urls"])
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        var host = new SampleHost(new Process { StartInfo = start });
        host._process.OutputDataReceived += (_, line) => Keep(host.Output, line.Data);
        host._process.ErrorDataReceived += (_, line) => Keep(host.Error, line.Data);
        host._process.Start();
        host._process.BeginOutputReadLine();
        host._process.BeginErrorReadLine();
        return host;
    }

    /// <summary>Waits until it listens; answers the address.</summary>
    public async Task<Uri> ListeningAsync()
    {
        string? line = null;
        await Eventually.TrueAsync(
            () => _process.HasExited || (line = Output.FirstOrDefault(one => one.Contains("Listening on http", StringComparison.Ordinal))) is not null,
            "the host listens: " + string.Join('\n', Output.Concat(Error)));
        Assert.True(line is not null, string.Join('\n', Output.Concat(Error)));
        return new Uri(line.Split("Listening on ")[1].Split(';')[0]);
    }

    /// <summary>Sends it a signal: <c>TERM</c>, <c>INT</c> or <c>KILL</c>.</summary>
    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, _process.Id.ToString()]);
        await kill.WaitForExitAsync();
    }

    /// <summary>Waits for its end; answers the exit code.</summary>
    public async Task<int> EndAsync(int seconds = 30)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(seconds), TimeProvider.System);
        await _process.WaitForExitAsync(deadline.Token);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static void Keep(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }
}
