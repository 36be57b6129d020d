using System.ComponentModel;
using System.Diagnostics;

namespace Pushcart.Standalone.Azurite;

/// <summary>A program that runs, ends and is judged by its exit code.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end. Null: it is not on this machine.</summary>
    public static async Task<ToolResult?> RunAsync(
        string program, IEnumerable<string> arguments, string? folder, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? string.Empty,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };

        // Settings of the developer's shell that would change what Azurite serves, or hold it in a debugger.
        foreach (var name in (string[])["AZURITE_ACCOUNTS", "AZURITE_DB", "NODE_OPTIONS"])
        {
            start.Environment.Remove(name);
        }

        using var process = new Process { StartInfo = start };
        try
        {
            process.Start();
        }
        catch (Win32Exception)
        {
            return null;
        }

        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            return new ToolResult(process.ExitCode, (await output.ConfigureAwait(false)).Trim(), (await error.ConfigureAwait(false)).Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }
}

/// <summary>How a program ended.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Error)
{
    /// <summary>The line that most likely says what went wrong, for a message of one line.</summary>
    public string Reason => (Error + "\n" + Output).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .FirstOrDefault(line => line.Contains("error", StringComparison.OrdinalIgnoreCase) || line.Contains("ERR!", StringComparison.Ordinal))
        ?? "exit code " + ExitCode.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
