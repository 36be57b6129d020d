using System.Net.Sockets;
using Pushcart.Cli.Demo;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

/// <summary>A repository, a real git server for it, and a client whose bytes on the wire are counted.</summary>
internal sealed class GitFixture : IAsyncDisposable
{
    private readonly SocketsHttpHandler _transport;
    private long _received;

    public GitFixture(GitHttpBackendOptions? options = null, GitLimits? limits = null, bool sha256 = false)
    {
        Repository = TestRepository.Create(sha256: sha256);
        Server = GitHttpBackend.Start(Repository.Root, options);
        _transport = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            MaxResponseDrainSize = 64 * 1024,
            ConnectCallback = async (context, cancellation) =>
            {
                var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                return new CountingStream(socket, count => Interlocked.Add(ref _received, count));
            },
        };
        Client = new GitClient(TimeProvider.System, limits, _ => _transport);
    }

    public TestRepository Repository { get; }

    public GitHttpBackend Server { get; }

    public GitClient Client { get; }

    public GitEndpoint Endpoint => new(Server.UriOf(Repository.Name));

    /// <summary>Bytes of all answers on the wire, headers too.</summary>
    public long Received => Interlocked.Read(ref _received);

    public Task<GitAnswer<GitRefs>> RefsAsync(params string[] names) => Client.ListRefsAsync(Endpoint, names, null, CancellationToken.None);

    public async Task<GitRefs> ExpectRefsAsync(GitDialect? remembered, params string[] names)
    {
        var answer = await Client.ListRefsAsync(Endpoint, names, remembered, CancellationToken.None);
        Assert.True(answer.Failure is null, answer.Failure?.Message);
        return answer.Value!;
    }

    public async Task<GitTree> ExpectFilesAsync(string commit, GitDialect? remembered = null)
    {
        var answer = await Client.ListFilesAsync(Endpoint, commit, null, remembered, CancellationToken.None);
        Assert.True(answer.Failure is null, answer.Failure?.Message);
        return answer.Value!;
    }

    /// <summary>The method of each request that the server has taken.</summary>
    public async Task<IReadOnlyList<string>> RequestsAsync()
    {
        // The server notes an exchange just after its last byte has left.
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10), TimeProvider.System);
        while (Server.Exchanges.Count < Server.RequestCount)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, deadline.Token);
        }

        return [.. Server.Exchanges.Select(exchange => exchange.Method)];
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _transport.Dispose();
        await Server.DisposeAsync();
        Repository.Dispose();
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
