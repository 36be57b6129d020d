using System.Text;

namespace Pushcart.Workers.Working.Runs;

/// <summary>
/// Cuts a run's output into pieces. Where they are cut depends on the output alone, so that a process that adopts the run sends the same pieces under the same numbers: a piece is full, up to
/// the last line that fits, or it is the last one.
/// </summary>
public sealed class LogPieces
{
    /// <summary>Bytes of a run's output that the server keeps.</summary>
    public const int Most = 256 * 1024;

    // Small ones first, so that a run which says little is heard soon.
    private const int SmallPieces = 16;
    private const int SmallBytes = 1024;
    private const int LargeBytes = 8 * 1024;

    /// <summary>Number of the next piece, from 0.</summary>
    public int Number { get; private set; }

    /// <summary>Bytes of the output that were sent.</summary>
    public long Sent { get; private set; }

    /// <summary>True once no more is sent.</summary>
    public bool IsFull { get; set; }

    /// <summary>The next piece.</summary>
    /// <param name="rest">The output after <see cref="Sent"/>.</param>
    /// <param name="isLast">True where no more will follow.</param>
    /// <returns>The piece and its bytes; null where it is not full yet.</returns>
    public (string Text, int Bytes)? Next(ReadOnlySpan<byte> rest, bool isLast)
    {
        var size = Number < SmallPieces ? SmallBytes : LargeBytes;
        if (rest.Length == 0 || (rest.Length < size && !isLast))
        {
            return null;
        }

        var bytes = rest.Length <= size && isLast ? rest.Length : Cut(rest[..size]);
        return (Encoding.UTF8.GetString(rest[..bytes]), bytes);
    }

    /// <summary>A piece was taken.</summary>
    /// <param name="bytes">Its bytes.</param>
    public void Took(int bytes)
    {
        Number++;
        Sent += bytes;
        IsFull |= Sent >= Most;
    }

    private static int Cut(ReadOnlySpan<byte> window)
    {
        var line = window.LastIndexOf((byte)'\n');
        if (line >= 0)
        {
            return line + 1;
        }

        // Not within a character: its further bytes begin with 10.
        var at = window.Length;
        while (at > window.Length - 4 && (window[at - 1] & 0xC0) == 0x80)
        {
            at--;
        }

        return window[at - 1] >= 0xC0 ? at - 1 : window.Length;
    }
}
