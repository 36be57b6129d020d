using System.IO.Compression;
using System.Text;
using Pushcart.Git;
using Pushcart.Git.Packs;

namespace Pushcart.Tests.Unit.Git.Packs;

public sealed class InflaterTests
{
    public static TheoryData<CompressionLevel> Levels => new(Enum.GetValues<CompressionLevel>());

    [Theory]
    [MemberData(nameof(Levels))]
    public void What_the_platform_deflates_is_inflated_and_its_end_is_found(CompressionLevel level)
    {
        var inflater = new Inflater();
        foreach (var data in Samples())
        {
            var deflated = Deflate(data, level);
            byte[] followed = [.. deflated, 0x78, 0x9c, 1, 2, 3, 4, 5, 6];

            var kept = new InflatedObject(data.Length, skip: false);
            Assert.True(inflater.TryInflate(followed, kept, out var consumed));
            Assert.Equal(deflated.Length, consumed);
            Assert.Equal(data, kept.Data);
            Assert.True(inflater.TryInflate(followed, new InflatedObject(data.Length, skip: true), out consumed));
            Assert.Equal(deflated.Length, consumed);
        }
    }

    [Theory]
    [MemberData(nameof(Levels))]
    public void A_part_of_a_stream_is_never_taken_for_the_whole(CompressionLevel level)
    {
        var data = Samples().ElementAt(3)[..700];
        var deflated = Deflate(data, level);
        for (var length = 0; length < deflated.Length; length++)
        {
            Assert.False(new Inflater().TryInflate(deflated.AsSpan(0, length), new InflatedObject(data.Length, skip: false), out _));
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void Another_size_than_the_header_says_is_malformed(int more)
    {
        var data = Samples().ElementAt(3);

        foreach (var skip in (bool[])[true, false])
        {
            Malformed(Deflate(data, CompressionLevel.Optimal), data.Length + more, skip);
        }
    }

    [Fact]
    public void Bytes_that_were_changed_never_inflate_to_something_else_unseen()
    {
        var data = Samples().ElementAt(3)[..500];
        var deflated = Deflate(data, CompressionLevel.Optimal);
        for (var bit = 0; bit < deflated.Length * 8; bit++)
        {
            var changed = deflated.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            var output = new InflatedObject(data.Length, skip: false);
            try
            {
                // The level in the header is a remark only; any other change is found, or asks for more bytes than there are.
                Assert.True(!new Inflater().TryInflate(changed, output, out _) || data.AsSpan().SequenceEqual(output.Data));
            }
            catch (GitException failure)
            {
                Assert.Equal(GitFailureKind.Malformed, failure.Kind);
            }
        }
    }

    [Theory]
    [InlineData("789d")]
    [InlineData("1f8b08000000")]
    [InlineData("789c07")]
    [InlineData("789c010500000061")]
    [InlineData("789c4b04020000000000")]
    public void Nonsense_is_malformed(string hex) => Malformed(Convert.FromHexString(hex), 100, skip: false);

    internal static byte[] Deflate(byte[] data, CompressionLevel level)
    {
        if (data.Length == 0)
        {
            // The platform writes nothing at all for nothing; git does not.
            return [0x78, 0x9c, 3, 0, 0, 0, 0, 1];
        }

        var deflated = new MemoryStream();
        using (var stream = new ZLibStream(deflated, level, leaveOpen: true))
        {
            stream.Write(data);
        }

        return deflated.ToArray();
    }

    private static void Malformed(byte[] bytes, int size, bool skip) => Assert.Equal(
        GitFailureKind.Malformed,
        Assert.Throws<GitException>(() => new Inflater().TryInflate(bytes, new InflatedObject(size, skip), out _)).Kind);

    private static IEnumerable<byte[]> Samples()
    {
        yield return [];
        yield return [42];
        yield return new byte[400_000];
        yield return Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(i => $"100644 file-{i * 7919 % 5000}.txt {i}\n")));
        var noise = new byte[300_000];
        Chance.System.Fill(noise);
        yield return noise;
        yield return [.. noise[..40_000], .. noise[..40_000], .. noise[7_000..33_000], .. new byte[70_000], .. noise[..32_768]];
    }
}
