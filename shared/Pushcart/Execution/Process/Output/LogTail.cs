using System.Text;

namespace Pushcart.Execution.Process.Output;

/// <summary>The end of a run's output, as text.</summary>
internal static class LogTail
{
    /// <summary>Opens a file that others may still write, or delete.</summary>
    public static FileStream Open(string path) => new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);

    /// <summary>Reads the last bytes of a file; null where it is not there.</summary>
    public static async Task<string?> ReadAsync(string path, int bytes, CancellationToken cancellation)
    {
        try
        {
            await using var file = Open(path);
            var buffer = new byte[Math.Min(bytes, file.Length)];
            file.Seek(-buffer.Length, SeekOrigin.End);
            var read = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            return Text(buffer.AsSpan(0, read), bytes, cut: file.Length > bytes);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Text of the last bytes: from the first whole character on, what is no UTF-8 replaced, and again no longer than the limit.</summary>
    /// <param name="tail">The bytes.</param>
    /// <param name="limit">Bytes of UTF-8 at most; a replacement has three.</param>
    /// <param name="cut">True where something stands before them.</param>
    public static string Text(ReadOnlySpan<byte> tail, int limit, bool cut)
    {
        // At most three bytes can be what is left of a character that was cut.
        for (var i = 0; cut && i < 3 && tail.Length > 0 && IsContinuation(tail[0]); i++)
        {
            tail = tail[1..];
        }

        var text = Encoding.UTF8.GetString(tail);
        var whole = Encoding.UTF8.GetBytes(text).AsSpan();
        if (whole.Length <= limit)
        {
            return text;
        }

        whole = whole[^limit..];
        while (whole.Length > 0 && IsContinuation(whole[0]))
        {
            whole = whole[1..];
        }

        return Encoding.UTF8.GetString(whole);
    }

    private static bool IsContinuation(byte value) => (value & 0xC0) == 0x80;
}
