using Pushcart.Git;
using Pushcart.Git.Ssh;

namespace Pushcart.Tests.Unit.Git.Ssh;

/// <summary>What OpenSSH 9 says, and what hosts say; the real ones are in the tests with a real <c>sshd</c>.</summary>
public sealed class SshFailuresTests
{
    private static readonly SshAddress s_address = new("git", "git.example.com", null, "/app.git");

    [Theory]
    [InlineData("No ED25519 host key is known for git.example.com and you have requested strict checking.\nHost key verification failed.", GitFailureKind.Untrusted, "ssh-keyscan git.example.com prints it")]
    [InlineData("@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.", GitFailureKind.Untrusted, "is not the one that known_hosts has")]
    [InlineData("@ WARNING: REVOKED HOST KEY DETECTED! @\nHost key verification failed.", GitFailureKind.Untrusted, "is revoked")]
    [InlineData("Load key \"./key\": error in libcrypto\ngit@git.example.com: Permission denied (publickey).", GitFailureKind.Unauthorized, "cannot be read")]
    [InlineData("git@git.example.com: Permission denied (publickey).", GitFailureKind.Unauthorized, "refuses the key for the user git")]
    [InlineData("Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures", GitFailureKind.Unauthorized, "refuses the key")]
    [InlineData("ssh: Could not resolve hostname git.example.com: Name or service not known", GitFailureKind.Unreachable, "(DNS)")]
    [InlineData("ssh: connect to host git.example.com port 22: Connection refused", GitFailureKind.Unreachable, "refused")]
    [InlineData("ssh: connect to host git.example.com port 22: Connection timed out", GitFailureKind.TimedOut, "does not answer")]
    [InlineData("Timeout, server git.example.com not responding.", GitFailureKind.TimedOut, "does not answer")]
    [InlineData("ssh: connect to host git.example.com port 22: No route to host", GitFailureKind.Unreachable, "no way to the host")]
    [InlineData("Unable to negotiate with 10.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa", GitFailureKind.Unsupported, "Their offer: ssh-rsa")]
    [InlineData("kex_exchange_identification: read: Connection reset by peer", GitFailureKind.Unreachable, "what answers is not ssh")]
    [InlineData("Connection closed by 10.0.0.1 port 22", GitFailureKind.Unreachable, "cut off")]
    [InlineData("No user exists for uid 1234", GitFailureKind.Unsupported, "/etc/passwd")]
    [InlineData("something new", GitFailureKind.Unreachable, "ssh says \"something new\"")]
    public void What_ssh_says_is_told_apart(string log, GitFailureKind kind, string words)
    {
        var failure = SshFailures.Of(log, "", s_address);

        Assert.Equal(kind, failure?.Kind);
        Assert.Contains(words, failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_words_of_ssh_count_before_those_of_the_host_and_no_words_explain_nothing()
    {
        Assert.Equal(GitFailureKind.Unauthorized, SshFailures.Of("x: Permission denied (publickey).", "ERROR: Repository not found.", s_address)?.Kind);
        Assert.Equal(GitFailureKind.NotFound, SshFailures.Of("", "ERROR: Repository not found.", s_address)?.Kind);
        Assert.Null(SshFailures.Of("", " \n", s_address));
    }
}
