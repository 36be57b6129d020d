using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;
using Pushcart.Tests.Real.FunctionsWorker;

namespace Pushcart.Tests.Real.Execution.Kubernetes.Client;

/// <summary>What a real API server cannot be made to do: be away, hang, close connections, answer by halves.</summary>
public sealed class WireTests
{
    private const string Job = """{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"a"}}""";
    private static readonly KubeLimits s_limits = KubeLimits.Default with { RetryDelay = TimeSpan.FromMilliseconds(20), TryTimeout = TimeSpan.FromSeconds(5) };
    private static readonly KubeLimits s_impatient = s_limits with { TryTimeout = TimeSpan.FromSeconds(0.5) };

    [Fact]
    public async Task A_create_that_is_refused_a_connection_was_surely_not_sent()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        using var client = Client(new Uri($"http://127.0.0.1:{port}"));

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unreachable, mayHaveHappened: false, "the connection was refused");
    }

    [Fact]
    public async Task A_create_to_an_unknown_name_was_surely_not_sent()
    {
        using var client = Client(new Uri("http://pushcart.invalid:1"));

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unreachable, mayHaveHappened: false, "pushcart.invalid");
    }

    [Fact]
    public async Task A_create_for_which_no_connection_comes_about_in_time_was_surely_not_sent()
    {
        // It takes connections, and says nothing in TLS.
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        using var client = Client(new Uri($"https://127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}"), s_impatient);

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unreachable, mayHaveHappened: false, "no connection within 0.5 s; nothing was sent");
    }

    [Fact]
    public async Task A_create_without_an_answer_in_time_is_unknown_and_sent_once()
    {
        var gate = new TaskCompletionSource();
        await using var server = new WireServer(async (_, _) =>
        {
            await gate.Task;
            return false;
        });
        using var client = Client(server.Address, s_impatient);

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unknown, mayHaveHappened: true, "no whole answer within 0.5 s");
        gate.SetResult();
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task An_answer_that_drips_ends_in_time()
    {
        await using var server = new WireServer(async (_, stream) =>
        {
            await WireServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{");
            for (var i = 0; i < 100; i++)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
                await WireServer.WriteAsync(stream, " ");
            }

            return false;
        });
        using var client = Client(server.Address, s_impatient with { Tries = 1 });

        AssertFailure((await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure, KubeFailureKind.Unknown, mayHaveHappened: true, "no whole answer");
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Le")]
    [InlineData("HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{\"kind\":\"Job\",")]
    [InlineData("HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"kin\r\n")]
    [InlineData("HTTP/1.1 201 Created\r\n\r\n{\"kind\":\"Job\",")]
    public async Task A_create_whose_answer_is_cut_off_is_unknown_and_sent_once(string answered)
    {
        await using var server = new WireServer(async (_, stream) =>
        {
            await WireServer.WriteAsync(stream, answered);
            return false;
        });
        using var client = Client(server.Address);

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unknown, mayHaveHappened: true, "cut off");
        Assert.Equal("POST", Assert.Single(server.Requests).Method);
    }

    [Fact]
    public async Task A_create_on_a_connection_that_the_server_is_just_closing_is_sent_once()
    {
        // Keeps the connection after the first answer, and closes it on the next request without a word: what SocketsHttpHandler repeats where it may.
        var first = true;
        await using var server = new WireServer(async (_, stream) =>
        {
            var was = first;
            first = false;
            return was && await WireServer.RespondAsync(stream, "200 OK", Job);
        });
        using var client = Client(server.Address);
        Assert.Null((await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure);

        AssertFailure(await CreateAsync(client), KubeFailureKind.Unknown, mayHaveHappened: true, "cut off");
        Assert.Equal(["GET", "POST"], server.Requests.Select(r => r.Method));
    }

    [Fact]
    public async Task A_create_after_the_server_has_closed_its_connections_gets_a_new_one()
    {
        await using var server = new WireServer(async (request, stream) =>
        {
            await WireServer.RespondAsync(stream, "200 OK", Job);
            return request.Method != "GET";
        });
        using var client = Client(server.Address);
        Assert.Null((await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure);

        await Eventually.TrueAsync(() => server.Connections == 1, "one connection");
        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        Assert.Null(await CreateAsync(client));
        Assert.Equal(2, server.Connections);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("patch")]
    [InlineData("delete")]
    public async Task What_may_be_repeated_outlives_a_cut_off_answer(string call)
    {
        var times = 0;
        await using var server = new WireServer(async (_, stream) =>
        {
            if (Interlocked.Increment(ref times) == 1)
            {
                await WireServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{");
                return false;
            }

            return await WireServer.RespondAsync(stream, "200 OK", Job);
        });
        using var client = Client(server.Address);

        var answer = call switch
        {
            "get" => await client.GetAsync(KubeResource.Jobs, "n", "a", default),
            "patch" => await client.PatchAsync(KubeResource.Jobs, "n", "a", [], default),
            _ => await client.DeleteAsync(KubeResource.Jobs, "n", "a", new KubeDelete(KubePropagation.Foreground), default),
        };
        Assert.Null(answer.Failure);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_log_that_is_cut_off_while_it_is_followed_throws()
    {
        await using var server = new WireServer(async (_, stream) =>
        {
            await WireServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\none\n\r\n");
            return false;
        });
        using var client = Client(server.Address);
        await using var log = (await client.OpenLogAsync(new KubeLog("n", "p"), follow: true, null, null, default)).Value!;
        using var reader = new StreamReader(log);

        await Assert.ThrowsAnyAsync<IOException>(reader.ReadToEndAsync);
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_an_exception()
    {
        using var stop = new CancellationTokenSource();
        await using var server = new WireServer(async (_, _) =>
        {
            await stop.CancelAsync();
            return true;
        });
        using var client = Client(server.Address);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => client.GetAsync(KubeResource.Jobs, "n", "a", stop.Token));
    }

    private static async Task<KubeFailure?> CreateAsync(KubeClient client) =>
        (await client.CreateAsync(KubeResource.Jobs, "n", JsonNode.Parse(Job)!.AsObject(), sendBefore: null, default)).Failure;

    private static KubeClient Client(Uri server, KubeLimits? limits = null) => new(
        new KubeConnection(server, new KubeTrust(), new StaticCredentials(new KubeCredential("t0ken"))), TimeProvider.System, Chance.System, limits ?? s_limits);

    private static void AssertFailure(KubeFailure? failure, KubeFailureKind kind, bool mayHaveHappened, string told)
    {
        Assert.Equal((kind, mayHaveHappened), (failure?.Kind, failure?.MayHaveHappened));
        Assert.Contains(told, failure!.Message, StringComparison.Ordinal);
    }
}
