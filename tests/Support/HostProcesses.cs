using System.Diagnostics;
using System.Globalization;

namespace Pushcart.Tests.Support;

/// <summary>Processes that work in a folder of a test, or name it in their command line. Linux only, as /proc is.</summary>
public static class HostProcesses
{
    /// <summary>Their ids, this process excepted.</summary>
    public static IReadOnlyList<int> Of(string folder) =>
        [.. Directory.GetDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && (IsIn(id, folder) || CommandLine(id).Contains(folder, StringComparison.Ordinal)))];

    /// <summary>The command line of a process, words separated by NUL; empty where it has ended.</summary>
    public static string CommandLine(int id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Command lines of all processes of this machine that may be read.</summary>
    public static IEnumerable<string> CommandLines() =>
        Directory.GetDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? CommandLine(id) : "");

    /// <summary>Kills one.</summary>
    public static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
            process.WaitForExit();
        }
        catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
        {
            Trace.TraceInformation($"process {id} has ended by itself: {gone.Message}");
        }
    }

    private static bool IsIn(int id, string folder)
    {
        try
        {
            return new FileInfo($"/proc/{id}/cwd").LinkTarget?.StartsWith(folder, StringComparison.Ordinal) == true;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
