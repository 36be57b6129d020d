using System.Security.Cryptography;
using Pushcart.Git;
using Pushcart.Git.Packs;

namespace Pushcart.Tests.Unit.Git.Packs;

public sealed class TreeWalkTests
{
    private static readonly byte[] Blob = RandomNumberGenerator.GetBytes(20);

    [Theory]
    [InlineData("100644", "100644")]
    [InlineData("100664", "100644")]
    [InlineData("100775", "100755")]
    [InlineData("120000", "120000")]
    [InlineData("160000", "160000")]
    public async Task Modes_are_those_that_git_knows(string written, string mode) =>
        Assert.Equal(new GitFile("a", mode, Convert.ToHexStringLower(Blob)), Assert.Single((await FilesAsync(PackBuilder.Entry(written, "a", Blob))).Files));

    [Theory]
    [InlineData("100844", "a")]
    [InlineData("777", "a")]
    [InlineData("", "a")]
    [InlineData("140000", "a")]
    [InlineData("100644", "")]
    [InlineData("100644", ".git")]
    [InlineData("40000", ".Git")]
    [InlineData("40000", "..")]
    [InlineData("100644", "../../etc/passwd")]
    public async Task Entries_that_no_git_writes_are_malformed(string mode, string name) =>
        Assert.Equal(GitFailureKind.Malformed, (await FailureAsync(PackBuilder.Entry(mode, name, Blob))).Kind);

    [Fact]
    public async Task A_tree_that_is_cut_or_missing_is_malformed()
    {
        var entry = PackBuilder.Entry("100644", "a", Blob);
        for (var length = 1; length < entry.Length; length++)
        {
            Assert.Equal(GitFailureKind.Malformed, (await FailureAsync(entry[..length])).Kind);
        }

        Assert.Equal(GitFailureKind.Malformed, (await FailureAsync(PackBuilder.Entry("40000", "a", Blob))).Kind);
    }

    [Fact]
    public async Task Folders_within_each_other_without_end_are_too_large()
    {
        Assert.Equal(GitFailureKind.TooLarge, (await FailureAsync(Nested(128, "d"))).Kind);
        Assert.Equal(255, Assert.Single((await FilesAsync(Nested(127, "d"))).Files).Path.Length);
        Assert.Equal(GitFailureKind.TooLarge, (await FailureAsync(Nested(100, new string('d', 50)))).Kind);
    }

    private static byte[][] Nested(int depth, string name)
    {
        byte[][] trees = [PackBuilder.Entry("100644", "f", Blob)];
        for (var i = 0; i < depth; i++)
        {
            trees = [PackBuilder.Entry("40000", name, PackBuilder.Id("tree", trees[0])), .. trees];
        }

        return trees;
    }

    private static async Task<GitException> FailureAsync(params byte[][] trees) => await Assert.ThrowsAsync<GitException>(() => FilesAsync(trees));

    private static async Task<GitTree> FilesAsync(params byte[][] trees)
    {
        var commit = PackBuilder.Commit(PackBuilder.Id("tree", trees[0]));
        var pack = trees.Aggregate(new PackBuilder().Add(PackedKind.Commit, commit), (builder, tree) => builder.Add(PackedKind.Tree, tree));
        return new TreeWalk(await PackBuilder.ReadAsync(pack.Build()), "sha1", GitLimits.Default).Files(Convert.ToHexStringLower(PackBuilder.Id("commit", commit)));
    }
}
