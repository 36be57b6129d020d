namespace Pushcart.Git.Packs;

/// <summary>
/// Where an object is inflated to: an array of its size, or, of an object that is skipped, just the window that deflate copies from.
/// </summary>
internal sealed class InflatedObject
{
    private const int Window = 32 * 1024;

    private readonly long _size;
    private readonly bool _skip;
    private int _position;
    private int _summed;
    private long _total;
    private uint _low = 1;
    private uint _high;

    /// <summary>Begins an object that has <paramref name="size"/> bytes, as its header says.</summary>
    public InflatedObject(long size, bool skip)
    {
        (_size, _skip) = (size, skip);
        Data = new byte[skip ? Math.Min(size, 4 * Window) : size];
    }

    /// <summary>The bytes; of a skipped object only the last ones.</summary>
    public byte[] Data { get; }

    /// <summary>Appends a byte.</summary>
    public void Put(byte value)
    {
        Reserve(1);
        Data[_position++] = value;
    }

    /// <summary>Appends bytes.</summary>
    public void Put(ReadOnlySpan<byte> values)
    {
        for (; values.Length > Window; values = values[Window..])
        {
            Put(values[..Window]);
        }

        Reserve(values.Length);
        values.CopyTo(Data.AsSpan(_position));
        _position += values.Length;
    }

    /// <summary>Appends <paramref name="length"/> bytes that stand <paramref name="distance"/> bytes earlier; they may overlap what they make.</summary>
    public void Repeat(int distance, int length)
    {
        if (distance > Window || distance > _total)
        {
            throw GitException.Malformed("an object does not inflate (it copies from before its beginning)");
        }

        Reserve(length);
        var source = Data.AsSpan(_position - distance, Math.Min(distance, length));
        for (var target = Data.AsSpan(_position, length); !target.IsEmpty; target = target[source.Length..])
        {
            source = source[..Math.Min(source.Length, target.Length)];
            source.CopyTo(target);
        }

        _position += length;
    }

    /// <summary>Ends the object: it must have its size and this Adler-32 sum (RFC 1950).</summary>
    public void End(uint adler)
    {
        Sum();
        if (_total != _size || (_high << 16 | _low) != adler)
        {
            throw GitException.Malformed("an object inflates to other bytes than it says");
        }
    }

    private void Reserve(int count)
    {
        _total += count;
        if (_total > _size)
        {
            throw GitException.Malformed("an object inflates to more bytes than it says");
        }

        if (_skip && _position + count > Data.Length)
        {
            Sum();
            Data.AsSpan(_position - Window, Window).CopyTo(Data);
            _position = _summed = Window;
        }
    }

    private void Sum()
    {
        // 5552 bytes are as many as fit before the sums overflow 32 bits.
        for (var rest = Data.AsSpan(_summed.._position); !rest.IsEmpty; rest = rest[Math.Min(rest.Length, 5552)..])
        {
            foreach (var value in rest[..Math.Min(rest.Length, 5552)])
            {
                _low += value;
                _high += _low;
            }

            _low %= 65521;
            _high %= 65521;
        }

        _summed = _position;
    }
}
