using System.Text;

namespace Pushcart;

/// <summary>The body of a request as text, bounded.</summary>
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
        var tooLarge = new Refusal(RefusalCodes.BodyTooLarge, $"the body is larger than {most:N0} bytes, the most that is taken here");
        if (length > most)
        {
            return tooLarge;
        }

        using var bytes = new MemoryStream();
        var some = new byte[16 * 1024];
        int count;
        while ((count = await body.ReadAsync(some, cancellation).ConfigureAwait(false)) > 0)
        {
            bytes.Write(some, 0, count);
            if (bytes.Length > most)
            {
                return tooLarge;
            }
        }

        try
        {
            return s_strict.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
        }
        catch (DecoderFallbackException)
        {
            return new Refusal(RefusalCodes.BodyInvalid, "the body is no UTF-8");
        }
    }
}
