using System.Text;

namespace Pushcart;

/// <summary>The body of a request, bounded.</summary>
public static class BodyText
{
    private static readonly UTF8Encoding s_strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a body to its end, or to the limit.</summary>
    /// <param name="body">The body, unread.</param>
    /// <param name="length">Its length in bytes as its sender says; null where that is not said.</param>
    /// <param name="most">Bytes that are taken.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<Answer<string>> ReadAsync(Stream body, long? length, int most, CancellationToken cancellation)
    {
        if (await BytesAsync(body, length, most, cancellation).ConfigureAwait(false) is not { } bytes)
        {
            return new Refusal(RefusalCodes.BodyTooLarge, $"the body is larger than {most:N0} bytes, the most that is taken here");
        }

        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return new Refusal(RefusalCodes.BodyInvalid, "the body is no UTF-8");
        }
    }

    /// <summary>Reads the bytes of a body; null where there are more than are taken.</summary>
    /// <param name="body">The body, unread.</param>
    /// <param name="length">Its length in bytes as its sender says; null where that is not said.</param>
    /// <param name="most">Bytes that are taken.</param>
    /// <param name="cancellation">Ends the reading.</param>
    internal static async Task<byte[]?> BytesAsync(Stream body, long? length, int most, CancellationToken cancellation)
    {
        if (length > most)
        {
            return null;
        }

        using var bytes = new MemoryStream((int)(length ?? 0));
        var some = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(some, cancellation).ConfigureAwait(false)) > 0)
        {
            if (bytes.Length + count > most)
            {
                return null;
            }

            bytes.Write(some, 0, count);
        }

        return bytes.ToArray();
    }
}
