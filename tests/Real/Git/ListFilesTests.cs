using Pushcart.Cli.Demo;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

public sealed class ListFilesTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public async Task The_files_are_those_that_git_lists(bool allowFilter, bool sha256)
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { AllowFilter = allowFilter }, sha256: sha256);
        var other = git.Repository.Commit("x", "x", "other");
        var commit = git.Repository.Commit(
            "main",
            TestFile.Text("README.md", "hello"),
            TestFile.Text("a/b/c/d.txt", "deep"),
            TestFile.Text("a/b-c.txt", "sorts before a/b/c"),
            TestFile.Text("a.txt", "and this before a"),
            TestFile.Executable("run.sh", "#!/bin/sh\n"),
            TestFile.Link("link", "README.md"),
            TestFile.Submodule("modules/other", other),
            TestFile.Text("tschüß/日本語/🚀 rocket.txt", "unicode"),
            TestFile.Text("with \"quotes\" and \\ and spaces", "odd"));

        var tree = await git.ExpectFilesAsync(commit);

        Assert.Equal(LsTree(git.Repository, commit), tree.Files);
        Assert.Equal(9, tree.Files.Count);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Folders_that_are_sent_as_deltas_are_resolved(bool allowFilter)
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { AllowFilter = allowFilter });
        var shared = Enumerable.Range(0, 200).Select(i => $"file-{i:000}.txt").ToList();
        var files = Enumerable.Range(0, 60).SelectMany(folder =>
            shared.Select(name => TestFile.Text($"folder-{folder:00}/{name}", name == $"file-{folder:000}.txt" ? "changed" : name + new string('x', 200)))).ToArray();
        var commit = git.Repository.Commit("main", files);
        git.Repository.Git("repack", "-adfq", "--depth=50", "--window=50");
        var index = Directory.GetFiles(Path.Combine(git.Repository.Folder, "objects", "pack"), "*.idx").Single();
        Assert.Matches("chain length = [1-9]", git.Repository.Git("verify-pack", "-v", index));

        var tree = await git.ExpectFilesAsync(commit);

        Assert.Equal(LsTree(git.Repository, commit), tree.Files);
        Assert.Equal(12_000, tree.Files.Count);
    }

    [Fact]
    public async Task Contents_are_not_downloaded()
    {
        await using var git = new GitFixture();
        var noise = new byte[1_000_000];
        Chance.System.Fill(noise);
        var commit = git.Repository.Commit("main", new TestFile("large.bin", "100644", noise));

        await git.ExpectFilesAsync(commit);

        Assert.InRange(git.Received, 1, 5000);
        Assert.Equal(["POST"], await git.RequestsAsync());
    }

    [Fact]
    public async Task Contents_that_a_server_sends_nonetheless_are_skipped()
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { AllowFilter = false });
        var noise = new byte[1_000_000];
        Chance.System.Fill(noise);
        var commit = git.Repository.Commit(
            "main", new TestFile("noise.bin", "100644", noise), new TestFile("zeros.bin", "100644", new byte[20_000_000]), TestFile.Text("a/b", "c"));

        var tree = await git.ExpectFilesAsync(commit);

        Assert.Equal(LsTree(git.Repository, commit), tree.Files);
        Assert.Equal(["POST", "GET", "POST"], await git.RequestsAsync());
    }

    [Fact]
    public async Task An_older_commit_of_a_branch_is_given_too()
    {
        await using var git = new GitFixture();
        var first = git.Repository.Commit("a.txt", "a");
        git.Repository.Commit("b.txt", "b");

        Assert.Equal("a.txt", Assert.Single((await git.ExpectFilesAsync(first)).Files).Path);
    }

    [Fact]
    public async Task A_commit_without_files_has_none()
    {
        await using var git = new GitFixture();
        git.Repository.Commit("a.txt", "a");
        var commit = git.Repository.Commit("main", TestFile.Deleted("a.txt"));

        Assert.Empty((await git.ExpectFilesAsync(commit)).Files);
    }

    [Fact]
    public async Task The_hash_tells_whether_the_watched_files_have_changed()
    {
        await using var git = new GitFixture();
        var first = await git.ExpectFilesAsync(git.Repository.Commit("main", TestFile.Text("src/a.cs", "a"), TestFile.Text("docs/a.md", "a")));
        var docs = await git.ExpectFilesAsync(git.Repository.Commit("docs/a.md", "b"));
        var source = await git.ExpectFilesAsync(git.Repository.Commit("src/a.cs", "b"));
        var mode = await git.ExpectFilesAsync(git.Repository.Commit("main", TestFile.Executable("src/a.cs", "b")));
        var moved = await git.ExpectFilesAsync(
            git.Repository.Commit("main", TestFile.Deleted("src/a.cs"), TestFile.Executable("src/b.cs", "b")));

        var hashes = new[] { first, docs, source, mode, moved }.Select(tree => tree.HashOf(path => path.StartsWith("src/", StringComparison.Ordinal))).ToList();

        Assert.Equal(hashes[0], hashes[1]);
        Assert.Equal(4, hashes.Distinct().Count());
        Assert.All(hashes, hash => Assert.Matches("^[0-9a-f]{64}$", hash));
    }

    [Fact]
    public async Task A_commit_that_the_server_does_not_have_fails_and_says_where_the_branch_is()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");
        var gone = new string('1', 40);

        var failure = (await git.Client.ListFilesAsync(git.Endpoint, gone, "refs/heads/main", null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.NotFound, failure?.Kind);
        Assert.EndsWith($"the server does not have the commit {gone} any more: refs/heads/main is at {commit}", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(GitFailureKind.NotFound, (await git.Client.ListFilesAsync(git.Endpoint, gone, null, null, CancellationToken.None)).Failure?.Kind);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public async Task A_server_that_reads_no_version_gives_the_files_too(bool allowFilter, bool sha256)
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { PassProtocol = false, AllowFilter = allowFilter }, sha256: sha256);
        git.Repository.Commit("a.txt", "a");
        var commit = git.Repository.Commit("b/c.txt", "b");

        var tree = await git.ExpectFilesAsync(commit);

        Assert.Equal(LsTree(git.Repository, commit), tree.Files);
        Assert.Equal(["POST", "GET", "POST"], await git.RequestsAsync());
        await git.ExpectFilesAsync(commit, new GitDialect(0, sha256 ? "sha256" : "sha1"));
        Assert.Equal(["GET", "POST"], (await git.RequestsAsync()).Skip(3));
    }

    [Fact]
    public async Task Version_1_gives_references_and_files()
    {
        await using var git = new GitFixture();
        using var client = new GitClient(TimeProvider.System, null, _ => new VersionOne());
        var commit = git.Repository.Commit("b/c.txt", "b");

        var refs = await client.ListRefsAsync(git.Endpoint, ["refs/heads/main"], null, CancellationToken.None);
        var tree = await client.ListFilesAsync(git.Endpoint, commit, null, refs.Value?.Dialect, CancellationToken.None);

        Assert.Equal(commit, refs.Value?.Commits["refs/heads/main"]);
        Assert.Equal(0, refs.Value?.Dialect.Protocol);
        Assert.Equal(LsTree(git.Repository, commit), tree.Value?.Files);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".GIT")]
    [InlineData("a/b")]
    [InlineData(".")]
    public async Task A_name_that_no_file_may_have_is_refused(string name)
    {
        await using var git = new GitFixture();
        var blob = Convert.FromHexString(git.Repository.Store("blob", "x"u8.ToArray()));
        var tree = git.Repository.Store("tree", [.. "100644 "u8, .. System.Text.Encoding.UTF8.GetBytes(name), 0, .. blob]);
        var commit = git.Repository.Git("commit-tree", "-m", "bad", tree).Trim();
        git.Repository.SetBranch("main", commit);

        var failure = (await git.Client.ListFilesAsync(git.Endpoint, commit, null, null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.Malformed, failure?.Kind);
    }

    [Fact]
    public async Task A_name_that_is_not_utf8_is_listed()
    {
        await using var git = new GitFixture();
        var blob = Convert.FromHexString(git.Repository.Store("blob", "x"u8.ToArray()));
        var tree = git.Repository.Store("tree", [.. "100644 caf"u8, 0xe9, 0, .. blob]);
        var commit = git.Repository.Git("commit-tree", "-m", "latin", tree).Trim();
        git.Repository.SetBranch("main", commit);

        Assert.Equal("caf\\351", Assert.Single((await git.ExpectFilesAsync(commit)).Files).Path);
    }

    [Fact]
    public async Task Folders_that_unfold_without_end_are_too_large()
    {
        await using var git = new GitFixture();
        var blob = Convert.FromHexString(git.Repository.Store("blob", "x"u8.ToArray()));
        var id = git.Repository.Store("tree", [.. "100644 x\0"u8, .. blob]);
        for (var level = 0; level < 12; level++)
        {
            var tree = Convert.FromHexString(id);
            id = git.Repository.Store("tree", [.. Enumerable.Range(0, 10).SelectMany(i => (byte[])[.. "40000 "u8, (byte)('a' + i), 0, .. tree])]);
        }

        var commit = git.Repository.Git("commit-tree", "-m", "bomb", id).Trim();
        git.Repository.SetBranch("main", commit);

        var failure = (await git.Client.ListFilesAsync(git.Endpoint, commit, null, null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.TooLarge, failure?.Kind);
    }

    [Fact]
    public async Task A_pack_larger_than_the_limit_is_not_read()
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { AllowFilter = false }, new GitLimits { PackBytes = 100_000 });
        var noise = new byte[1_000_000];
        Chance.System.Fill(noise);
        var commit = git.Repository.Commit("main", new TestFile("noise.bin", "100644", noise));

        var failure = (await git.Client.ListFilesAsync(git.Endpoint, commit, null, null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.TooLarge, failure?.Kind);
        Assert.Contains("100,000 bytes", failure!.Message, StringComparison.Ordinal);
    }

    private static List<GitFile> LsTree(TestRepository repository, string commit) =>
        [.. repository.Git("ls-tree", "-r", "-z", commit).Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split([' ', '\t'], 4)).Select(parts => new GitFile(parts[3], parts[0], parts[2]))];

    // To have git speak version 1, whatever is asked for.
    private sealed class VersionOne() : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Remove("Git-Protocol");
            request.Headers.Add("Git-Protocol", "version=1");
            return base.SendAsync(request, cancellationToken);
        }
    }
}
