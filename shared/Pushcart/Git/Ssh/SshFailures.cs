namespace Pushcart.Git.Ssh;

/// <summary>
/// The failures of a connection, told apart, in sentences for people. What <c>ssh</c> itself says stands in its log, where nothing that the other side says can
/// get; so no server can pass its words off as those of <c>ssh</c>.
/// </summary>
internal static class SshFailures
{
    private const string Secret = "look at the secret that authConfig names";

    /// <summary>The failure.</summary>
    /// <param name="log">What <c>ssh</c> said.</param>
    /// <param name="said">What the host said on standard error.</param>
    /// <param name="address">The repository.</param>
    /// <returns>The failure; null where neither says anything.</returns>
    public static GitException? Of(string log, string said, SshAddress address)
    {
        if (OfLog(log, address) is { } own)
        {
            return new GitException(own.Kind, own.Sentence);
        }

        if (OfHost(said) is { } other)
        {
            return new GitException(other.Kind, other.Sentence);
        }

        // Something that none of the sentences is for.
        var last = LastLine(log);
        return last.Length > 0 ? new GitException(GitFailureKind.Unreachable, $"ssh says \"{last}\"") : null;
    }

    private static (GitFailureKind Kind, string Sentence)? OfLog(string log, SshAddress address)
    {
        bool Has(string text) => log.Contains(text, StringComparison.OrdinalIgnoreCase);
        return log switch
        {
            _ when Has("HOST IDENTIFICATION HAS CHANGED") || Has("host key for") && Has("has changed") => (
                GitFailureKind.Untrusted,
                $"the key of the host {address.KnownAs} is not the one that known_hosts has: either the host was set up anew, or somebody stands in between. "
                + "Ask its owner for the new key; if it is this one, replace the line in known_hosts (of the secret that authConfig names, or of Git:KnownHosts)"),
            _ when Has("REVOKED HOST KEY") || Has("marked as revoked") => (
                GitFailureKind.Untrusted, $"known_hosts says that the key of the host {address.KnownAs} is revoked"),
            _ when Has("host key is known for") || Has("Host key verification failed") => (
                GitFailureKind.Untrusted,
                $"the key of the host {address.KnownAs} is not known, so it is not talked to. Add its line to the key known_hosts of the secret that authConfig names, "
                + $"or to Git:KnownHosts; ssh-keyscan{(address.Port is { } port ? $" -p {port}" : "")} {address.Host} prints it, to be compared with what the host's owner publishes"),
            _ when Has("Load key") || Has("invalid format") && Has("Permission denied") => (
                GitFailureKind.Unauthorized, "the private key cannot be read: it is cut off, or not a private key of OpenSSH or in PEM; " + Secret),
            _ when Has("Permission denied") || Has("Too many authentication failures") || Has("No more authentication methods") => (
                GitFailureKind.Unauthorized, $"the host refuses the key for the user {address.User}; add its public half there (a deploy key that may read is enough), or {Secret}"),
            _ when Has("Could not resolve hostname") => (GitFailureKind.Unreachable, "the host's name is not known (DNS)"),
            _ when Has("Connection refused") => (GitFailureKind.Unreachable, "the connection was refused"),
            _ when Has("timed out") || Has("timeout") => (GitFailureKind.TimedOut, "the host does not answer"),
            _ when Has("No route to host") || Has("Network is unreachable") || Has("Host is down") => (GitFailureKind.Unreachable, "there is no way to the host"),
            _ when Has("Unable to negotiate") || Has("no matching ") => (
                GitFailureKind.Unsupported, $"the host and the ssh of this machine have no method in common (\"{LastLine(log)}\")"),
            _ when Has("invalid characters") || Has("banner exchange") && Has("invalid format") || Has("Bad remote protocol version") || Has("Protocol major versions differ") => (
                GitFailureKind.NotGit, "what answers does not speak ssh; look at repoUri"),
            _ when Has("No user exists for uid") => (
                GitFailureKind.Unsupported, "ssh refuses to run for a user that this machine does not know; give the user that Pushcart runs as a name (/etc/passwd)"),
            _ when Has("kex_exchange_identification") || Has("banner exchange") => (
                GitFailureKind.Unreachable, "the connection was cut off before ssh was spoken: the host takes no more connections, or what answers is not ssh"),
            _ when Has("onnection closed") || Has("onnection reset") || Has("Broken pipe") || Has("disconnect") => (
                GitFailureKind.Unreachable, "the connection was cut off"),
            _ => null,
        };
    }

    // The host's words are shown, and only as far as they can be: they are not to be trusted.
    private static (GitFailureKind Kind, string Sentence)? OfHost(string said)
    {
        bool Has(string text) => said.Contains(text, StringComparison.OrdinalIgnoreCase);
        var words = $"(it says \"{TellingLine(said)}\")";
        return said switch
        {
            _ when said.AsSpan().Trim().IsEmpty => null,
            _ when Has("git-upload-pack: not found") || Has("git-upload-pack: command not found") || Has("git-upload-pack: No such file") => (
                GitFailureKind.NotGit, $"the host has no git {words}; look at repoUri"),
            _ when Has("does not appear to be a git repository") || Has("not found") || Has("could not be found") || Has("does not exist") || Has("no such") => (
                GitFailureKind.NotFound, $"there is no such repository, or none that this key may see {words}; look at repoUri"),
            _ when Has("denied") || Has("permission") || Has("not allowed") || Has("not authorized") || Has("unauthorized") || Has("forbidden") => (
                GitFailureKind.Forbidden, $"the key may not read this repository {words}; grant it read access"),
            _ => (GitFailureKind.ServerError, $"the host refuses {words}"),
        };
    }

    private static string LastLine(string text) =>
        GitFailures.Printable(text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "");

    // Hosts surround the reason with rules and advice; it stands in a line that begins with one of these words.
    private static string TellingLine(string said)
    {
        var lines = said.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        string[] words = ["fatal:", "error:", "remote: error", "remote: fatal"];
        return GitFailures.Printable(
            lines.FirstOrDefault(line => words.Any(word => line.StartsWith(word, StringComparison.OrdinalIgnoreCase)))
            ?? lines.FirstOrDefault(line => line.Any(char.IsLetterOrDigit)) ?? "");
    }
}
