using System.Text;
using Pushcart.Git;
using Pushcart.Git.Protocol;

namespace Pushcart.Tests.Unit.Git;

public sealed class PktLineTests
{
    [Fact]
    public async Task Lines_are_read_however_they_arrive()
    {
        var bytes = Encoding.UTF8.GetBytes("0009peel\n0008done00010002FFF0" + new string('x', 65516) + "0000");
        foreach (var portion in (int[])[1, 3, 7, 100_000])
        {
            var lines = new PktLineReader(new Dripping(bytes, portion), int.MaxValue);

            Assert.Equal("peel", (await lines.ReadAsync(default)).Text);
            Assert.Equal("done", (await lines.ReadAsync(default)).Text);
            Assert.Equal(PktKind.Delimiter, (await lines.ReadAsync(default)).Kind);
            Assert.Equal(PktKind.ResponseEnd, (await lines.ReadAsync(default)).Kind);
            Assert.Equal(65516, (await lines.ReadAsync(default)).Data.Length);
            Assert.Equal(PktKind.Flush, (await lines.ReadAsync(default)).Kind);
            Assert.Equal(PktKind.End, (await lines.ReadAsync(default)).Kind);
        }
    }

    [Theory]
    [InlineData("00")]
    [InlineData("0009pee")]
    [InlineData("fff0x")]
    public async Task An_end_within_a_line_is_a_cut(string text) => Assert.Equal(GitFailureKind.Unreachable, (await FailureAsync(text)).Kind);

    [Theory]
    [InlineData("0003")]
    [InlineData("fff1")]
    [InlineData("ffff")]
    [InlineData("-001")]
    [InlineData("+004")]
    [InlineData(" 0a ")]
    [InlineData("<htm")]
    public async Task A_length_that_is_none_is_malformed(string text)
    {
        var failure = await FailureAsync(text + new string('x', 70_000));

        Assert.Equal(GitFailureKind.Malformed, failure.Kind);
        Assert.True(failure.MayHaveAskedWrongly);
    }

    [Fact]
    public async Task A_refusal_is_a_failure_in_the_server_s_words()
    {
        var failure = await FailureAsync("0014ERR go away now!");

        Assert.Equal(GitFailureKind.ServerError, failure.Kind);
        Assert.Contains("\"go away now!\"", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_asks_as_git_does() => Assert.Equal(
        "0014command=ls-refs\n00010009peel\n001fref-prefix refs/heads/main\n0023ref-prefix refs/heads/tschüß\n0000",
        Encoding.UTF8.GetString(LsRefs.Request(["refs/heads/main", "refs/heads/tschüß"], "sha1")));

    [Fact]
    public void A_request_names_the_object_format_only_where_it_is_not_the_default() => Assert.Equal(
        "0014command=ls-refs\n0019object-format=sha256\n00010009peel\n0000", Encoding.UTF8.GetString(LsRefs.Request([], "sha256")));

    private static async Task<GitException> FailureAsync(string text)
    {
        var lines = new PktLineReader(new MemoryStream(Encoding.UTF8.GetBytes(text)), 1_000_000);
        return await Assert.ThrowsAsync<GitException>(async () => await lines.ReadAsync(default));
    }

    private sealed class Dripping(byte[] bytes, int portion) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(portion, buffer.Length)], cancellationToken);
    }
}
