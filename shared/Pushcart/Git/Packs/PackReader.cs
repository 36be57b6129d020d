using System.Buffers.Binary;
using System.Security.Cryptography;
using Pushcart.Git.Protocol;

namespace Pushcart.Git.Packs;

/// <summary>Reads a pack as it arrives (gitformat-pack, version 2) and keeps its commits and trees. Blobs are skipped.</summary>
internal sealed class PackReader : IDisposable
{
    private readonly GitLimits _limits;
    private readonly int _idBytes;
    private readonly PackInput _input;
    private readonly PackedObjects _objects;
    private readonly Inflater _inflater = new();
    private long _inflated;

    /// <summary>Reads the pack that <paramref name="source"/> delivers.</summary>
    public PackReader(Func<Memory<byte>, CancellationToken, ValueTask<int>> source, string objectFormat, GitLimits limits)
    {
        var algorithm = objectFormat == ObjectIds.Sha256 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1;
        _limits = limits;
        _idBytes = ObjectIds.Bytes(objectFormat);
        _input = new PackInput(source, algorithm);
        _objects = new PackedObjects(algorithm, limits);
    }

    /// <summary>
    /// 1. The header: version, number of objects. 2. Each object: its kind and size, of a delta what it builds on, its bytes.
    /// 3. The sum over all of it, and the end.
    /// </summary>
    public async Task<PackedObjects> ReadAsync(CancellationToken cancellation)
    {
        // 1.
        await _input.NeedAsync(12, cancellation);
        var count = ReadHeader(_input.Take(12));
        if (count > _limits.Objects)
        {
            throw GitException.TooLarge($"the commit has more than {_limits.Objects:N0} objects");
        }

        // 2.
        for (; count > 0; count--)
        {
            await ReadObjectAsync(cancellation);
        }

        // 3.
        var sum = _input.Sum();
        await _input.NeedAsync(sum.Length, cancellation);
        if (!_input.Take(sum.Length).SequenceEqual(sum))
        {
            throw GitException.Malformed("the sum of the pack is wrong");
        }

        if (!_input.Waiting.IsEmpty || await _input.MoreAsync(cancellation))
        {
            throw GitException.Malformed("the pack goes on after its end");
        }

        return _objects;
    }

    /// <inheritdoc/>
    public void Dispose() => _input.Dispose();

    private static uint ReadHeader(ReadOnlySpan<byte> header)
    {
        var version = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
        return header.StartsWith("PACK"u8) && version is 2 or 3
            ? BinaryPrimitives.ReadUInt32BigEndian(header[8..])
            : throw GitException.Malformed("it has no pack of a known version");
    }

    private async ValueTask ReadObjectAsync(CancellationToken cancellation)
    {
        var offset = _input.Offset;
        var first = await NextByteAsync(cancellation);
        var kind = (PackedKind)((first >> 4) & 7);
        var size = await ReadSizeAsync(first, cancellation);
        switch (kind)
        {
            case PackedKind.Commit or PackedKind.Tree:
                _objects.Add(offset, kind, await InflateAsync(size, cancellation));
                break;
            case PackedKind.Blob or PackedKind.Tag:
                await SkipAsync(size, cancellation);
                _objects.Skip(offset);
                break;
            case PackedKind.OffsetDelta:
                var distance = await ReadDistanceAsync(cancellation);
                if (_objects.IsSkipped(offset - distance))
                {
                    await SkipAsync(size, cancellation);
                    _objects.Skip(offset);
                }
                else
                {
                    _objects.AddDelta(offset, offset - distance, await InflateAsync(size, cancellation));
                }

                break;
            case PackedKind.ReferenceDelta:
                await _input.NeedAsync(_idBytes, cancellation);
                var id = Convert.ToHexStringLower(_input.Take(_idBytes));
                _objects.AddDelta(offset, id, await InflateAsync(size, cancellation));
                break;
            default:
                throw GitException.Malformed("an object is of no known kind");
        }
    }

    private async ValueTask<byte[]> InflateAsync(long size, CancellationToken cancellation)
    {
        if (size > _limits.ObjectBytes)
        {
            throw GitException.TooLarge($"an object has more than {_limits.ObjectBytes:N0} bytes");
        }

        _objects.Count(size);
        return await InflateAsync(size, skip: false, cancellation);
    }

    private async ValueTask SkipAsync(long size, CancellationToken cancellation) => await InflateAsync(size, skip: true, cancellation);

    private async ValueTask<byte[]> InflateAsync(long size, bool skip, CancellationToken cancellation)
    {
        _inflated += size;
        if (_inflated > _limits.InflatedBytes)
        {
            throw GitException.TooLarge($"the objects of the commit have more than {_limits.InflatedBytes:N0} bytes");
        }

        // An object that has not arrived whole is begun again when the bytes that are there have doubled: nothing need be kept between.
        for (var enough = 1; ; enough = _input.Waiting.Length * 2)
        {
            while (_input.Waiting.Length < enough && await _input.MoreAsync(cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var output = new InflatedObject(size, skip);
            if (_inflater.TryInflate(_input.Waiting, output, out var consumed))
            {
                _input.Take(consumed);
                return output.Data;
            }

            if (!await _input.MoreAsync(cancellation))
            {
                throw GitException.CutOff();
            }
        }
    }

    private async ValueTask<long> ReadSizeAsync(byte first, CancellationToken cancellation)
    {
        long size = first & 15;
        var next = first;
        for (var shift = 4; (next & 0x80) != 0; shift += 7)
        {
            next = shift <= 53 ? await NextByteAsync(cancellation) : throw GitException.Malformed("an object has no valid size");
            size |= (long)(next & 0x7f) << shift;
        }

        return size;
    }

    private async ValueTask<long> ReadDistanceAsync(CancellationToken cancellation)
    {
        var next = await NextByteAsync(cancellation);
        long distance = next & 0x7f;
        for (var count = 0; (next & 0x80) != 0; count++)
        {
            next = count < 8 ? await NextByteAsync(cancellation) : throw GitException.Malformed("a delta builds on no valid object");
            distance = ((distance + 1) << 7) | (long)(next & 0x7f);
        }

        return distance;
    }

    private async ValueTask<byte> NextByteAsync(CancellationToken cancellation)
    {
        await _input.NeedAsync(1, cancellation);
        return _input.Take(1)[0];
    }
}
