namespace Pushcart.Git.Packs;

/// <summary>A delta of a pack (gitformat-pack, "Deltified representation"): how to make an object of another.</summary>
internal static class Delta
{
    /// <summary>Makes the object; what the delta says is checked at every step. At most <paramref name="limit"/> bytes.</summary>
    public static byte[] Apply(ReadOnlySpan<byte> source, ReadOnlySpan<byte> delta, int limit)
    {
        if (ReadSize(ref delta) != source.Length)
        {
            throw GitException.Malformed("a delta belongs to an object of another size");
        }

        var size = ReadSize(ref delta);
        if (size > limit)
        {
            throw GitException.TooLarge($"an object has more than {limit:N0} bytes");
        }

        var result = new byte[size];
        var rest = result.AsSpan();
        while (!delta.IsEmpty)
        {
            int command = delta[0];
            delta = delta[1..];
            var part = (command & 0x80) != 0 ? Copied(source, ref delta, command) : Taken(ref delta, command);
            if (part.Length > rest.Length)
            {
                throw GitException.Malformed("a delta makes more bytes than it says");
            }

            part.CopyTo(rest);
            rest = rest[part.Length..];
        }

        return rest.IsEmpty ? result : throw GitException.Malformed("a delta makes fewer bytes than it says");
    }

    /// <summary>The size of the object that the delta makes.</summary>
    public static long ResultSize(ReadOnlySpan<byte> delta)
    {
        ReadSize(ref delta);
        return ReadSize(ref delta);
    }

    private static ReadOnlySpan<byte> Copied(ReadOnlySpan<byte> source, ref ReadOnlySpan<byte> delta, int command)
    {
        long offset = 0, size = 0;
        for (var bit = 0; bit < 7; bit++)
        {
            if ((command & (1 << bit)) == 0)
            {
                continue;
            }

            long value = Next(ref delta);
            if (bit < 4)
            {
                offset |= value << (8 * bit);
            }
            else
            {
                size |= value << (8 * (bit - 4));
            }
        }

        size = size == 0 ? 0x10000 : size;
        return offset + size <= source.Length
            ? source.Slice((int)offset, (int)size)
            : throw GitException.Malformed("a delta copies from beyond its object");
    }

    private static ReadOnlySpan<byte> Taken(ref ReadOnlySpan<byte> delta, int count)
    {
        if (count == 0 || count > delta.Length)
        {
            throw GitException.Malformed("a delta ends too early");
        }

        var taken = delta[..count];
        delta = delta[count..];
        return taken;
    }

    private static long ReadSize(ref ReadOnlySpan<byte> delta)
    {
        long size = 0;
        for (var shift = 0; shift <= 56; shift += 7)
        {
            var next = Next(ref delta);
            size |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return size;
            }
        }

        throw GitException.Malformed("a delta has no valid size");
    }

    private static byte Next(ref ReadOnlySpan<byte> delta)
    {
        var next = delta.IsEmpty ? throw GitException.Malformed("a delta ends too early") : delta[0];
        delta = delta[1..];
        return next;
    }
}
