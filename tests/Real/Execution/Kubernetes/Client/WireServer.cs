using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Pushcart.Tests.Real.Execution.Kubernetes.Client;

/// <summary>A server on loopback that reads requests and leaves every byte of the answer, or its absence, to the test.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<WireRequest, Stream, Task<bool>> _answer;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly ConcurrentBag<Task> _connections = [];
    private readonly Task _accepting;
    private int _accepted;

    /// <summary>Starts it.</summary>
    /// <param name="answer">Answers one request; false: the connection is closed.</param>
    /// <param name="tls">With TLS, or null.</param>
    public WireServer(Func<WireRequest, Stream, Task<bool>> answer, SslServerAuthenticationOptions? tls = null)
    {
        (_answer, _tls) = (answer, tls);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"{(_tls is null ? "http" : "https")}://127.0.0.1:{Port}");

    public int Connections => Volatile.Read(ref _accepted);

    /// <summary>All requests that came whole, in order.</summary>
    public ConcurrentQueue<WireRequest> Requests { get; } = new();

    public static async Task<bool> RespondAsync(Stream stream, string status, string body, string headers = "")
    {
        await WriteAsync(stream, $"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n{headers}\r\n{body}");
        return true;
    }

    public static async Task WriteAsync(Stream stream, string text)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await stream.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await Task.WhenAll(_connections.Append(_accepting)).WaitAsync(TimeSpan.FromSeconds(10));
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _connections.Add(ServeAsync(client));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            return;
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var owned = client;
        await using var close = _stop.Token.Register(client.Close);
        try
        {
            Stream stream = client.GetStream();
            if (_tls is not null)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsServerAsync(_tls, _stop.Token);
                stream = secure;
            }

            while (await ReadAsync(stream) is { } request)
            {
                request = request with { Certificate = (stream as SslStream)?.RemoteCertificate?.Subject, ServerName = (stream as SslStream)?.TargetHostName };
                Requests.Enqueue(request);
                if (!await _answer(request, stream))
                {
                    return;
                }
            }
        }
        catch (Exception gone) when (gone is IOException or ObjectDisposedException or SocketException or OperationCanceledException or InvalidOperationException or System.Security.Authentication.AuthenticationException)
        {
            return;
        }
    }

    private static string? Header(string[] lines, string name) =>
        lines.Select(line => line.Split(": ", 2)).FirstOrDefault(pair => pair[0].Equals(name, StringComparison.OrdinalIgnoreCase))?[1];

    private static async Task<WireRequest?> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
            {
                return null;
            }

            head.Append((char)one[0]);
        }

        var lines = head.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var length = lines.Select(line => line.Split(':', 2)).Where(pair => pair[0].Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Select(pair => int.Parse(pair[1])).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body);
        return new WireRequest(lines[0].Split(' ')[0], lines[0].Split(' ')[1], Encoding.UTF8.GetString(body))
        {
            Authorization = Header(lines, "Authorization"),
            LastEventId = Header(lines, "Last-Event-ID"),
        };
    }
}

/// <summary>A request that came whole.</summary>
internal sealed record WireRequest(string Method, string Path, string Body)
{
    /// <summary>The header <c>Authorization</c>, or null.</summary>
    public string? Authorization { get; init; }

    /// <summary>The header <c>Last-Event-ID</c>, or null.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Subject of the client's certificate, or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>The name that the client asked for in TLS, or null.</summary>
    public string? ServerName { get; init; }
}
