using System.Net;
using System.Net.Http.Headers;

namespace Pushcart.Execution.Kubernetes.Client.Transport;

/// <summary>
/// A body that tells whether a byte of it was ever given to a connection: until then the API cannot have acted on the request. And it goes out once:
/// connections that would repeat it by themselves are refused.
/// </summary>
/// <remarks>
/// Over HTTP/1.1, SocketsHttpHandler repeats a request on a new connection only where the old one was closed before an answer and the request has no
/// body (or waits for 100-continue). Requests with this body are sent over HTTP/1.1 without that wait, so this is a second lock on the same door.
/// </remarks>
internal sealed class RequestBody : HttpContent
{
    private readonly byte[] _bytes;
    private readonly Func<bool> _mayStart;
    private int _started;

    public RequestBody(byte[] bytes, string mediaType, Func<bool> mayStart)
    {
        (_bytes, _mayStart) = (bytes, mayStart);
        Headers.ContentType = new MediaTypeHeaderValue(mediaType);
    }

    /// <summary>True once the connection may have seen a byte of it.</summary>
    public bool Started => Volatile.Read(ref _started) != 0;

    /// <summary>True where it was not begun because its time was over.</summary>
    public bool TooLate { get; private set; }

    /// <inheritdoc/>
    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <inheritdoc/>
    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        if (!_mayStart())
        {
            TooLate = true;
            throw new IOException("the time to send the request was over");
        }

        if (Interlocked.Exchange(ref _started, 1) != 0)
        {
            throw new IOException("the request would have been sent twice");
        }

        await stream.WriteAsync(_bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
