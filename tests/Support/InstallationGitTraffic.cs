using System.Net.Sockets;

namespace Pushcart.Tests.Support;

/// <summary>Stands below a process's git client: counts requests, and bytes of the answers as they are on the wire, headers too.</summary>
public sealed class InstallationGitTraffic : DelegatingHandler
{
    private int _requests;
    private long _received;

    /// <summary>Traffic that reaches any server.</summary>
    public InstallationGitTraffic() => InnerHandler = new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectCallback = async (context, cancellation) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
            return new CountingStream(socket, count => Interlocked.Add(ref _received, count));
        },
    };

    /// <summary>Requests since the last <see cref="Clear"/>.</summary>
    public int Requests => Volatile.Read(ref _requests);

    /// <summary>Bytes received since the last <see cref="Clear"/>.</summary>
    public long Received => Interlocked.Read(ref _received);

    /// <summary>Runs after a whole answer has come, before the product sees it: a slow way back.</summary>
    public Func<Task>? After { get; set; }

    /// <summary>Forgets what was counted.</summary>
    public void Clear() => (_requests, _received) = (0, 0);

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _requests);
        var response = await base.SendAsync(request, cancellationToken);
        if (After is { } after)
        {
            await response.Content.LoadIntoBufferAsync(cancellationToken);
            await after();
        }

        return response;
    }

    private sealed class CountingStream(Socket socket, Action<int> received) : NetworkStream(socket, ownsSocket: true)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var read = await base.ReadAsync(buffer, cancellationToken);
            received(read);
            return read;
        }
    }
}
