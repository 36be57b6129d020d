using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Pushcart.Cli.Demo;

/// <summary>
/// Serves a folder of bare repositories over smart HTTP, on loopback or another address and a free port, by running <c>git http-backend</c> as CGI for each
/// request. For <c>pushcart demo</c> and for tests; it only reads, and is no server for the open network.
/// </summary>
public sealed class GitHttpBackend : IAsyncDisposable
{
    private const int Remembered = 1000;

    private readonly GitHttpBackendOptions _options;
    private readonly string _folder;
    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _running = new();
    private readonly ConcurrentQueue<GitHttpExchange> _exchanges = new();
    private readonly Task _accepting;
    private long _count;
    private long _bytesSent;
    private int _disposed;

    private GitHttpBackend(string folder, GitHttpBackendOptions options, HttpListener listener, int port)
    {
        (_folder, _options, _listener) = (folder, options, listener);
        Address = new Uri($"http://{options.Host ?? "127.0.0.1"}:{port}/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens, with a slash at its end. On loopback the same port answers at the host name <c>localhost</c>.</summary>
    public Uri Address { get; }

    /// <summary>How many requests it has taken.</summary>
    public long RequestCount => Interlocked.Read(ref _count);

    /// <summary>Bytes of all bodies sent.</summary>
    public long BytesSent => Interlocked.Read(ref _bytesSent);

    /// <summary>The last requests that have ended, 1,000 at most, in the order in which they came.</summary>
    public IReadOnlyList<GitHttpExchange> Exchanges => [.. _exchanges.OrderBy(exchange => exchange.Number)];

    /// <summary>The address of a repository: <c>app.git</c> is the folder of that name.</summary>
    public string UriOf(string repository) => Address + repository;

    /// <summary>Starts to serve.</summary>
    /// <param name="folder">The folder that holds the repositories.</param>
    /// <param name="options">Settings; null: the defaults.</param>
    /// <exception cref="InvalidOperationException">Git is not installed, or no port is free.</exception>
    public static GitHttpBackend Start(string folder, GitHttpBackendOptions? options = null)
    {
        GitCgi.CheckInstalled();

        // HttpListener cannot choose a port. One that was free a moment ago nearly always still is.
        for (var attempt = 1; ; attempt++)
        {
            var port = FreePort();
            var listener = new HttpListener();
            foreach (var host in options?.Host is { } named ? [named] : new[] { "127.0.0.1", "localhost" })
            {
                listener.Prefixes.Add($"http://{host}:{port}/");
            }

            try
            {
                listener.Start();
                return new GitHttpBackend(Path.GetFullPath(folder), options ?? new GitHttpBackendOptions(), listener, port);
            }
            catch (HttpListenerException exception) when (attempt < 5)
            {
                Trace.TraceInformation($"Port {port} was taken meanwhile ({exception.Message}).");
            }
            catch (HttpListenerException exception)
            {
                throw new InvalidOperationException($"The git server finds no free port on {options?.Host ?? "loopback"}: {exception.Message}", exception);
            }
        }
    }

    /// <summary>Stops listening and ends what runs, its child processes too.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        // Close alone: after Stop it would open the port anew, only to close it, and fail where another has taken it.
        await _stopping.CancelAsync();
        _listener.Close();
        await _accepting;
        await Task.WhenAll(_running.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception exception) when (exception is HttpListenerException or InvalidOperationException && _stopping.IsCancellationRequested)
            {
                return;
            }

            var number = Interlocked.Increment(ref _count);
            var serving = Task.Run(() => ServeAsync(context, number));
            _running[serving] = 0;
            _ = serving.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private void Ended(Task serving)
    {
        _running.TryRemove(serving, out _);
        if (serving.Exception is { } failure)
        {
            Trace.TraceError($"A request to the git server failed: {failure.InnerException}");
        }
    }

    private async Task ServeAsync(HttpListenerContext context, long number)
    {
        var (sent, closed) = (0L, false);
        try
        {
            if (_options.Authorization is { } expected && context.Request.Headers["Authorization"] != expected)
            {
                context.Response.StatusCode = 401;
                context.Response.AddHeader("WWW-Authenticate", "Basic realm=\"git\"");
            }
            else if (!(_options.Intercept is { } intercept && await intercept(context, _stopping.Token)))
            {
                sent = await new GitCgi(_folder, _options).RunAsync(context, _stopping.Token);
            }

            context.Response.Close();
            closed = true;
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or OperationCanceledException)
        {
            Trace.TraceInformation($"The client has gone, or the git server stops: {exception.Message}");
        }
        finally
        {
            if (!closed)
            {
                context.Response.Abort();
            }

            Interlocked.Add(ref _bytesSent, sent);
            Remember(context, number, sent);
        }
    }

    private void Remember(HttpListenerContext context, long number, long sent)
    {
        var request = context.Request;
        _exchanges.Enqueue(new GitHttpExchange(
            number, request.HttpMethod, request.RawUrl ?? "", request.Headers["Git-Protocol"], request.Headers["Authorization"], context.Response.StatusCode, sent));
        while (_exchanges.Count > Remembered)
        {
            _exchanges.TryDequeue(out _);
        }
    }
}

/// <summary>Settings of a <see cref="GitHttpBackend"/>.</summary>
public sealed record GitHttpBackendOptions
{
    /// <summary>An address of this machine to listen on; null: loopback.</summary>
    public string? Host { get; init; }

    /// <summary>The <c>Authorization</c> header that every request must have, or null for none. Otherwise: 401.</summary>
    public string? Authorization { get; init; }

    /// <summary>False: the header <c>Git-Protocol</c> is dropped, so that git answers as a server does that reads no version.</summary>
    public bool PassProtocol { get; init; } = true;

    /// <summary>False: git offers no filters (<c>uploadpack.allowFilter</c>).</summary>
    public bool AllowFilter { get; init; } = true;

    /// <summary>
    /// False: a client is told that only commits at references can be asked for (<c>uploadpack.allowAnySHA1InWant</c>). Protocol 2 knows no such rule: it goes with
    /// <see cref="PassProtocol"/> false.
    /// </summary>
    public bool AllowAnyCommit { get; init; } = true;

    /// <summary>
    /// Sees each request before git does, and may delay it. True: it has answered (the response is then closed; an aborted one stays aborted).
    /// The token ends with the server.
    /// </summary>
    public Func<HttpListenerContext, CancellationToken, Task<bool>>? Intercept { get; init; }
}

/// <summary>A request that was answered.</summary>
/// <param name="Number">1 for the first that came.</param>
/// <param name="Method">Its method.</param>
/// <param name="Url">Its path and query.</param>
/// <param name="GitProtocol">Its header <c>Git-Protocol</c>.</param>
/// <param name="Authorization">Its header <c>Authorization</c>.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="BytesSent">Bytes of the answer's body that git gave.</param>
public sealed record GitHttpExchange(
    long Number, string Method, string Url, string? GitProtocol, string? Authorization, int Status, long BytesSent)
{
    /// <summary>Never shows the credentials.</summary>
    public override string ToString() => $"{Method} {Url} {Status}, {BytesSent} bytes";
}
