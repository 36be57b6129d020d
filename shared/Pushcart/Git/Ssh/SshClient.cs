using System.Collections.Concurrent;

namespace Pushcart.Git.Ssh;

/// <summary>Starts conversations over ssh, by the <c>ssh</c> of this machine.</summary>
/// <param name="time">What waits are measured by.</param>
/// <param name="limits">How much is read.</param>
/// <param name="path">Folders that are searched for the program; null: those of PATH.</param>
internal sealed class SshClient(TimeProvider time, GitLimits limits, string? path) : IDisposable
{
    // sshd drops connections at random where more than 10 are being set up (MaxStartups 10:30:100): fewer are begun with one host at a time.
    private const int BegunAtOnce = 6;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A conversation with a repository. Nothing is started before its first question.</summary>
    /// <exception cref="GitException">The address is none, there is no key, or no <c>ssh</c> on this machine.</exception>
    public SshSession Session(GitEndpoint endpoint)
    {
        var address = SshAddress.Parse(endpoint.RepoUri);
        var auth = endpoint.Auth as SshAuth
            ?? throw new GitException(GitFailureKind.Unauthorized, "an address of ssh needs a key; set authConfig, with type ssh and the secret that holds it");
        return new SshSession(Program(), address, auth, _hosts.GetOrAdd(address.KnownAs, _ => new SemaphoreSlim(BegunAtOnce)), limits, time);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var host in _hosts.Values)
        {
            host.Dispose();
        }
    }

    // Never from the working directory, where .NET would look first: what lies there may be anybody's.
    private string Program() =>
        (path ?? Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Path.IsPathRooted)
            .Select(folder => Path.Combine(folder, "ssh"))
            .FirstOrDefault(File.Exists)
        ?? throw new GitException(
            GitFailureKind.Unsupported, "there is no program ssh on this machine's PATH; install OpenSSH's client, or use an https:// address");
}
