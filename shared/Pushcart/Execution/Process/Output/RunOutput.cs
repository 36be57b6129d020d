using System.Text;

namespace Pushcart.Execution.Process.Output;

/// <summary>Takes bytes that a program wrote.</summary>
internal delegate void RunOutputSink(ReadOnlySpan<byte> bytes);

/// <summary>The file <c>output</c>: all that a run writes, in order, up to a limit. Beyond it, or where the disk is full, the rest is dropped with a note.</summary>
internal sealed class RunOutput : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream? _file;
    private readonly long _limit;
    private bool _dropping;
    private byte _last = (byte)'\n';

    public RunOutput(string path, long limit)
    {
        _limit = limit;
        try
        {
            _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (IOException)
        {
            _dropping = true;
        }
    }

    /// <summary>A line of Pushcart's own.</summary>
    public void Line(string text)
    {
        lock (_gate)
        {
            Write(Encoding.UTF8.GetBytes($"{(_last == '\n' ? "" : "\n")}pushcart: {text}\n"));
        }
    }

    /// <summary>What the work wrote.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (_dropping || _file is null || bytes.IsEmpty)
            {
                return;
            }

            var room = _limit - _file.Length;
            try
            {
                _file.Write(bytes[..(int)Math.Min(bytes.Length, room)]);
                _last = bytes[^1];
                if (bytes.Length > room)
                {
                    _dropping = true;
                    _file.Write(Encoding.UTF8.GetBytes($"\npushcart: the output exceeds {_limit} bytes; the rest is dropped\n"));
                }
            }
            catch (IOException)
            {
                // No room on the disk: the work goes on, its output is lost from here.
                _dropping = true;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _dropping = true;
            _file?.Dispose();
        }
    }
}
