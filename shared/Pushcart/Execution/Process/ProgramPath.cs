namespace Pushcart.Execution.Process;

/// <summary>Finds a program as a shell does: by path, or on PATH.</summary>
internal static class ProgramPath
{
    private const UnixFileMode Executable = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>
    /// Its path; null where there is none. A file that is there but not executable is found too, if it was named by its path: starting it tells what is wrong.
    /// </summary>
    /// <param name="name">Name or path; a relative path starts at <paramref name="directory"/>.</param>
    /// <param name="searched">Value of PATH.</param>
    /// <param name="directory">The working directory to be.</param>
    public static string? Find(string name, string? searched, string directory)
    {
        if (name.Contains('/'))
        {
            var path = Path.GetFullPath(name, directory);
            return File.Exists(path) ? path : null;
        }

        return name.Length == 0
            ? null
            : (searched ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
                .Select(folder => Path.Combine(Path.GetFullPath(folder, directory), name))
                .FirstOrDefault(path => File.Exists(path) && (File.GetUnixFileMode(path) & Executable) != 0);
    }
}
