using System.Globalization;
using System.Text;

namespace Pushcart.Git.Protocol;

/// <summary>The kinds of pkt-line (gitprotocol-common).</summary>
internal enum PktKind
{
    /// <summary>Bytes.</summary>
    Data,

    /// <summary><c>0000</c>: the end of a message.</summary>
    Flush,

    /// <summary><c>0001</c>: the end of a section.</summary>
    Delimiter,

    /// <summary><c>0002</c>: the end of a response.</summary>
    ResponseEnd,

    /// <summary>The stream has ended, between two lines.</summary>
    End,
}

/// <summary>One pkt-line. Its bytes are valid until the next one is read.</summary>
internal readonly record struct PktLine(PktKind Kind, ReadOnlyMemory<byte> Data)
{
    /// <summary>The bytes as text, without the newline that may end them.</summary>
    public string Text => Encoding.UTF8.GetString(Data.Span is [.. var line, (byte)'\n'] ? line : Data.Span);
}

/// <summary>Reads pkt-lines of an answer, up to a limit of bytes in all.</summary>
internal sealed class PktLineReader(Stream stream, int limit)
{
    private const int Longest = 65520;

    private readonly byte[] _buffer = new byte[Longest];
    private int _start;
    private int _end;
    private int _limit = limit;
    private long _total;

    /// <summary>True once the stream has ended, where the server closed it.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Another answer begins on the same stream, with a limit of its own.</summary>
    public void Begin(int bytes) => (_limit, _total) = (bytes, 0);

    /// <summary>Waits for the first bytes, or the end of the stream.</summary>
    public async ValueTask PeekAsync(CancellationToken cancellation) => await FillAsync(1, cancellation);

    /// <summary>Reads the next line; <see cref="PktKind.End"/> where the stream ends. A line that says ERR is a failure.</summary>
    public async ValueTask<PktLine> ReadAsync(CancellationToken cancellation)
    {
        if (!await FillAsync(4, cancellation))
        {
            return _start == _end ? new PktLine(PktKind.End, default) : throw GitException.CutOff();
        }

        var length = LengthOf(_buffer.AsSpan(_start, 4));
        if (length < 4)
        {
            _start += 4;
            return new PktLine((PktKind)(length + 1), default);
        }

        if (!await FillAsync(length, cancellation))
        {
            throw GitException.CutOff();
        }

        var data = _buffer.AsMemory(_start + 4, length - 4);
        _start += length;
        return data.Span.StartsWith("ERR "u8) ? throw Refusal(Encoding.UTF8.GetString(data.Span[4..])) : new PktLine(PktKind.Data, data);
    }

    /// <summary>The failure for a server's own words.</summary>
    public static GitException Refusal(string text)
    {
        var words = GitFailures.Printable(text);
        return words.Contains("not our ref", StringComparison.Ordinal)
            ? new GitException(GitFailureKind.NotFound, $"the server does not have the commit (\"{words}\")") { RefusesCommit = true }
            : new GitException(GitFailureKind.ServerError, $"the server says \"{words}\"") { MayHaveAskedWrongly = true };
    }

    private static int LengthOf(ReadOnlySpan<byte> digits) =>
        ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var length) && length != 3 && length <= Longest
            ? length
            : throw new GitException(GitFailureKind.Malformed, "the answer breaks git's protocol: a line has no valid length") { MayHaveAskedWrongly = true };

    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellation)
    {
        if (_start + count > _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        while (_end - _start < count)
        {
            var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation);
            if (read == 0)
            {
                HasEnded = true;
                return false;
            }

            _end += read;
            _total += read;
            if (_total > _limit)
            {
                throw GitException.TooLarge($"the answer is larger than {_limit:N0} bytes");
            }
        }

        return true;
    }
}

/// <summary>Writes the pkt-lines of a request.</summary>
internal sealed class PktLineWriter
{
    private readonly StringBuilder _text = new();

    /// <summary>A line of text; its newline is added.</summary>
    public PktLineWriter Line(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text) + 5;
        _text.Append(CultureInfo.InvariantCulture, $"{length:x4}{text}\n");
        return this;
    }

    /// <summary>The end of the capabilities of a request.</summary>
    public PktLineWriter Delimiter()
    {
        _text.Append("0001");
        return this;
    }

    /// <summary>The end of a part of a request.</summary>
    public PktLineWriter FlushPart()
    {
        _text.Append("0000");
        return this;
    }

    /// <summary>Ends the request.</summary>
    public byte[] Flush() => FlushPart().ToArray();

    /// <summary>The request as it is.</summary>
    public byte[] ToArray() => Encoding.UTF8.GetBytes(_text.ToString());
}
