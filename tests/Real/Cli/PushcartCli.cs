using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>How a command ended.</summary>
internal sealed record CliResult(int Exit, string Output, string Errors)
{
    /// <summary>What it printed on standard output, as JSON.</summary>
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;

    /// <summary>Lines of standard output.</summary>
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Standard output, of a command that must have ended well.</summary>
    public string Ok => Exit == 0 ? Output : throw new InvalidOperationException($"it ended with {Exit}:\n{Output}{Errors}");
}

/// <summary>The command line as a user has it: a process of its own, its output piped, in an environment without settings of whoever runs the tests.</summary>
internal sealed partial class PushcartCli : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushcart-cli-");

    public PushcartCli(Uri? server = null, string? token = null)
    {
        Variables["PUSHCART_CONFIG_DIR"] = Path.Combine(_folder.FullName, "config");
        Variables["PUSHCART_SERVER"] = server?.ToString();
        Variables["PUSHCART_TOKEN"] = token;
        foreach (var inherited in (string[])["PUSHCART_CONTEXT", "PUSHCART_WEBHOOK_SECRET", "NO_COLOR", "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "ALL_PROXY", "all_proxy"])
        {
            Variables[inherited] = null;
        }
    }

    /// <summary>Its working directory.</summary>
    public string Folder => _folder.FullName;

    /// <summary>The file that login writes.</summary>
    public string Contexts => Path.Combine(Folder, "config", "contexts.json");

    /// <summary>Its variables; null removes one.</summary>
    public Dictionary<string, string?> Variables { get; } = [];

    /// <summary>Writes a file into its working directory.</summary>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs a command to its end.</summary>
    public Task<CliResult> RunAsync(params string[] arguments) => WithInputAsync("", arguments);

    /// <summary>Runs a command that reads something from standard input.</summary>
    public async Task<CliResult> WithInputAsync(string input, params string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2), TimeProvider.System);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new TimeoutException($"pushcart {string.Join(' ', arguments)} has not ended in 2 minutes:\n{await output}{await errors}");
        }

        return new(process.ExitCode, await output, await errors);
    }

    /// <summary>Starts a command, whose end is up to the test.</summary>
    public Process Start(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [HostProcess.Program("cli", "Pushcart.Cli.dll"), .. arguments])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>What Ctrl-C does.</summary>
    public static void Interrupt(Process process) => Assert.Equal(0, Kill(process.Id, 2));

    public void Dispose() => _folder.Delete(recursive: true);

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
