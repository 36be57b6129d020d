using System.Net;
using System.Net.Sockets;
using System.Text;
using Pushcart.Git;
using Pushcart.Tests.Real.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

/// <summary>What goes wrong over ssh, told apart; and that neither keys nor processes are left.</summary>
public sealed class SshFailureTests : IDisposable
{
    private readonly GitClient _client = new(TimeProvider.System);
    private readonly TestRepository _repository = TestRepository.Create();

    public void Dispose()
    {
        _client.Dispose();
        _repository.Dispose();
    }

    [SshFact]
    public async Task An_unknown_host_key_is_an_error_that_says_what_to_do_and_the_key_is_not_shown_to_the_host()
    {
        await using var server = new SshServer();
        var endpoint = server.Endpoint(_repository) with { Auth = new SshAuth(server.PrivateKey, "elsewhere.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPq") };

        var failure = await FailureAsync(endpoint);

        Assert.Equal(GitFailureKind.Untrusted, failure.Kind);
        Assert.Contains(
            $"the key of the host [127.0.0.1]:{server.Port} is not known, so it is not talked to. Add its line to the key known_hosts of the secret that authConfig names, "
            + $"or to Git:KnownHosts; ssh-keyscan -p {server.Port} 127.0.0.1 prints it",
            failure.Message,
            StringComparison.Ordinal);
        Assert.Equal(GitFailureKind.Untrusted, (await FailureAsync(endpoint)).Kind);
        Assert.Equal(0, server.Accepted);
        Assert.Empty(server.KeysLeft);
    }

    [SshFact]
    public async Task A_changed_host_key_is_an_error_of_its_own()
    {
        await using var server = new SshServer();
        server.AnotherKey("former");

        var failure = await FailureAsync(server.Endpoint(_repository) with { Auth = new SshAuth(server.PrivateKey, server.LineOf("former")) });

        Assert.Equal(GitFailureKind.Untrusted, failure.Kind);
        Assert.Contains("is not the one that known_hosts has: either the host was set up anew, or somebody stands in between", failure.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Accepted);
    }

    [SshFact]
    public async Task A_key_that_the_host_refuses_is_denied_and_one_that_is_none_is_told()
    {
        await using var server = new SshServer();
        var other = server.AnotherKey("other");
        var locked = server.AnotherKey("locked", "-N", "a passphrase");
        GitEndpoint With(string key) => server.Endpoint(_repository) with { Auth = new SshAuth(key, server.KnownHosts) };

        var refused = await FailureAsync(With(other));
        var rubbish = await FailureAsync(With("-----BEGIN OPENSSH PRIVATE KEY-----\nrubbish\n-----END OPENSSH PRIVATE KEY-----\n"));
        var protectedKey = await FailureAsync(With(locked));

        Assert.Equal(GitFailureKind.Unauthorized, refused.Kind);
        Assert.Contains($"the host refuses the key for the user {Environment.UserName}; add its public half there", refused.Message, StringComparison.Ordinal);
        Assert.Equal(GitFailureKind.Unauthorized, rubbish.Kind);
        Assert.Contains("look at the secret that authConfig names", rubbish.Message, StringComparison.Ordinal);
        Assert.Equal(GitFailureKind.Unauthorized, protectedKey.Kind);
        Assert.DoesNotContain(other.Split('\n')[1], refused.Message, StringComparison.Ordinal);
        Assert.Empty(server.KeysLeft);
    }

    [SshFact]
    public async Task A_repository_that_is_not_there_is_not_found()
    {
        await using var server = new SshServer();

        var failure = await FailureAsync(new GitEndpoint(server.UriOf("/nowhere/none.git")) { Auth = server.Auth });

        Assert.Equal(GitFailureKind.NotFound, failure.Kind);
        Assert.Contains(
            "there is no such repository, or none that this key may see (it says \"fatal: '/nowhere/none.git' does not appear to be a git repository\"); look at repoUri",
            failure.Message, StringComparison.Ordinal);
    }

    [SshTheory]
    [InlineData("echo 'ERROR: Repository not found.' >&2; exit 1", GitFailureKind.NotFound, "ERROR: Repository not found.")]
    [InlineData("echo 'remote: ===' >&2; echo 'remote: ERROR: The project you were looking for could not be found.' >&2; exit 1", GitFailureKind.NotFound, "could not be found")]
    [InlineData("echo 'ERROR: Permission to team/app denied to key.' >&2; exit 1", GitFailureKind.Forbidden, "denied to key")]
    [InlineData("echo 'Host key verification failed.' >&2; exit 255", GitFailureKind.ServerError, "Host key verification failed.")]
    [InlineData("exec git-upload-pac", GitFailureKind.NotFound, "not found")]
    [InlineData("echo 'sh: git-upload-pack: not found' >&2; exit 127", GitFailureKind.NotGit, "the host has no git")]
    [InlineData("echo 'Welcome to this host'; exec git-upload-pack .", GitFailureKind.NotGit, "a shell that prints a greeting")]
    [InlineData("exit 0", GitFailureKind.Unreachable, "cut off before its end")]
    [InlineData("printf '0032ERR access denied: ask the owner of this project!'; sleep 1", GitFailureKind.ServerError, "access denied: ask the owner")]
    [InlineData("printf '\\033[31mfatal: red\\033[0m and much more\\n' >&2; exit 1", GitFailureKind.ServerError, "fatal: red")]
    public async Task What_a_host_says_is_told_apart_and_shown_as_its_words(string script, GitFailureKind kind, string words)
    {
        await using var server = new SshServer(new() { Script = script });

        var failure = await FailureAsync(server.Endpoint(_repository));

        Assert.Equal(kind, failure.Kind);
        Assert.Contains(words, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    [SshFact]
    public async Task Words_without_end_are_cut_and_an_answer_without_end_is_too_large()
    {
        await using var talking = new SshServer(new() { Script = "yes 'ERROR: no and no and no' | head -c 3000000 >&2; exit 1" });
        await using var sending = new SshServer(new() { Script = "printf '000eversion 2\\n'; while :; do printf '0010ls-refs=x%02d\\n' 1; done | head -c 100000000" });

        var long1 = await FailureAsync(talking.Endpoint(_repository));
        var long2 = await FailureAsync(sending.Endpoint(_repository));

        Assert.Equal(GitFailureKind.ServerError, long1.Kind);
        Assert.InRange(long1.Message.Length, 1, 500);
        Assert.Equal(GitFailureKind.TooLarge, long2.Kind);
        Assert.Empty(sending.KeysLeft);
    }

    [SshTheory]
    [InlineData("sleep 1000000.75")]
    [InlineData("printf '000eversion 2\\n'; sleep 1000000.75")]
    public async Task A_host_that_hangs_ends_by_the_time_out_and_leaves_neither_process_nor_key(string script)
    {
        await using var server = new SshServer(new() { Script = script });
        using var client = new GitClient(TimeProvider.System, new GitLimits { RefsTimeout = TimeSpan.FromSeconds(2) });
        var endpoint = server.Endpoint(_repository);
        var since = TimeProvider.System.GetTimestamp();

        var asking = Enumerable.Range(0, 16).Select(_ => client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).ToList();
        var answers = await Task.WhenAll(asking);

        Assert.All(answers, answer => Assert.Equal(GitFailureKind.TimedOut, answer.Failure?.Kind));
        Assert.EndsWith("no whole answer within 2 s", answers[0].Failure!.Message, StringComparison.Ordinal);
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(8));
        Assert.Empty(server.KeysLeft);
        Assert.Empty(ProcessPlace.WithArgument(server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    [SshFact]
    public async Task A_caller_that_cancels_gets_no_answer_and_leaves_no_key()
    {
        await using var server = new SshServer(new() { Script = "sleep 1000000.25" });
        using var cancelled = new CancellationTokenSource(TimeSpan.FromSeconds(1), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _client.ListRefsAsync(server.Endpoint(_repository), ["refs/heads/main"], null, cancelled.Token));

        Assert.Empty(server.KeysLeft);
    }

    [SshFact]
    public async Task Refused_connections_unknown_hosts_and_what_is_not_ssh_are_told_apart()
    {
        var server = new SshServer();
        var auth = server.Auth;
        await server.DisposeAsync();
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var answering = AnswerAsync(other, "HTTP/1.1 400 Bad Request\r\n\r\n<html>no</html>\r\n");

        var refused = await FailureAsync(new GitEndpoint(server.UriOf("/x.git")) { Auth = auth });
        var unknown = await FailureAsync(new GitEndpoint("ssh://git@no-such-host.invalid/x.git") { Auth = auth });
        var http = await FailureAsync(new GitEndpoint($"ssh://git@127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}/x.git") { Auth = auth });
        await answering;

        Assert.Equal((GitFailureKind.Unreachable, true), (refused.Kind, refused.Message.EndsWith(": the connection was refused", StringComparison.Ordinal)));
        Assert.Equal((GitFailureKind.Unreachable, true), (unknown.Kind, unknown.Message.EndsWith(": the host's name is not known (DNS)", StringComparison.Ordinal)));
        Assert.Equal((GitFailureKind.Unreachable, true), (http.Kind, http.Message.Contains("or what answers is not ssh", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Without_an_ssh_on_the_machine_without_a_key_or_with_a_wrong_address_the_error_says_so()
    {
        using var none = new GitClient(TimeProvider.System, path: _repository.Root);
        var endpoint = new GitEndpoint("git@git.example.com:team/app.git") { Auth = new SshAuth("key", "hosts") };

        var program = (await none.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).Failure!;
        var key = await FailureAsync(endpoint with { Auth = GitAuth.None });
        var option = await FailureAsync(endpoint with { RepoUri = "ssh://git@-oProxyCommand=touch/app.git" });

        Assert.Equal(
            new GitFailure(GitFailureKind.Unsupported, "git.example.com:team/app.git: there is no program ssh on this machine's PATH; install OpenSSH's client, or use an https:// address"),
            program);
        Assert.Equal((GitFailureKind.Unauthorized, true), (key.Kind, key.Message.Contains("needs a key; set authConfig", StringComparison.Ordinal)));
        Assert.Equal((GitFailureKind.Unsupported, true), (option.Kind, option.Message.Contains("names no valid host", StringComparison.Ordinal)));
    }

    [SshFact]
    public async Task What_a_killed_process_left_is_removed_at_the_next_use()
    {
        await using var server = new SshServer();
        var old = Directory.CreateTempSubdirectory("pushcart-ssh-").FullName;
        var young = Directory.CreateTempSubdirectory("pushcart-ssh-").FullName;
        await File.WriteAllTextAsync(Path.Combine(old, "key"), "left over");
        Directory.SetLastWriteTimeUtc(old, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));

        await FailureAsync(server.Endpoint(_repository));

        Assert.False(Directory.Exists(old));
        Assert.True(Directory.Exists(young));
        Directory.Delete(young);
    }

    private static async Task AnswerAsync(TcpListener listener, string text)
    {
        using var connection = await listener.AcceptTcpClientAsync();
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(text));
    }

    private async Task<GitFailure> FailureAsync(GitEndpoint endpoint) =>
        (await _client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).Failure ?? throw new InvalidOperationException("it was answered");
}
