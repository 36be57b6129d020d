namespace Pushcart.Execution.Kubernetes.Client.Credentials;

/// <summary>
/// Finds a program as kubectl does: a bare name along PATH, never in the working directory (where .NET by itself looks first);
/// a path relative to the folder of the kubeconfig.
/// </summary>
internal static class ProgramSearch
{
    /// <summary>The full path; null where there is none.</summary>
    public static string? Find(string command, string folder)
    {
        if (command.Contains('/', StringComparison.Ordinal) || command.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal))
        {
            return WithExtension(Path.GetFullPath(command, folder));
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathFullyQualified)
            .Select(place => WithExtension(Path.Combine(place, command)))
            .FirstOrDefault(found => found is not null);
    }

    private static string? WithExtension(string path)
    {
        string[] names = OperatingSystem.IsWindows() && !Path.HasExtension(path) ? [path + ".exe", path + ".cmd", path + ".bat"] : [path];
        return names.FirstOrDefault(File.Exists);
    }
}
