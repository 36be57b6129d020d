using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace Pushcart.Execution.Process.Child;

/// <summary>
/// Starts a run's process and hears from it whether the run has started. The process gets its orders on standard input, and of this program's
/// environment only what a program needs to start and git to reach a server: Pushcart's settings hold secrets.
/// </summary>
internal sealed class RunProcessStart(ProcessExecutorOptions options, TimeProvider time)
{
    private static readonly string[] s_kept =
    [
        "PATH", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64",
        "http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    ];

    /// <summary>Starts it and waits for its word.</summary>
    public async Task<CreateAnswer> StartAsync(RunDirectory directory, RunOrder order, CancellationToken cancellation)
    {
        using var process = new System.Diagnostics.Process { StartInfo = StartInfo(directory) };
        try
        {
            process.Start();
        }
        catch (Win32Exception failure)
        {
            // No such program, or not to be executed: so it stays. Anything else (no processes, no memory, no descriptors) passes.
            var forGood = failure.NativeErrorCode is Posix.NoEntry or Posix.NoAccess or Posix.NotExecutable;
            return new(forGood ? CreateResult.Refused : CreateResult.Busy, $"the run's process {options.Runner[0]} cannot be started: {failure.Message}");
        }

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var timeout = new CancellationTokenSource(options.StartTimeout, time);
        using var linked = timeout.Token.Register(waiting.Cancel);
        try
        {
            await GiveAsync(process, order, waiting.Token);
            var word = await process.StandardOutput.ReadLineAsync(waiting.Token);
            return word is null ? await SilentAsync(process, waiting.Token) : RunWord.Answer(word);
        }
        catch (OperationCanceledException)
        {
            return new(CreateResult.Unknown, "the run's process has not said in time whether it started");
        }
    }

    private ProcessStartInfo StartInfo(RunDirectory directory)
    {
        var start = new ProcessStartInfo(options.Runner[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = directory.Path,
        };
        foreach (var argument in options.Runner.Skip(1).Append(ProcessRun.Verb).Append(directory.Path))
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var name in s_kept)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        // A small process that starts at once and sleeps for an hour: no collector threads, no diagnostics port, no profiling of its code.
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        return start;
    }

    private static async Task GiveAsync(System.Diagnostics.Process process, RunOrder order, CancellationToken cancellation)
    {
        try
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(order, RunJson.Default.RunOrder);
            await process.StandardInput.BaseStream.WriteAsync(bytes, cancellation);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended already; what it says, or its silence, tells the rest.
        }
    }

    private static async Task<CreateAnswer> SilentAsync(System.Diagnostics.Process process, CancellationToken cancellation)
    {
        var complaint = (await process.StandardError.ReadToEndAsync(cancellation)).Trim();
        await process.WaitForExitAsync(cancellation);
        return new(CreateResult.Busy, $"the run's process ended before it started the run (exit code {process.ExitCode}): {complaint}");
    }
}
