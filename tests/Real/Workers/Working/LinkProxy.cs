using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pushcart.Tests.Real.Workers.Working;

/// <summary>How a link is.</summary>
internal enum LinkState
{
    /// <summary>All goes through.</summary>
    Open,

    /// <summary>Connections are cut, and new ones too.</summary>
    Cut,

    /// <summary>A proxy shows a page, with status 502.</summary>
    Page502,

    /// <summary>What the server answers is changed on the way.</summary>
    Garbled,
}

/// <summary>Stands between a worker and its server, on loopback.</summary>
internal sealed class LinkProxy : IAsyncDisposable
{
    private static readonly byte[] s_page = Encoding.ASCII.GetBytes(
        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\nContent-Length: 39\r\nConnection: close\r\n\r\n<html><body>Bad Gateway</body></html>\r\n");

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<TcpClient, bool> _open = new();
    private readonly Uri _server;
    private readonly Task _accepting;
    private volatile LinkState _state;

    public LinkProxy(Uri server)
    {
        _server = server;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Where workers find it.</summary>
    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Changes the link; what goes on on it is cut.</summary>
    public void Become(LinkState state)
    {
        _state = state;
        foreach (var client in _open.Keys)
        {
            client.Close();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        Become(LinkState.Cut);
        await _accepting;
        _listener.Dispose();
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await _listener.AcceptTcpClientAsync(_end.Token));
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            _listener.Stop();
        }
    }

    private async Task CarryAsync(TcpClient worker)
    {
        using var server = new TcpClient();
        try
        {
            using var disposal = worker;
            _open[worker] = true;
            var state = _state;
            if (state == LinkState.Cut)
            {
                return;
            }

            var near = worker.GetStream();
            if (state == LinkState.Page502)
            {
                await near.ReadAtLeastAsync(new byte[64 * 1024], 1, throwOnEndOfStream: false, _end.Token);
                await near.WriteAsync(s_page, _end.Token);
                return;
            }

            await server.ConnectAsync(_server.Host, _server.Port, _end.Token);
            _open[server] = true;
            var far = server.GetStream();
            await Task.WhenAny(near.CopyToAsync(far, _end.Token), BackAsync(far, near, state));
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The link was cut.
        }
        finally
        {
            _open.TryRemove(worker, out _);
            _open.TryRemove(server, out _);
        }
    }

    private async Task BackAsync(NetworkStream far, NetworkStream near, LinkState state)
    {
        var bytes = new byte[64 * 1024];
        int read;
        while ((read = await far.ReadAsync(bytes, _end.Token)) > 0)
        {
            if (state == LinkState.Garbled)
            {
                // The status stands; what is said is not JSON any more.
                for (var i = bytes.AsSpan(0, read).IndexOf("\r\n\r\n"u8) is var at && at >= 0 ? at + 4 : 0; i < read; i++)
                {
                    bytes[i] ^= 1;
                }
            }

            await near.WriteAsync(bytes.AsMemory(0, read), _end.Token);
        }
    }
}
