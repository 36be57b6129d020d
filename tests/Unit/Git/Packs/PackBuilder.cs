using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Pushcart.Git;
using Pushcart.Git.Packs;

namespace Pushcart.Tests.Unit.Git.Packs;

/// <summary>Builds packs as no git would, byte by byte.</summary>
internal sealed class PackBuilder
{
    private readonly List<byte> _objects = [];
    private uint _count;

    private static byte[] Sha1(byte[] data) => CryptographicOperations.HashData(HashAlgorithmName.SHA1, data);

    public static byte[] Id(string kind, byte[] data) => Sha1([.. Encoding.ASCII.GetBytes($"{kind} {data.Length}\0"), .. data]);

    public static byte[] Entry(string mode, string name, byte[] id) => [.. Encoding.UTF8.GetBytes($"{mode} {name}\0"), .. id];

    public static byte[] Commit(byte[] tree) => Encoding.ASCII.GetBytes($"tree {Convert.ToHexStringLower(tree)}\nauthor x\n\nx\n");

    public long Offset => 12 + _objects.Count;

    public PackBuilder Add(PackedKind kind, byte[] data, byte[]? header = null, long? size = null)
    {
        var length = size ?? data.Length;
        var first = (int)kind << 4 | (int)(length & 15);
        for (length >>= 4; length > 0; length >>= 7)
        {
            _objects.Add((byte)(first | 0x80));
            first = (int)(length & 0x7f);
        }

        _objects.Add((byte)first);
        _objects.AddRange(header ?? []);
        _objects.AddRange(InflaterTests.Deflate(data, CompressionLevel.Fastest));
        _count++;
        return this;
    }

    public PackBuilder AddOffsetDelta(long baseOffset, byte[] delta)
    {
        var distance = Offset - baseOffset;
        var bytes = new List<byte> { (byte)(distance & 0x7f) };
        for (distance >>= 7; distance > 0; distance >>= 7)
        {
            bytes.Insert(0, (byte)(--distance & 0x7f | 0x80));
        }

        return Add(PackedKind.OffsetDelta, delta, [.. bytes]);
    }

    public PackBuilder AddReferenceDelta(byte[] baseId, byte[] delta) => Add(PackedKind.ReferenceDelta, delta, baseId);

    public byte[] Build(uint? count = null)
    {
        var header = new byte[12];
        "PACK"u8.CopyTo(header);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(8), count ?? _count);
        byte[] all = [.. header, .. _objects];
        return [.. all, .. Sha1(all)];
    }

    public static async Task<PackedObjects> ReadAsync(byte[] pack, GitLimits? limits = null, int portion = int.MaxValue)
    {
        var stream = new MemoryStream(pack);
        using var reader = new PackReader(
            (memory, cancellation) => stream.ReadAsync(memory[..Math.Min(portion, memory.Length)], cancellation), "sha1", limits ?? GitLimits.Default);
        return await reader.ReadAsync(CancellationToken.None);
    }
}
