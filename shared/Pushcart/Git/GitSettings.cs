using Pushcart.Settings;

namespace Pushcart.Git;

/// <summary>What the installation knows of git servers.</summary>
public sealed record GitSettings
{
    private const int MostBytes = 1024 * 1024;

    /// <summary>Lines of an ssh <c>known_hosts</c> file, for sources whose secret has no key <c>known_hosts</c>. Default: none.</summary>
    [Setting("Git:KnownHosts")]
    public string? KnownHosts { get; init; }

    /// <summary>Path of a <c>known_hosts</c> file, read anew at each check and added to <c>Git:KnownHosts</c>; 1 MiB at most. Default: none.</summary>
    [Setting("Git:KnownHostsFile")]
    public string? KnownHostsFile { get; init; }

    /// <summary>Adds what is wrong with the file to the reader's faults.</summary>
    public void Check(SettingsReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var (_, error) = ReadKnownHosts();
        reader.Require(error is null, error ?? "");
    }

    /// <summary>The known hosts as they are now.</summary>
    /// <returns>Their lines, null for none; or an error that names the setting.</returns>
    public (string? Lines, string? Error) ReadKnownHosts()
    {
        if (string.IsNullOrEmpty(KnownHostsFile))
        {
            return (string.IsNullOrWhiteSpace(KnownHosts) ? null : KnownHosts, null);
        }

        try
        {
            return new FileInfo(KnownHostsFile).Length <= MostBytes
                ? ($"{KnownHosts}\n{File.ReadAllText(KnownHostsFile)}", null)
                : (null, $"Git:KnownHostsFile: '{KnownHostsFile}' has more than 1 MiB");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return (null, $"Git:KnownHostsFile: '{KnownHostsFile}' cannot be read: {failure.Message}");
        }
    }
}
