using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pushcart.Tests.Cluster.Execution;

/// <summary>
/// Lets pods reach a server on this machine's loopback, at the address by which this machine reaches the cluster; <c>PUSHCART_TEST_HOST</c> names another one,
/// where pods know this machine by another (kind on Linux: the gateway of its network).
/// </summary>
internal sealed class PodReach : IAsyncDisposable
{
    private readonly TcpListener _listener;
    private readonly Func<TcpClient, CancellationToken, Task> _serve;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;

    private PodReach(Func<PodReach, Func<TcpClient, CancellationToken, Task>> serve)
    {
        _listener = new TcpListener(IPAddress.Any, 0);
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serve = serve(this);
        _accepting = AcceptAsync();
    }

    /// <summary>The address for pods.</summary>
    public static string Host { get; } = Environment.GetEnvironmentVariable("PUSHCART_TEST_HOST") is { Length: > 0 } host ? host : HostOfThisMachine();

    /// <summary>The port for pods.</summary>
    public int Port { get; }

    /// <summary>Relays to an http server, which is told its own name as the host.</summary>
    public static PodReach Relay(Uri server) => new(reach => (client, stop) => RelayAsync(client, server, $"{Host}:{reach.Port}", stop));

    /// <summary>Answers <c>go</c> to a line that is in the list, and nothing to another.</summary>
    public static PodReach Gate(ConcurrentDictionary<string, bool> open) => new(_ => async (client, stop) =>
    {
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        var line = await reader.ReadLineAsync(stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(line is not null && open.ContainsKey(line) ? "go\n" : "wait\n"), stop);
    });

    /// <summary>Answers every request with a file.</summary>
    public static PodReach Sends(string file) => new(_ => async (client, stop) =>
    {
        using var reader = new StreamReader(client.GetStream(), leaveOpen: true);
        while (await reader.ReadLineAsync(stop) is { Length: > 0 })
        {
            // Whatever is asked for, there is one thing.
        }

        await using var content = File.OpenRead(file);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.0 200 OK\r\nContent-Length: {content.Length}\r\n\r\n"), stop);
        await content.CopyToAsync(client.GetStream(), stop);
    });

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await _serve(client, _stop.Token);
            }
            catch (Exception end) when (end is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
            {
                // The pod has gone, or the test has ended.
                return;
            }
        }
    }

    private static async Task RelayAsync(TcpClient client, Uri server, string name, CancellationToken stop)
    {
        using var target = new TcpClient();
        await target.ConnectAsync(server.Host, server.Port, stop);
        var (pod, own) = (client.GetStream(), target.GetStream());
        var back = own.CopyToAsync(pod, stop);
        var bytes = new byte[65536];
        for (int read; (read = await pod.ReadAsync(bytes, stop)) > 0;)
        {
            var text = Encoding.Latin1.GetString(bytes, 0, read).Replace("Host: " + name, "Host: " + server.Authority, StringComparison.OrdinalIgnoreCase);
            await own.WriteAsync(Encoding.Latin1.GetBytes(text), stop);
        }

        target.Client.Shutdown(SocketShutdown.Send);
        await back;
    }

    private static string HostOfThisMachine()
    {
        var server = TestCluster.Connect().Server;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(server.Host, server.Port);
        return ((IPEndPoint)socket.LocalEndPoint!).Address.ToString();
    }
}
