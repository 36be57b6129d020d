using System.Text;
using Pushcart.Git;
using Pushcart.Git.Protocol;

namespace Pushcart.Tests.Unit.Git;

public sealed class AnswerTests
{
    private static readonly string One = new('1', 40);
    private static readonly string Two = new('2', 40);

    [Fact]
    public async Task Only_wanted_names_are_taken_and_peeled()
    {
        var commits = await LsRefs.ReadAsync(
            Lines($"{One} refs/heads/main symref-target:x\n", $"{One} refs/heads/main2\n", $"{One} refs/tags/v1 peeled:{Two}\n", "unborn HEAD\n", null),
            new HashSet<string> { "refs/heads/main", "refs/tags/v1" }, "sha1", 10, default);

        Assert.Equal(new Dictionary<string, string> { ["refs/heads/main"] = One, ["refs/tags/v1"] = Two }, commits);
    }

    [Theory]
    [InlineData("nonsense\n", GitFailureKind.Malformed)]
    [InlineData("NAK refs/heads/main\n", GitFailureKind.Malformed)]
    [InlineData("1234 refs/heads/main\n", GitFailureKind.Malformed)]
    [InlineData("1111111111111111111111111111111111111111 refs/heads/main\n", GitFailureKind.Unreachable)]
    public async Task An_answer_that_is_none_fails(string line, GitFailureKind kind)
    {
        var failure = await Assert.ThrowsAsync<GitException>(
            () => LsRefs.ReadAsync(Lines(line), new HashSet<string> { "refs/heads/main" }, "sha1", 10, default));

        Assert.Equal(kind, failure.Kind);
    }

    [Fact]
    public async Task More_references_than_the_limit_are_too_many()
    {
        var lines = Enumerable.Range(0, 11).Select(i => $"{One} refs/heads/main{i}\n").ToArray();

        Assert.Equal(
            GitFailureKind.TooLarge,
            (await Assert.ThrowsAsync<GitException>(() => LsRefs.ReadAsync(Lines(lines), new HashSet<string>(), "sha1", 10, default))).Kind);
        Assert.Equal(
            GitFailureKind.TooLarge, (await Assert.ThrowsAsync<GitException>(() => Advertisement.ReadAsync(Lines(lines), 10, default))).Kind);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_older_advertisement_is_read(bool version1)
    {
        var refs = (string?[])[$"{One} HEAD\0multi_ack symref=HEAD:refs/heads/main\n", $"{One} refs/heads/main\n", $"{Two} refs/tags/v1\n", $"{One} refs/tags/v1^{{}}\n", null];

        var advertised = await Advertisement.ReadAsync(
            Lines(["# service=git-upload-pack\n", null, .. version1 ? (string?[])["version 1\n", .. refs] : refs]), 10, default);

        Assert.Equal((0, "sha1"), (advertised.Version, advertised.ObjectFormat));
        Assert.Equal(
            new Dictionary<string, string> { ["HEAD"] = One, ["refs/heads/main"] = One, ["refs/tags/v1"] = One }, advertised.Commits);
    }

    [Fact]
    public async Task An_older_advertisement_of_an_empty_repository_has_no_reference()
    {
        var advertised = await Advertisement.ReadAsync(
            Lines("# service=git-upload-pack\n", null, $"{new string('0', 64)} capabilities^{{}}\0object-format=sha256\n", null), 10, default);

        Assert.Empty(advertised.Commits);
        Assert.Equal("sha256", advertised.ObjectFormat);
    }

    [Fact]
    public async Task An_answer_with_nothing_in_it_is_no_empty_repository()
    {
        Assert.Equal(GitFailureKind.Unreachable, (await Assert.ThrowsAsync<GitException>(() => Advertisement.ReadAsync(Lines(), 10, default))).Kind);
    }

    [Fact]
    public async Task An_older_server_is_asked_for_a_tag_where_it_advertises_the_commit_by_nothing_else()
    {
        var three = new string('3', 40);
        var advertised = await Advertisement.ReadAsync(
            Lines($"{One} refs/heads/main\0shallow side-band-64k filter\n", $"{Two} refs/tags/v1\n", $"{three} refs/tags/v1^{{}}\n", $"{Two} refs/tags/v2\n", $"{One} refs/tags/v2^{{}}\n", null),
            10, default);

        Assert.Equal((Two, One, "4"), (advertised.Wanted(three), advertised.Wanted(One), advertised.Wanted("4")));
        Assert.Equal(
            $"005dwant {One} ofs-delta side-band-64k no-progress filter\n000ddeepen 1\n0015filter blob:none\n00000009done\n",
            Encoding.UTF8.GetString(Fetch.OlderRequest(One, advertised)));
    }

    [Theory]
    [InlineData("side-band-64k")]
    [InlineData("shallow")]
    public async Task An_older_server_without_shallow_commits_is_not_asked(string capabilities)
    {
        var advertised = await Advertisement.ReadAsync(Lines($"{One} refs/heads/main\0{capabilities}\n", null), 10, default);

        Assert.Equal(GitFailureKind.Unsupported, Assert.Throws<GitException>(() => Fetch.OlderRequest(One, advertised)).Kind);
    }

    [Theory]
    [InlineData("NACK\n", GitFailureKind.Malformed)]
    [InlineData("shallow 1111111111111111111111111111111111111111\n", GitFailureKind.Unreachable)]
    [InlineData("ERR upload-pack: not our ref 1\n", GitFailureKind.NotFound)]
    public async Task An_older_answer_without_a_pack_fails(string line, GitFailureKind kind)
    {
        var failure = await Assert.ThrowsAsync<GitException>(() => Fetch.ReadOlderAsync(Lines(line), One, "sha1", GitLimits.Default, default));

        Assert.Equal(kind, failure.Kind);
    }

    [Fact]
    public async Task A_limit_is_for_one_answer_of_several_on_a_stream()
    {
        var lines = Lines(new string('a', 60), new string('b', 60), new string('c', 60));
        lines.Begin(200);
        await lines.ReadAsync(default);
        lines.Begin(10);
        await lines.ReadAsync(default);
        await lines.ReadAsync(default);
        Assert.False(lines.HasEnded);
        Assert.Equal(PktKind.End, (await lines.ReadAsync(default)).Kind);
        Assert.True(lines.HasEnded);
    }

    [Fact]
    public async Task An_advertisement_of_version_2_tells_what_fetch_can_do()
    {
        var advertised = await Advertisement.ReadAsync(Lines("version 2\n", "ls-refs=unborn\n", "fetch=shallow filter\n", null), 10, default);

        Assert.Equal(2, advertised.Version);
        Assert.True(advertised.CanFetch("filter"));
        Assert.False(advertised.CanFetch("ref-in-want"));
    }

    private static PktLineReader Lines(params string?[] lines) => new(
        new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line is null ? "0000" : $"{Encoding.UTF8.GetByteCount(line) + 4:x4}{line}")))),
        1_000_000);
}
