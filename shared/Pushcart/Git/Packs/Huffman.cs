namespace Pushcart.Git.Packs;

/// <summary>A canonical Huffman code of deflate (RFC 1951, 3.2.2), built from the lengths of its symbols' codes.</summary>
internal sealed class Huffman
{
    /// <summary>Bits of the longest code.</summary>
    public const int Longest = 15;

    private const int Fast = 9;

    // Symbol << 4 | length, by the next nine bits; 0: the code is longer, or there is none.
    private readonly ushort[] _fast = new ushort[1 << Fast];
    private readonly ushort[] _symbols = new ushort[288];
    private readonly int[] _counts = new int[Longest + 1];

    /// <summary>Builds the code.</summary>
    public void Build(ReadOnlySpan<byte> lengths)
    {
        Array.Clear(_fast);
        Array.Clear(_counts);
        foreach (var length in lengths)
        {
            _counts[length]++;
        }

        var used = lengths.Length - _counts[0];
        _counts[0] = 0;
        Span<int> offsets = stackalloc int[Longest + 2];
        Span<int> codes = stackalloc int[Longest + 2];
        var left = 1;
        for (var length = 1; length <= Longest; length++)
        {
            left = (left << 1) - _counts[length];
            if (left < 0)
            {
                throw GitException.Malformed("an object does not inflate (codes overlap)");
            }

            offsets[length + 1] = offsets[length] + _counts[length];
            codes[length + 1] = (codes[length] + _counts[length]) << 1;
        }

        // Only a code of a single symbol, or of none, may leave bits unused.
        if (left > 0 && used > 1)
        {
            throw GitException.Malformed("an object does not inflate (codes are missing)");
        }

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            if (length == 0)
            {
                continue;
            }

            _symbols[offsets[length]++] = (ushort)symbol;
            var code = codes[length]++;
            if (length <= Fast)
            {
                for (var index = Reverse(code, length); index < _fast.Length; index += 1 << length)
                {
                    _fast[index] = (ushort)(symbol << 4 | length);
                }
            }
        }
    }

    /// <summary>The symbol whose code the bits begin with (lowest bit first), and the length of that code.</summary>
    public int Decode(uint bits, out int length)
    {
        int entry = _fast[bits & ((1 << Fast) - 1)];
        if (entry != 0)
        {
            length = entry & 15;
            return entry >> 4;
        }

        int code = 0, first = 0, index = 0;
        for (length = 1; length <= Longest; length++, bits >>= 1)
        {
            code |= (int)(bits & 1);
            var count = _counts[length];
            if (code - count < first)
            {
                return _symbols[index + code - first];
            }

            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }

        throw GitException.Malformed("an object does not inflate (unknown code)");
    }

    private static int Reverse(int code, int length)
    {
        var reversed = 0;
        for (; length > 0; length--, code >>= 1)
        {
            reversed = reversed << 1 | (code & 1);
        }

        return reversed;
    }
}
