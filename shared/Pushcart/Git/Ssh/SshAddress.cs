using System.Globalization;
using System.Text.RegularExpressions;

namespace Pushcart.Git.Ssh;

/// <summary>
/// A repository that is reached by ssh: <c>ssh://user@host[:port]/path</c>, or <c>user@host:path</c> as scp writes it. None of its parts can be taken for
/// an option of a program or for words of a shell.
/// </summary>
/// <param name="User">The user on the host.</param>
/// <param name="Host">Name or address of the host, without brackets.</param>
/// <param name="Port">The port, or null for ssh's own (22).</param>
/// <param name="Path">The path as git-upload-pack takes it: absolute, or from the user's home.</param>
internal sealed partial record SshAddress(string User, string Host, int? Port, string Path)
{
    private const string Scheme = "ssh://";

    /// <summary>The command that the host runs. The path is in quotes, for its shell is one.</summary>
    public string Command => $"git-upload-pack {Quoted(Path)}";

    /// <summary>The host as a file <c>known_hosts</c> names it.</summary>
    public string KnownAs => Port is { } port and not 22 ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{port}") : Host;

    /// <summary>True where the text has one of the two forms, whatever else may be wrong with it.</summary>
    public static bool IsSsh(string repository) =>
        repository.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        || (!repository.Contains("://", StringComparison.Ordinal) && ScpForm().IsMatch(repository));

    /// <summary>What is wrong with an address of one of the two forms: the end of a sentence, which shows nothing of it. Null: nothing.</summary>
    public static string? Fault(string repository) => Read(repository).Fault;

    /// <summary>The parts of an address.</summary>
    /// <exception cref="GitException">Something is wrong with it.</exception>
    public static SshAddress Parse(string repository) =>
        Read(repository) is { Address: { } address } ? address : throw new GitException(GitFailureKind.Unsupported, "the address " + Fault(repository));

    /// <summary>A word for a POSIX shell.</summary>
    public static string Quoted(string word) =>
        "'" + word.Replace("'", "'\\''", StringComparison.Ordinal).Replace("!", "'\\!'", StringComparison.Ordinal) + "'";

    private static (SshAddress? Address, string? Fault) Read(string repository)
    {
        var url = repository.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);
        var parts = url ? UrlForm().Match(repository[Scheme.Length..]) : ScpForm().Match(repository);
        if (!parts.Success)
        {
            return (null, "must have the form ssh://user@host/path or user@host:path, with the user, as in git@host:team/app.git");
        }

        var (user, host, port, path) = (parts.Groups["user"].Value, parts.Groups["host"].Value, parts.Groups["port"].Value, parts.Groups["path"].Value);
        if (user.Contains(':', StringComparison.Ordinal))
        {
            return (null, "must not hold credentials; put the key in a secret and name it in authConfig.secretRef");
        }

        if (!UserName().IsMatch(user))
        {
            return (null, "names no valid user: letters, digits, '.', '_', '+' and '-', not beginning with '-'");
        }

        host = host is ['[', .. var bare, ']'] && bare.Contains(':', StringComparison.Ordinal) ? bare : host;
        if (!(host.Contains(':', StringComparison.Ordinal) ? Uri.CheckHostName(host) == UriHostNameType.IPv6 && !host.Contains('%', StringComparison.Ordinal) : HostName().IsMatch(host)))
        {
            return (null, "names no valid host: letters, digits, '.', '_' and '-', beginning and ending with a letter or digit, or an IPv6 address in brackets");
        }

        int? number = port.Length == 0 ? null : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
        if (number is < 1 or > 65535)
        {
            return (null, "names no valid port: a number from 1 to 65535");
        }

        // As git reads it: the path of a URL has escapes, and one that begins with ~ is a user's home.
        path = url ? Uri.UnescapeDataString(path) : path;
        path = url && path.StartsWith("/~", StringComparison.Ordinal) ? path[1..] : path;
        return path.Length == 0 || path == "/" || path.StartsWith('-') || path.Any(char.IsControl)
            ? (null, "names no valid path: it must not be empty, begin with '-' or hold control characters")
            : (new SshAddress(user, host, number, path), null);
    }

    [GeneratedRegex(@"^(?<user>[^/@]+)@(?<host>\[[^\]/]*\]|[^/:@\[\]]*)(:(?<port>[^/]*))?(?<path>/.*)?\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex UrlForm();

    [GeneratedRegex(@"^(?<user>[^/@:]+(:[^/@]*)?)@(?<host>\[[^\]/]*\]|[^/:\[\]]*):(?<path>.*)\z", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex ScpForm();

    [GeneratedRegex(@"^[A-Za-z0-9._+][A-Za-z0-9._+-]*\z")]
    private static partial Regex UserName();

    [GeneratedRegex(@"^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z", RegexOptions.ExplicitCapture)]
    private static partial Regex HostName();
}
