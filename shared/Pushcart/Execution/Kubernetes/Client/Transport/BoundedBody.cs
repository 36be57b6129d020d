namespace Pushcart.Execution.Kubernetes.Client.Transport;

/// <summary>Reads a body up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>Bytes of an answer that tells of a failure.</summary>
    public const int FailureBytes = 256 * 1024;

    /// <summary>All bytes; null where there are more than <paramref name="limit"/>.</summary>
    public static async Task<byte[]?> ReadAsync(HttpContent content, int limit, CancellationToken cancellation)
    {
        var stream = await content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var whole = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                if (whole.Length + read > limit)
                {
                    return null;
                }

                whole.Write(buffer, 0, read);
            }

            return whole.ToArray();
        }
    }
}
