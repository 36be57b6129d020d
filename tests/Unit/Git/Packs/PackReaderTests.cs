using System.Security.Cryptography;
using Pushcart.Git;
using Pushcart.Git.Packs;

namespace Pushcart.Tests.Unit.Git.Packs;

public sealed class PackReaderTests
{
    private static readonly byte[] Blob = RandomNumberGenerator.GetBytes(20);
    private static readonly byte[] Tree = PackBuilder.Entry("100644", "a.txt", Blob);
    private static readonly byte[] Commit = PackBuilder.Commit(PackBuilder.Id("tree", Tree));
    private static readonly string CommitId = Convert.ToHexStringLower(PackBuilder.Id("commit", Commit));

    private static PackBuilder Simple => new PackBuilder().Add(PackedKind.Commit, Commit).Add(PackedKind.Tree, Tree);

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    [InlineData(int.MaxValue)]
    public async Task A_pack_is_read_however_it_arrives(int portion)
    {
        var noise = RandomNumberGenerator.GetBytes(300_000);
        var pack = new PackBuilder().Add(PackedKind.Blob, portion == 1 ? noise[..3000] : noise).Add(PackedKind.Commit, Commit).Add(PackedKind.Tree, Tree).Build();

        var objects = await PackBuilder.ReadAsync(pack, portion: portion);

        Assert.Equal("a.txt", Assert.Single(Files(objects).Files).Path);
    }

    [Fact]
    public async Task Every_cut_is_seen()
    {
        var pack = Simple.Build();
        for (var length = 0; length < pack.Length; length++)
        {
            Assert.Equal(GitFailureKind.Unreachable, (await FailureAsync(pack[..length])).Kind);
        }
    }

    [Fact]
    public async Task Every_changed_bit_is_seen()
    {
        var pack = Simple.Build();
        for (var bit = 0; bit < pack.Length * 8; bit++)
        {
            var changed = pack.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            Assert.Contains((await FailureAsync(changed)).Kind, (GitFailureKind[])[GitFailureKind.Malformed, GitFailureKind.Unreachable, GitFailureKind.TooLarge]);
        }
    }

    [Fact]
    public async Task Bytes_after_the_end_are_malformed() => Assert.Equal(GitFailureKind.Malformed, (await FailureAsync([.. Simple.Build(), 0])).Kind);

    [Fact]
    public async Task More_objects_than_the_limit_are_not_read() =>
        Assert.Equal(GitFailureKind.TooLarge, (await FailureAsync(Simple.Build(count: 200_001))).Kind);

    [Fact]
    public async Task A_size_that_lies_is_refused_before_there_is_memory_for_it()
    {
        Assert.Equal(GitFailureKind.TooLarge, (await FailureAsync(new PackBuilder().Add(PackedKind.Tree, Tree, size: 1L << 40).Build())).Kind);
        Assert.Equal(GitFailureKind.TooLarge, (await FailureAsync(new PackBuilder().Add(PackedKind.Blob, Tree, size: 1L << 40).Build())).Kind);
        Assert.Equal(GitFailureKind.Malformed, (await FailureAsync(new PackBuilder().Add(PackedKind.Tree, Tree, size: 1 << 20).Build())).Kind);
    }

    [Fact]
    public async Task A_blob_larger_than_a_kept_object_may_be_is_skipped()
    {
        var pack = Simple.Add(PackedKind.Blob, new byte[20_000_000]).Build();

        Assert.Single(Files(await PackBuilder.ReadAsync(pack)).Files);
    }

    [Fact]
    public async Task Deltas_are_resolved_in_any_order_and_those_of_blobs_are_skipped()
    {
        var third = Copy(Tree, [.. PackBuilder.Entry("100644", "b.txt", Blob), .. PackBuilder.Entry("100644", "c.txt", Blob)]);
        byte[] second = [.. Tree, .. PackBuilder.Entry("100644", "b.txt", Blob)];
        byte[] result = [.. second, .. PackBuilder.Entry("100644", "c.txt", Blob)];
        var commit = PackBuilder.Commit(PackBuilder.Id("tree", result));
        var pack = new PackBuilder();

        // By name, before the object that it builds on; then by place, on the one that still waits.
        var waiting = pack.Offset;
        pack.AddReferenceDelta(PackBuilder.Id("tree", Tree), Copy(Tree, PackBuilder.Entry("100644", "b.txt", Blob)));
        pack.AddOffsetDelta(waiting, Copy(second, PackBuilder.Entry("100644", "c.txt", Blob)));
        var blob = pack.Offset;
        pack.Add(PackedKind.Blob, Tree);
        var delta = pack.Offset;
        pack.AddOffsetDelta(blob, third);
        pack.AddOffsetDelta(delta, third);
        pack.AddReferenceDelta(Blob, third);
        pack.Add(PackedKind.Commit, commit).Add(PackedKind.Tree, Tree);

        var files = new TreeWalk(await PackBuilder.ReadAsync(pack.Build()), "sha1", GitLimits.Default).Files(Convert.ToHexStringLower(PackBuilder.Id("commit", commit)));

        Assert.Equal(["a.txt", "b.txt", "c.txt"], files.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task A_delta_that_builds_on_nothing_is_malformed()
    {
        foreach (var distance in (long[])[0, 1, 5, 13, 5000, 1L << 40])
        {
            var pack = Simple;
            Assert.Equal(GitFailureKind.Malformed, (await FailureAsync(pack.AddOffsetDelta(pack.Offset - distance, Copy(Tree, [1])).Build())).Kind);
        }
    }

    [Fact]
    public async Task A_long_chain_of_deltas_needs_no_deep_stack()
    {
        // Backwards: each one waits for the next, and all are resolved by the last.
        var trees = new List<byte[]> { Tree };
        var deltas = new List<byte[]>();
        for (var i = 0; i < 10_000; i++)
        {
            var next = trees[^1].ToArray();
            BitConverter.TryWriteBytes(next.AsSpan(next.Length - 20), i);
            deltas.Add([(byte)Tree.Length, (byte)Tree.Length, (byte)Tree.Length, .. next]);
            trees.Add(next);
        }

        var pack = new PackBuilder();
        for (var i = deltas.Count - 1; i >= 0; i--)
        {
            pack.AddReferenceDelta(PackBuilder.Id("tree", trees[i]), deltas[i]);
        }

        var objects = await PackBuilder.ReadAsync(pack.Add(PackedKind.Tree, Tree).Build());

        Assert.NotNull(objects.Find(Convert.ToHexStringLower(PackBuilder.Id("tree", trees[^1])), PackedKind.Tree));
    }

    [Fact]
    public async Task Deltas_that_swell_are_too_large()
    {
        // A few bytes each, and 8 MiB when they are made.
        var large = new byte[8 * 1024 * 1024];
        var pack = new PackBuilder();
        var offset = pack.Offset;
        pack.Add(PackedKind.Tree, large);
        for (var i = 0; i < 100; i++)
        {
            byte[] delta = [.. Size(large.Length), .. Size(large.Length), .. Enumerable.Repeat<byte[]>([0x80], large.Length / 0x10000).SelectMany(x => x)];
            pack.AddOffsetDelta(offset, delta);
        }

        var failure = await FailureAsync(pack.Build());

        Assert.Equal(GitFailureKind.TooLarge, failure.Kind);
    }

    private static byte[] Copy(byte[] source, byte[] added) =>
        [.. Size(source.Length), .. Size(source.Length + added.Length), 0x90, (byte)source.Length, (byte)added.Length, .. added];

    private static IEnumerable<byte> Size(int size)
    {
        for (; size >= 0x80; size >>= 7)
        {
            yield return (byte)(size | 0x80);
        }

        yield return (byte)size;
    }

    private static GitTree Files(PackedObjects objects) => new TreeWalk(objects, "sha1", GitLimits.Default).Files(CommitId);

    private static async Task<GitException> FailureAsync(byte[] pack) => await Assert.ThrowsAsync<GitException>(() => PackBuilder.ReadAsync(pack));
}
