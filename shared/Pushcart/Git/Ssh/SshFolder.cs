using System.Text;

namespace Pushcart.Git.Ssh;

/// <summary>
/// A folder for its owner only that holds what one use of <c>ssh</c> needs: the key, the known hosts and the configuration. It goes with the use. <c>ssh</c> is
/// started in it and finds everything by relative names, so that neither secrets nor paths stand in arguments.
/// </summary>
internal sealed class SshFolder : IDisposable
{
    /// <summary>The arguments that make <c>ssh</c> use the folder that it is started in: no configuration of this machine or user, and a log of its own words.</summary>
    public static readonly IReadOnlyList<string> Arguments = ["-F", "./config", "-E", "./log"];

    private const string Prefix = "pushcart-ssh-";
    private const int LogBytes = 8192;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    // What a process leaves that is killed. No use takes as long.
    private static readonly TimeSpan s_leftOver = TimeSpan.FromHours(1);

    private SshFolder(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    private string LogPath => System.IO.Path.Combine(Path, "log");

    /// <summary>Makes one among the temporary files, and removes those that processes which were killed have left there.</summary>
    /// <exception cref="GitException">It cannot be written, or there is no ssh for this system.</exception>
    public static SshFolder CreateTemporary(SshAddress address, SshAuth auth, TimeProvider time)
    {
        RemoveLeftOver(time.GetUtcNow() - s_leftOver);
        return Create(() => Directory.CreateTempSubdirectory(Prefix).FullName, address, auth);
    }

    /// <summary>Makes it at a path where nothing is, in a folder that others cannot write to.</summary>
    /// <exception cref="GitException">It cannot be written, or there is no ssh for this system.</exception>
    public static SshFolder Create(string path, SshAddress address, SshAuth auth) => Create(
        () => OperatingSystem.IsWindows() ? path : Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute).FullName, address, auth);

    /// <summary>What <c>ssh</c> itself had to say; nothing that the other side said is in it.</summary>
    public string ReadLog()
    {
        try
        {
            using var log = new FileStream(LogPath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var bytes = new byte[LogBytes];
            return Encoding.UTF8.GetString(bytes, 0, log.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (IOException)
        {
            // It had nothing to say.
            return "";
        }
    }

    /// <summary>Forgets what <c>ssh</c> said.</summary>
    public void ClearLog() => File.Delete(LogPath);

    /// <summary>Removes it, the key first.</summary>
    public void Dispose() => Remove(Path);

    private static SshFolder Create(Func<string> make, SshAddress address, SshAuth auth)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new GitException(GitFailureKind.Unsupported, "addresses of ssh are supported on Linux and macOS only; use https://");
        }

        SshFolder? folder = null;
        try
        {
            folder = new SshFolder(make());

            // ssh reads no key whose last line does not end; line ends of Windows are none to it either.
            folder.Write("key", auth.PrivateKey.ReplaceLineEndings("\n").TrimEnd() + "\n");
            folder.Write("known_hosts", auth.KnownHosts.ReplaceLineEndings("\n").TrimEnd() + "\n");
            folder.Write("config", Configuration(address));
            return folder;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            folder?.Dispose();
            throw new GitException(GitFailureKind.Unreachable, $"the files that ssh needs cannot be written among the temporary files of this machine: {failure.Message}");
        }
    }

    private void Write(string name, string text)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var file = new FileStream(System.IO.Path.Combine(Path, name), options);
        file.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>
    /// The file <c>config</c>. What <c>ssh</c> does by itself is refused: other keys, other proofs, forwarding, trust at first sight. The key is for this host and
    /// user alone; other ones, which a submodule may name, get none.
    /// </summary>
    public static string Configuration(SshAddress address) => $"""
        BatchMode yes
        StrictHostKeyChecking yes
        UserKnownHostsFile ./known_hosts
        GlobalKnownHostsFile /dev/null
        UpdateHostKeys no
        CheckHostIP no
        VerifyHostKeyDNS no
        IdentityAgent none
        IdentitiesOnly yes
        AddKeysToAgent no
        PreferredAuthentications publickey
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        ForwardAgent no
        ForwardX11 no
        PermitLocalCommand no
        ProxyCommand none
        ControlMaster no
        ControlPath none
        CanonicalizeHostname no
        RequestTTY no
        EscapeChar none
        LogLevel ERROR
        ConnectionAttempts 1
        ConnectTimeout 15
        ServerAliveInterval 15
        ServerAliveCountMax 3
        SendEnv GIT_PROTOCOL
        Match originalhost {address.Host} user {address.User}
          IdentityFile ./key
        Match all
          IdentityFile none

        """;

    private static void RemoveLeftOver(DateTimeOffset before)
    {
        try
        {
            foreach (var folder in new DirectoryInfo(System.IO.Path.GetTempPath()).EnumerateDirectories(Prefix + "*").Where(folder => folder.LastWriteTimeUtc < before.UtcDateTime))
            {
                Remove(folder.FullName);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Others' folders are theirs; and what cannot be removed now is tried at the next use.
        }
    }

    private static void Remove(string folder)
    {
        try
        {
            File.Delete(System.IO.Path.Combine(folder, "key"));
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // It is gone already.
        }
    }
}
