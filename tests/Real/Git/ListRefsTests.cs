using Pushcart.Cli.Demo;
using Pushcart.Git;

namespace Pushcart.Tests.Real.Git;

public sealed class ListRefsTests
{
    [Fact]
    public async Task A_branch_is_one_request_and_less_than_1500_bytes()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");

        var refs = await git.ExpectRefsAsync(null, "refs/heads/main");

        Assert.Equal(commit, Assert.Single(refs.Commits, pair => pair.Key == "refs/heads/main").Value);
        Assert.Equal(new GitDialect(), refs.Dialect);
        Assert.Equal(["POST"], await git.RequestsAsync());
        Assert.InRange(git.Received, 1, 1500);
    }

    [Fact]
    public async Task Several_references_are_one_request()
    {
        await using var git = new GitFixture();
        var first = git.Repository.Commit("a.txt", "a");
        var second = git.Repository.Commit("a.txt", "b");
        git.Repository.SetBranch("old", first);
        git.Repository.Tag("v2", second);

        var refs = await git.ExpectRefsAsync(null, "refs/heads/main", "refs/heads/old", "refs/tags/v2", "refs/heads/none");

        Assert.Equal(
            new Dictionary<string, string> { ["refs/heads/main"] = second, ["refs/heads/old"] = first, ["refs/tags/v2"] = second }, refs.Commits);
        Assert.Equal(1, git.Server.RequestCount);
    }

    [Fact]
    public async Task An_annotated_tag_is_its_commit()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");
        Assert.NotEqual(commit, git.Repository.AnnotatedTag("v1", commit));

        Assert.Equal(commit, (await git.ExpectRefsAsync(null, "refs/tags/v1")).Commits["refs/tags/v1"]);
    }

    [Fact]
    public async Task A_branch_and_a_tag_of_the_same_name_are_two()
    {
        await using var git = new GitFixture();
        var tagged = git.Repository.Commit("a.txt", "a", "release");
        git.Repository.AnnotatedTag("release", tagged);
        var tip = git.Repository.Commit("a.txt", "b", "release");

        Assert.Equal(tip, (await git.ExpectRefsAsync(null, "refs/heads/release")).Commits["refs/heads/release"]);
        Assert.Equal(tagged, (await git.ExpectRefsAsync(null, "refs/tags/release")).Commits["refs/tags/release"]);
    }

    [Fact]
    public async Task Only_the_full_name_matches_not_longer_ones()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a", "main2");
        git.Repository.SetBranch("main-line", commit);
        git.Repository.SetBranch("mainx/y", commit);

        Assert.Empty((await git.ExpectRefsAsync(null, "refs/heads/main")).Commits);

        git.Repository.SetBranch("main", commit);
        Assert.Equal(["refs/heads/main"], (await git.ExpectRefsAsync(null, "refs/heads/main")).Commits.Keys);
    }

    [Fact]
    public async Task A_deleted_branch_is_absent()
    {
        await using var git = new GitFixture();
        git.Repository.Commit("a.txt", "a");
        git.Repository.Commit("a.txt", "a", "gone");
        git.Repository.DeleteBranch("gone");

        Assert.Equal(["refs/heads/main"], (await git.ExpectRefsAsync(null, "refs/heads/main", "refs/heads/gone")).Commits.Keys);
    }

    [Fact]
    public async Task A_forced_push_is_seen()
    {
        await using var git = new GitFixture();
        var first = git.Repository.Commit("a.txt", "a");
        git.Repository.Commit("a.txt", "b");
        var rewritten = git.Repository.ForcePush("main", first, Support.TestFile.Text("a.txt", "c"));

        Assert.Equal(rewritten, (await git.ExpectRefsAsync(null, "refs/heads/main")).Commits["refs/heads/main"]);
    }

    [Fact]
    public async Task A_sha256_repository_is_remembered_as_such()
    {
        await using var git = new GitFixture(sha256: true);
        var commit = git.Repository.Commit("a.txt", "a");
        Assert.Equal(64, commit.Length);

        var refs = await git.ExpectRefsAsync(null, "refs/heads/main");
        Assert.Equal(commit, refs.Commits["refs/heads/main"]);
        Assert.Equal("sha256", refs.Dialect.ObjectFormat);

        var before = git.Server.RequestCount;
        Assert.Equal(commit, (await git.ExpectRefsAsync(refs.Dialect, "refs/heads/main")).Commits["refs/heads/main"]);
        Assert.Equal(before + 1, git.Server.RequestCount);
    }

    [Fact]
    public async Task What_is_remembered_wrongly_is_found_out()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");

        foreach (var wrong in (GitDialect[])[new(ObjectFormat: "sha256"), new(Protocol: 0), new(Location: git.Server.UriOf("moved.git"))])
        {
            var refs = await git.ExpectRefsAsync(wrong, "refs/heads/main");
            Assert.Equal(commit, refs.Commits["refs/heads/main"]);
            Assert.Equal(new GitDialect(), refs.Dialect);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_empty_repository_is_told_from_a_missing_branch(bool passProtocol)
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { PassProtocol = passProtocol });

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;
        Assert.Equal(GitFailureKind.Empty, failure?.Kind);
        Assert.Contains("app.git: the repository has no branches and no tags yet", failure!.Message, StringComparison.Ordinal);

        git.Repository.Commit("a.txt", "a", "other");
        Assert.Empty((await git.ExpectRefsAsync(null, "refs/heads/main")).Commits);
    }

    [Fact]
    public async Task A_server_that_reads_no_version_answers_too_and_then_costs_one_request()
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { PassProtocol = false });
        var commit = git.Repository.Commit("a.txt", "a");
        git.Repository.AnnotatedTag("v1", commit);

        var refs = await git.ExpectRefsAsync(null, "refs/heads/main", "refs/tags/v1", "refs/heads/none");
        Assert.Equal(new Dictionary<string, string> { ["refs/heads/main"] = commit, ["refs/tags/v1"] = commit }, refs.Commits);
        Assert.Equal(0, refs.Dialect.Protocol);
        Assert.Equal(["POST", "GET"], await git.RequestsAsync());

        await git.ExpectRefsAsync(refs.Dialect, "refs/heads/main");
        Assert.Equal(["POST", "GET", "GET"], await git.RequestsAsync());
    }

    [Fact]
    public async Task Two_hundred_references_are_one_request()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");
        var names = Enumerable.Range(0, 200).Select(i => $"refs/heads/feature/{i}").ToArray();
        foreach (var name in names)
        {
            // As the files of references are: a process for each would take seconds.
            var file = Path.Combine(git.Repository.Folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, commit + "\n");
        }

        Assert.Equal(200, (await git.ExpectRefsAsync(null, names)).Commits.Count);
        Assert.Equal(1, git.Server.RequestCount);
    }

    [Fact]
    public async Task Sixteen_calls_at_once_are_all_answered()
    {
        await using var git = new GitFixture();
        var commit = git.Repository.Commit("a.txt", "a");

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => git.ExpectRefsAsync(null, "refs/heads/main")));

        Assert.All(answers, refs => Assert.Equal(commit, refs.Commits["refs/heads/main"]));
    }
}
