using System.Diagnostics;

namespace Pushcart.Tests.Support;

/// <summary>What runs of a test leave behind.</summary>
public static class InstallationRuns
{
    /// <summary>Ends every process whose working directory is in the test's own folder.</summary>
    public static void EndAll(string folder)
    {
        foreach (var process in In(folder))
        {
            try
            {
                using var running = Process.GetProcessById(process);
                running.Kill();
            }
            catch (Exception gone) when (gone is ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }

    /// <summary>Processes whose working directory is in a folder, also where it was deleted meanwhile.</summary>
    public static IReadOnlyList<int> In(string folder) => !Directory.Exists("/proc") ? [] :
        [.. Directory.GetDirectories("/proc")
            .Where(path => int.TryParse(Path.GetFileName(path), out _) && (WorkingDirectory(path) + "/").StartsWith(folder + "/", StringComparison.Ordinal))
            .Select(path => int.Parse(Path.GetFileName(path)))];

    /// <summary>Deletes a folder that processes may still be leaving.</summary>
    public static async Task DeleteAsync(string folder)
    {
        for (var tries = 0; tries < 50; tries++)
        {
            try
            {
                foreach (var file in new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories))
                {
                    file.IsReadOnly = false;
                }

                Directory.Delete(folder, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException) when (!Directory.Exists(folder))
            {
                return;
            }
            catch (Exception busy) when (busy is IOException or UnauthorizedAccessException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
            }
        }
    }

    private static string WorkingDirectory(string process)
    {
        try
        {
            return new FileInfo(Path.Combine(process, "cwd")).LinkTarget ?? "";
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
