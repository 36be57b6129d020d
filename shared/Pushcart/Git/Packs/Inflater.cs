namespace Pushcart.Git.Packs;

/// <summary>
/// Inflates one zlib stream (RFC 1950, 1951) and tells how many bytes it took. The objects of a pack follow each other with nothing between
/// them, and the platform's ZLibStream reads beyond the end of a stream without saying how far: hence this one.
/// </summary>
internal sealed class Inflater
{
    private static readonly byte[] Order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    private static readonly short[] LengthBase =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
    private static readonly byte[] LengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static readonly short[] DistanceBase =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
    private static readonly byte[] DistanceBits =
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];

    private readonly Huffman _literals = new();
    private readonly Huffman _distances = new();
    private readonly Huffman _lengths = new();
    private int _next;
    private ulong _bits;
    private int _count;

    /// <summary>
    /// Inflates the stream that <paramref name="bytes"/> begins with. False where the input ends before the stream does: try again, from the
    /// beginning and with a new output, when there is more.
    /// </summary>
    public bool TryInflate(ReadOnlySpan<byte> bytes, InflatedObject output, out int consumed)
    {
        (_next, _bits, _count, consumed) = (0, 0, 0, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        if ((bytes[0] & 15) != 8 || (bytes[1] & 32) != 0 || ((bytes[0] << 8) + bytes[1]) % 31 != 0)
        {
            throw GitException.Malformed("an object is not compressed as it should be");
        }

        _next = 2;
        for (var last = false; !last;)
        {
            if (!Need(bytes, 3))
            {
                return false;
            }

            last = Take(1) == 1;
            if (!TryBlock(bytes, Take(2), output))
            {
                return false;
            }
        }

        Take(_count % 8);
        if (!Need(bytes, 32))
        {
            return false;
        }

        output.End(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(Take(32)));
        consumed = _next - (_count / 8);
        return true;
    }

    private bool TryBlock(ReadOnlySpan<byte> bytes, uint kind, InflatedObject output)
    {
        switch (kind)
        {
            case 0:
                return TryStored(bytes, output);
            case 1:
                BuildFixed();
                return TryCoded(bytes, output);
            case 2:
                return TryBuildDynamic(bytes) && TryCoded(bytes, output);
            default:
                throw GitException.Malformed("an object does not inflate (unknown block)");
        }
    }

    private bool TryStored(ReadOnlySpan<byte> bytes, InflatedObject output)
    {
        Take(_count % 8);
        if (!Need(bytes, 32))
        {
            return false;
        }

        var length = (int)Take(16);
        if (length != (~Take(16) & 0xffff))
        {
            throw GitException.Malformed("an object does not inflate (a block's length is wrong)");
        }

        // Whole bytes that stand in the bit buffer already are given back.
        _next -= _count / 8;
        (_bits, _count) = (0, 0);
        if (bytes.Length - _next < length)
        {
            return false;
        }

        output.Put(bytes.Slice(_next, length));
        _next += length;
        return true;
    }

    private void BuildFixed()
    {
        Span<byte> lengths = stackalloc byte[288];
        lengths[..144].Fill(8);
        lengths[144..256].Fill(9);
        lengths[256..280].Fill(7);
        lengths[280..].Fill(8);
        _literals.Build(lengths);
        lengths[..32].Fill(5);
        _distances.Build(lengths[..32]);
    }

    private bool TryBuildDynamic(ReadOnlySpan<byte> bytes)
    {
        if (!Need(bytes, 14))
        {
            return false;
        }

        var (literals, distances, codes) = ((int)Take(5) + 257, (int)Take(5) + 1, (int)Take(4) + 4);
        Span<byte> lengths = stackalloc byte[320];
        lengths.Clear();
        for (var i = 0; i < codes; i++)
        {
            if (!Need(bytes, 3))
            {
                return false;
            }

            lengths[Order[i]] = (byte)Take(3);
        }

        if (literals > 286 || distances > 30)
        {
            throw GitException.Malformed("an object does not inflate (too many codes)");
        }

        _lengths.Build(lengths[..19]);
        lengths.Clear();
        for (var at = 0; at < literals + distances;)
        {
            if (!TrySymbol(bytes, _lengths, out var symbol) || !Need(bytes, 7))
            {
                return false;
            }

            var (value, times) = symbol switch
            {
                < 16 => ((byte)symbol, 1),
                16 when at > 0 => (lengths[at - 1], 3 + (int)Take(2)),
                17 => ((byte)0, 3 + (int)Take(3)),
                18 => ((byte)0, 11 + (int)Take(7)),
                _ => throw GitException.Malformed("an object does not inflate (nothing to repeat)"),
            };
            if (at + times > literals + distances)
            {
                throw GitException.Malformed("an object does not inflate (too many lengths)");
            }

            lengths.Slice(at, times).Fill(value);
            at += times;
        }

        _literals.Build(lengths[..literals]);
        _distances.Build(lengths.Slice(literals, distances));
        return true;
    }

    private bool TryCoded(ReadOnlySpan<byte> bytes, InflatedObject output)
    {
        while (TrySymbol(bytes, _literals, out var symbol))
        {
            if (symbol < 256)
            {
                output.Put((byte)symbol);
                continue;
            }

            if (symbol == 256)
            {
                return true;
            }

            symbol -= 257;
            if (symbol >= LengthBase.Length)
            {
                throw GitException.Malformed("an object does not inflate (unknown length)");
            }

            if (!Need(bytes, LengthBits[symbol]))
            {
                return false;
            }

            var length = LengthBase[symbol] + (int)Take(LengthBits[symbol]);
            if (!TrySymbol(bytes, _distances, out symbol))
            {
                return false;
            }

            if (symbol >= DistanceBase.Length)
            {
                throw GitException.Malformed("an object does not inflate (unknown distance)");
            }

            if (!Need(bytes, DistanceBits[symbol]))
            {
                return false;
            }

            output.Repeat(DistanceBase[symbol] + (int)Take(DistanceBits[symbol]), length);
        }

        return false;
    }

    // Looking 15 bits ahead never passes the end of a whole stream: the 32 bits of its sum come last.
    private bool TrySymbol(ReadOnlySpan<byte> bytes, Huffman code, out int symbol)
    {
        symbol = 0;
        if (!Need(bytes, Huffman.Longest))
        {
            return false;
        }

        symbol = code.Decode((uint)_bits, out var length);
        Take(length);
        return true;
    }

    private bool Need(ReadOnlySpan<byte> bytes, int count)
    {
        for (; _count < count; _count += 8)
        {
            if (_next == bytes.Length)
            {
                return false;
            }

            _bits |= (ulong)bytes[_next++] << _count;
        }

        return true;
    }

    private uint Take(int count)
    {
        var value = (uint)(_bits & ((1UL << count) - 1));
        _bits >>= count;
        _count -= count;
        return value;
    }
}
