using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

/// <summary>Sources over ssh: real <c>ssh</c>, real <c>sshd</c>, real git.</summary>
public sealed class SshTests : IDisposable
{
    private readonly GitClient _client = new(TimeProvider.System);
    private readonly TestRepository _repository = TestRepository.Create();

    public static TheoryData<int, bool> Kinds => new() { { 2, false }, { 1, false }, { 0, false }, { 2, true }, { 0, true } };

    public void Dispose()
    {
        _client.Dispose();
        _repository.Dispose();
    }

    [SshTheory]
    [MemberData(nameof(Kinds))]
    public async Task References_are_read_in_every_version_of_the_protocol_and_what_the_host_speaks_is_remembered(int protocol, bool sha256)
    {
        await using var server = new SshServer(new() { Protocol = protocol });
        using var repository = TestRepository.Create(sha256: sha256);
        var tagged = repository.Commit("a.txt", "a");
        repository.AnnotatedTag("v1", tagged);
        var tip = repository.Commit("a.txt", "b");

        var refs = await RefsAsync(server.Endpoint(repository), "refs/heads/main", "refs/tags/v1", "refs/heads/none");

        Assert.Equal(new Dictionary<string, string> { ["refs/heads/main"] = tip, ["refs/tags/v1"] = tagged }, refs.Commits);
        Assert.Equal(new GitDialect(protocol == 2 ? 2 : 0, sha256 ? "sha256" : "sha1"), refs.Dialect);
        Assert.Equal(1, server.Accepted);
        Assert.Empty(server.KeysLeft);
    }

    [SshTheory]
    [InlineData(2, true, false)]
    [InlineData(2, false, false)]
    [InlineData(1, true, false)]
    [InlineData(0, false, false)]
    [InlineData(0, true, true)]
    [InlineData(2, true, true)]
    public async Task The_files_are_those_that_git_lists(int protocol, bool allowFilter, bool sha256)
    {
        await using var server = new SshServer(new() { Protocol = protocol, AllowFilter = allowFilter });
        using var repository = TestRepository.Create(sha256: sha256);
        repository.Commit("old", "old");
        var commit = repository.Commit("main", TestFile.Text("README.md", "hello"), TestFile.Text("a/b/c.txt", "deep"), TestFile.Executable("run.sh", "x"));

        var answer = await _client.ListFilesAsync(server.Endpoint(repository), commit, "refs/heads/main", null, CancellationToken.None);

        Assert.Equal(["README.md", "a/b/c.txt", "old", "run.sh"], answer.Value?.Files.Select(file => file.Path));
        Assert.Equal(1, server.Accepted);
    }

    [SshFact]
    public async Task Of_an_old_server_a_commit_that_only_an_annotated_tag_names_is_had_by_the_tag()
    {
        await using var server = new SshServer(new() { Protocol = 0 });
        var tagged = _repository.Commit("a.txt", "a");
        _repository.AnnotatedTag("v1", tagged);
        _repository.Commit("b.txt", "b");

        var answer = await _client.ListFilesAsync(server.Endpoint(_repository), tagged, "refs/tags/v1", null, CancellationToken.None);

        Assert.Equal("a.txt", Assert.Single(answer.Value!.Files).Path);
    }

    [SshTheory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task A_commit_that_the_server_does_not_have_fails_and_says_where_the_branch_is(int protocol)
    {
        await using var server = new SshServer(new() { Protocol = protocol });
        var commit = _repository.Commit("a.txt", "a");
        var gone = new string('1', 40);

        var failure = (await _client.ListFilesAsync(server.Endpoint(_repository), gone, "refs/heads/main", null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.NotFound, failure?.Kind);
        Assert.EndsWith($"the server does not have the commit {gone} any more: refs/heads/main is at {commit}", failure!.Message, StringComparison.Ordinal);
    }

    [SshTheory]
    [InlineData(2)]
    [InlineData(0)]
    public async Task An_empty_repository_is_told_from_a_missing_branch(int protocol)
    {
        await using var server = new SshServer(new() { Protocol = protocol });

        Assert.Equal(GitFailureKind.Empty, (await FailureAsync(server.Endpoint(_repository))).Kind);

        _repository.Commit("a.txt", "a", "other");
        Assert.Empty((await RefsAsync(server.Endpoint(_repository), "refs/heads/main")).Commits);
    }

    [SshFact]
    public async Task A_path_with_quotes_and_words_of_a_shell_is_a_path()
    {
        await using var server = new SshServer();
        using var repository = TestRepository.Create("it's $(touch owned) `x`;\"q\" !h #1.git");
        var commit = repository.Commit("a.txt", "a");

        Assert.Equal(commit, (await RefsAsync(server.Endpoint(repository), "refs/heads/main")).Commits["refs/heads/main"]);
    }

    [SshFact]
    public async Task The_form_of_scp_reaches_the_same_repository_and_ssh_is_told_no_secret()
    {
        await using var server = new SshServer();
        using var place = TestRepository.Create("bin.git");
        var commit = _repository.Commit("a.txt", "a");

        // An ssh that notes what it is given, and goes on with the port that this form cannot name.
        var bin = place.Root;
        var program = Path.Combine(bin, "ssh");
        await File.WriteAllTextAsync(program, $"""
            #!/bin/sh
            cat /proc/$$/cmdline /proc/$$/environ | tr '\0' '\n' > '{bin}/given'
            stat -c '%a %n' . key >> '{bin}/given'
            exec {SshServer.Find("ssh")} -p {server.Port} "$@"
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        using var client = new GitClient(TimeProvider.System, path: bin);

        var answer = await client.ListRefsAsync(
            new GitEndpoint($"{Environment.UserName}@127.0.0.1:{_repository.Folder}") { Auth = server.Auth }, ["refs/heads/main"], null, CancellationToken.None);

        Assert.True(answer.Failure is null, answer.Failure?.Message);
        Assert.Equal(commit, answer.Value!.Commits["refs/heads/main"]);
        var given = await File.ReadAllTextAsync(Path.Combine(bin, "given"));
        Assert.Contains("\n-F\n./config\n", given, StringComparison.Ordinal);
        Assert.Contains($"\n--\n127.0.0.1\ngit-upload-pack '{_repository.Folder}'\n", given, StringComparison.Ordinal);
        Assert.Contains("\nGIT_PROTOCOL=version=2\n", given, StringComparison.Ordinal);
        Assert.Contains("\n700 .\n600 key\n", given, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", given, StringComparison.Ordinal);
        Assert.DoesNotContain(server.PrivateKey.Split('\n')[1], given, StringComparison.Ordinal);
        Assert.DoesNotContain("HOME=", given, StringComparison.Ordinal);
        Assert.DoesNotContain("SSH_AUTH_SOCK=", given, StringComparison.Ordinal);
    }

    [SshFact]
    public async Task Line_ends_of_windows_and_a_missing_last_one_do_no_harm_to_a_key()
    {
        await using var server = new SshServer();
        var commit = _repository.Commit("a.txt", "a");
        var auth = new SshAuth(server.PrivateKey.TrimEnd().ReplaceLineEndings("\r\n"), server.KnownHosts.TrimEnd().ReplaceLineEndings("\r\n"));

        Assert.Equal(commit, (await RefsAsync(server.Endpoint(_repository) with { Auth = auth }, "refs/heads/main")).Commits["refs/heads/main"]);
    }

    [SshFact]
    public async Task Sixteen_calls_at_once_are_all_answered()
    {
        await using var server = new SshServer();
        var commit = _repository.Commit("a.txt", "a");

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => RefsAsync(server.Endpoint(_repository), "refs/heads/main")));

        Assert.All(answers, refs => Assert.Equal(commit, refs.Commits["refs/heads/main"]));
        Assert.Empty(server.KeysLeft);
    }

    private async Task<GitRefs> RefsAsync(GitEndpoint endpoint, params string[] names)
    {
        var answer = await _client.ListRefsAsync(endpoint, names, null, CancellationToken.None);
        Assert.True(answer.Failure is null, answer.Failure?.Message);
        return answer.Value!;
    }

    private async Task<GitFailure> FailureAsync(GitEndpoint endpoint) =>
        (await _client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).Failure ?? throw new InvalidOperationException("it was answered");
}
