using System.Security.Cryptography;

namespace Pushcart.Git.Packs;

/// <summary>
/// The bytes of a pack as they arrive. It holds only what is not yet taken, counts and hashes what is.
/// </summary>
internal sealed class PackInput(Func<Memory<byte>, CancellationToken, ValueTask<int>> source, HashAlgorithmName algorithm) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(algorithm);
    private byte[] _buffer = new byte[64 * 1024];
    private int _start;
    private int _end;

    /// <summary>How many bytes were taken.</summary>
    public long Offset { get; private set; }

    /// <summary>The bytes that are there and not yet taken.</summary>
    public ReadOnlySpan<byte> Waiting => _buffer.AsSpan(_start.._end);

    /// <summary>Reads more. False at the end of the pack.</summary>
    public async ValueTask<bool> MoreAsync(CancellationToken cancellation)
    {
        if (_end == _buffer.Length)
        {
            // An object that does not fit has the buffer doubled; all others move to its front.
            var larger = _start == 0 ? new byte[_buffer.Length * 2] : _buffer;
            Waiting.CopyTo(larger);
            (_buffer, _start, _end) = (larger, 0, _end - _start);
        }

        var read = await source(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    /// <summary>Waits until so many bytes are there.</summary>
    public async ValueTask NeedAsync(int count, CancellationToken cancellation)
    {
        while (_end - _start < count)
        {
            if (!await MoreAsync(cancellation))
            {
                throw GitException.CutOff();
            }
        }
    }

    /// <summary>Takes bytes that are there.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var taken = _buffer.AsSpan(_start, count);
        _hash.AppendData(taken);
        _start += count;
        Offset += count;
        return taken;
    }

    /// <summary>The hash of all that was taken.</summary>
    public byte[] Sum() => _hash.GetCurrentHash();

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
