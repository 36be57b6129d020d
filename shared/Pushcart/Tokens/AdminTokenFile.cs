namespace Pushcart.Tokens;

/// <summary>
/// The file that holds the first admin token of a standalone host: below its content root, for its user only (mode 0600), so that commands on the same machine need no token. Whoever may
/// read it may do everything.
/// </summary>
public static class AdminTokenFile
{
    /// <summary>Its path below the content root.</summary>
    public static string Name { get; } = Path.Combine(".pushcart", "admin-token");

    /// <summary>Its path.</summary>
    /// <param name="contentRoot">The content root of the host.</param>
    public static string PathBelow(string contentRoot) => Path.Combine(contentRoot, Name);

    /// <summary>The value in a file; null where the file is not there or holds none.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        var text = File.ReadAllText(path).Trim();
        return TokenValue.HasForm(text) ? text : null;
    }

    /// <summary>Writes a value, whole at once, where no such file is there yet.</summary>
    /// <returns>False where somebody was faster: that one's file stays.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static bool TryWrite(string path, string value, Chance chance)
    {
        ArgumentNullException.ThrowIfNull(chance);
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        var temporary = Path.Combine(folder, chance.NewId());
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using (var writer = new StreamWriter(temporary, options))
            {
                writer.WriteLine(value);
            }

            File.Move(temporary, path, overwrite: false);
            return true;
        }
        catch (IOException) when (File.Exists(path))
        {
            return false;
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
