using Pushcart.Git;
using Pushcart.Git.Packs;

namespace Pushcart.Tests.Unit.Git.Packs;

public sealed class DeltaTests
{
    private static readonly byte[] Source = "0123456789"u8.ToArray();

    [Fact]
    public void Parts_are_copied_and_taken() => Assert.Equal(
        "789ab0123456789"u8.ToArray(),
        Delta.Apply(Source, [10, 15, 0x91, 7, 3, 2, (byte)'a', (byte)'b', 0x90, 10], 100));

    [Fact]
    public void A_copy_without_a_size_is_64_KiB_and_offsets_have_four_bytes()
    {
        var source = new byte[0x1_0200];
        source[^1] = 1;

        var result = Delta.Apply(source, [0x80, 0x84, 0x04, 0x80, 0x80, 0x04, 0x83, 0x00, 0x02], 0x1_0000);

        Assert.Equal(source[0x200..], result);
    }

    [Theory]
    [InlineData("090a900a", GitFailureKind.Malformed)] // of an object of another size
    [InlineData("0a0a", GitFailureKind.Malformed)] // makes nothing
    [InlineData("0a0a9009", GitFailureKind.Malformed)] // makes too little
    [InlineData("0a0a900a0161", GitFailureKind.Malformed)] // makes too much
    [InlineData("0a0a91010a", GitFailureKind.Malformed)] // copies beyond the end
    [InlineData("0a0a9fffffffff0a", GitFailureKind.Malformed)] // copies from far beyond
    [InlineData("0a0a00", GitFailureKind.Malformed)] // reserved command
    [InlineData("0a0a0561", GitFailureKind.Malformed)] // takes more than there is
    [InlineData("0a0a91", GitFailureKind.Malformed)] // ends within a command
    [InlineData("0a", GitFailureKind.Malformed)]
    [InlineData("", GitFailureKind.Malformed)]
    [InlineData("0affffffffffffffffffffff01", GitFailureKind.Malformed)] // no size
    [InlineData("0affffffff7f900a", GitFailureKind.TooLarge)]
    public void A_delta_that_lies_is_refused(string hex, GitFailureKind kind) =>
        Assert.Equal(kind, Assert.Throws<GitException>(() => Delta.Apply(Source, Convert.FromHexString(hex), 100)).Kind);
}
