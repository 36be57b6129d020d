using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Tests.Cluster.Jobs;

/// <summary>A request to the API server.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Its path, with the query.</param>
internal sealed record KubeCall(string Method, string Path)
{
    public override string ToString() => $"{Method} {Path}";
}

/// <summary>The way to the tests' cluster: counts requests, and can be cut before they get there or before their answers come back.</summary>
internal sealed partial class CountedCluster : HttpMessageHandler
{
    private readonly KubeConnection _connection = TestCluster.Connect();
    private readonly ConcurrentQueue<KubeCall> _calls = new();
    private readonly KubeTransport _transport;

    public CountedCluster() => _transport = new KubeTransport(_connection, sender: null);

    /// <summary>What was asked for since the last <see cref="Clear"/>.</summary>
    public IReadOnlyList<KubeCall> Calls => [.. _calls];

    /// <summary>True while no request gets there.</summary>
    public bool IsCut { get; set; }

    /// <summary>Whether the answer of a request that was carried out is lost.</summary>
    public Func<KubeCall, bool> LosesAnswerOf { get; set; } = _ => false;

    /// <summary>A client that goes this way, and waits little before it tries again.</summary>
    public KubeClient Client() => new(
        _connection, TimeProvider.System, Chance.System, KubeLimits.Default with { Tries = 2, RetryDelay = TimeSpan.FromMilliseconds(50) }, this);

    /// <summary>Forgets what was asked for.</summary>
    public void Clear() => _calls.Clear();

    /// <summary>How often a kind of request was sent: <c>POST jobs</c>, <c>GET log</c>.</summary>
    public int Count(string method, string what) => Calls.Count(call => call.Method == method && Kind().Match(call.Path).Groups[1].Value == what);

    /// <summary>Ends a Job as its controller would, where no pod can be created for it.</summary>
    public async Task CompleteAsync(string ns, string name)
    {
        var now = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);
        var credential = (await _connection.Credentials.GetAsync(default)).Value!;
        using var request = new HttpRequestMessage(HttpMethod.Patch, $"{_connection.Server.AbsoluteUri.TrimEnd('/')}/apis/batch/v1/namespaces/{ns}/jobs/{name}/status")
        {
            Content = new StringContent(
                $$"""{"status":{"startTime":"{{now}}","completionTime":"{{now}}","succeeded":1,"conditions":[{"type":"Complete","status":"True"}]} }""",
                MediaTypeHeaderValue.Parse("application/merge-patch+json")),
        };
        request.Headers.Authorization = credential.Token is { } token ? new("Bearer", token) : null;
        using var answer = await _transport.SendAsync(request, credential, default);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = new KubeCall(request.Method.Method, request.RequestUri!.PathAndQuery);
        _calls.Enqueue(call);
        if (IsCut)
        {
            throw new HttpRequestException("the cluster is away", new System.Net.Sockets.SocketException(111));
        }

        var answer = await _transport.SendAsync(request, (await _connection.Credentials.GetAsync(cancellationToken)).Value!, cancellationToken);
        if (LosesAnswerOf(call))
        {
            answer.Dispose();
            throw new HttpRequestException("the answer was cut off", new IOException());
        }

        return answer;
    }

    protected override void Dispose(bool disposing)
    {
        _transport.Dispose();
        base.Dispose(disposing);
    }

    [GeneratedRegex("/(jobs|pods|secrets|events|log)(?:/[^/?]*)?(?:[?]|$)")]
    private static partial Regex Kind();
}
