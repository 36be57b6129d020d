using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pushcart.Cli.Worker;

/// <summary>
/// Serves a few texts by HTTP, to a kubelet and to Prometheus: one request a connection, GET only, without a token. It is no server for anything else.
/// </summary>
internal sealed class HealthPort : IDisposable
{
    private const int MostBytes = 8 * 1024;
    private const int MostAtOnce = 16;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly TcpListener _listener;
    private readonly Func<string, (int Status, string Text)?> _answer;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _room = new(MostAtOnce);

    /// <param name="address">Where; port 0 for a free one.</param>
    /// <param name="answer">The answer for a path; null: there is none.</param>
    /// <param name="time">Bounds slow callers.</param>
    /// <exception cref="SocketException">Somebody else listens there, or nobody may.</exception>
    public HealthPort(IPEndPoint address, Func<string, (int Status, string Text)?> answer, TimeProvider time)
    {
        (_answer, _time) = (answer, time);
        _listener = new(address);
        _listener.Start();
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Serves until it is told to end.</summary>
    public async Task ServeAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                await _room.WaitAsync(cancellation);
                var client = await _listener.AcceptTcpClientAsync(cancellation);
                _ = ServeOneAsync(client, cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            _listener.Stop();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listener.Dispose();
        _room.Dispose();
    }

    private async Task ServeOneAsync(TcpClient client, CancellationToken cancellation)
    {
        using var timer = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            using var disposal = client;
            var stream = client.GetStream();
            if (await HeadAsync(stream, either.Token) is { } head)
            {
                await stream.WriteAsync(Answer(head), either.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Whoever asked has gone, or was too slow: nothing is owed to it.
        }
        finally
        {
            if (!cancellation.IsCancellationRequested)
            {
                _room.Release();
            }
        }
    }

    private static async Task<string?> HeadAsync(NetworkStream stream, CancellationToken cancellation)
    {
        var bytes = new byte[MostBytes];
        var length = 0;
        while (length < bytes.Length)
        {
            var read = await stream.ReadAsync(bytes.AsMemory(length), cancellation);
            if (read == 0)
            {
                return null;
            }

            length += read;
            if (bytes.AsSpan(0, length).IndexOf("\r\n\r\n"u8) >= 0)
            {
                return Encoding.ASCII.GetString(bytes, 0, length);
            }
        }

        return null;
    }

    private byte[] Answer(string head)
    {
        var (status, text) = head.Split('\n', 2)[0].Split(' ') is ["GET", var target, _] ? _answer(target.Split('?')[0]) ?? (404, "there is no such thing\n") : (405, "only GET\n");
        var reason = ((HttpStatusCode)status).ToString();
        var body = Encoding.UTF8.GetBytes(text);
        var answer = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {reason}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {body.Length}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(answer), .. body];
    }
}
