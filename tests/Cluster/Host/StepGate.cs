using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Transport;

namespace Pushcart.Tests.Cluster.Host;

/// <summary>A step of a job, as the request that makes it.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Is">Whether a request is this step, by its method and by its path and body together, of the job of this id.</param>
internal sealed partial record Step(string Name, Func<string, string, bool> Is)
{
    /// <summary>All steps of a job that clones with credentials, in their order.</summary>
    public static IReadOnlyList<Step> All { get; } =
    [
        new("submitted", (method, text) => method != "GET" && Writes(text, "Queued")),
        new("claimed", (method, text) => method != "GET" && Writes(text, "Claimed")),
        new("Job created", (method, text) => method == "POST" && text.Contains("/jobs?", StringComparison.Ordinal)),
        new("Secret copied", (method, text) => method == "POST" && text.Contains("/secrets?", StringComparison.Ordinal)),
        new("seen running", (method, text) => method != "GET" && Writes(text, "Running")),
        new("ended", (method, text) => method != "GET" && Writes(text, "Ended")),
        new("log read", (method, text) => method == "GET" && text.Contains("/log?", StringComparison.Ordinal)),
        new("in history", (method, text) => method == "POST" && text.Contains("history", StringComparison.Ordinal)),
        new("TTL set", (method, text) => method == "PATCH" && text.Contains("ttlSecondsAfterFinished", StringComparison.Ordinal)),
        new("row deleted", (method, text) => DeletedJob().IsMatch($"{method} {text}")),
    ];

    public override string ToString() => Name;

    // A single delete, or one of a transaction.
    [GeneratedRegex("(?:^|\n)DELETE [^\n]*job%7C")]
    private static partial Regex DeletedJob();

    private static bool Writes(string text, string state) => text.Contains($"\"state\":\"{state}\"", StringComparison.Ordinal);
}

/// <summary>
/// Stands between a host and its services, the tables and the API server, and lets everything pass; but when the step that it waits for has been carried out,
/// it lets the host's process be killed before the answer reaches it.
/// </summary>
internal sealed partial class StepGate : IAsyncDisposable
{
    private const string Kubernetes = "/kubernetes/";

    private readonly KubeConnection _cluster = TestCluster.Connect();
    private readonly HttpMessageInvoker _tables = new(new SocketsHttpHandler { UseProxy = false });
    private readonly Lock _sync = new();
    private readonly KubeTransport _transport;
    private readonly Uri _tablesAddress;
    private readonly WebApplication _server;
    private Awaited? _awaited;

    private StepGate(string storage)
    {
        _transport = new KubeTransport(_cluster, sender: null);
        _tablesAddress = new Uri(TableEndpoint().Match(storage).Groups[1].Value);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.Run(ServeAsync);
    }

    /// <summary>Connection string of the storage, with the tables behind the gate.</summary>
    public string Storage { get; private set; } = "";

    /// <summary>A kubeconfig that leads through the gate.</summary>
    public string Kubeconfig => $$"""
        {apiVersion: v1, kind: Config, current-context: gate, clusters: [{name: gate, cluster: {server: "{{_server.Urls.Single()}}{{Kubernetes.TrimEnd('/')}}"} }],
         users: [{name: gate, user: {} }], contexts: [{name: gate, context: {cluster: gate, user: gate} }]}
        """;

    /// <summary>What was asked for about the awaited job so far, for the message of a failure.</summary>
    public string Seen
    {
        get
        {
            lock (_sync)
            {
                return _awaited is null ? "" : $"job {_awaited.Job ?? "unknown"}: {string.Join("; ", _awaited.Seen)}";
            }
        }
    }

    /// <summary>Opens a gate.</summary>
    /// <param name="storage">Connection string of the storage behind it.</param>
    public static async Task<StepGate> OpenAsync(string storage)
    {
        var gate = new StepGate(storage);
        await gate._server.StartAsync();
        gate.Storage = TableEndpoint().Replace(storage, $"TableEndpoint={gate._server.Urls.Single()}{gate._tablesAddress.AbsolutePath};");
        return gate;
    }

    /// <summary>Waits for a step of the job that runs at a commit.</summary>
    /// <param name="commit">The commit.</param>
    /// <param name="step">The step.</param>
    /// <param name="kill">Kills the host.</param>
    /// <returns>Ends when the step was carried out and the host killed.</returns>
    public Task KilledAtAsync(string commit, Step step, Func<Task> kill)
    {
        lock (_sync)
        {
            _awaited = new Awaited(commit, step, kill);
            return _awaited.Done.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _transport.Dispose();
        _tables.Dispose();
    }

    [GeneratedRegex("TableEndpoint=([^;]*);")]
    private static partial Regex TableEndpoint();

    [GeneratedRegex(@"job(?:%7C|\|)([0-9a-z]{20})")]
    private static partial Regex JobKey();

    private async Task ServeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget;
        using var answer = await ForwardAsync(context.Request, path, body.ToArray());
        var content = await answer.Content.ReadAsByteArrayAsync();
        if (Reached(context.Request.Method, path + "\n" + Encoding.UTF8.GetString(body.ToArray())) is { } awaited)
        {
            await awaited.Kill();
            awaited.Done.SetResult();
            context.Abort();
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers).Where(header => header.Key is not ("Transfer-Encoding" or "Content-Length" or "Connection")))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        if (content.Length > 0)
        {
            await context.Response.Body.WriteAsync(content);
        }
    }

    private Awaited? Reached(string method, string text)
    {
        lock (_sync)
        {
            if (_awaited is not { } awaited)
            {
                return null;
            }

            if (awaited.Job is null && method != "GET" && text.Contains(awaited.Commit, StringComparison.Ordinal) && JobKey().Match(text) is { Success: true } key)
            {
                awaited.Job = key.Groups[1].Value;
            }

            if (awaited.Job is null || !text.Contains(awaited.Job, StringComparison.Ordinal))
            {
                return null;
            }

            awaited.Seen.Add($"{method} {text[..Math.Min(160, text.IndexOf('\n', StringComparison.Ordinal))]}");
            if (!awaited.Step.Is(method, text))
            {
                return null;
            }

            _awaited = null;
            return awaited;
        }
    }

    private async Task<HttpResponseMessage> ForwardAsync(HttpRequest request, string path, byte[] body)
    {
        var ofCluster = path.StartsWith(Kubernetes, StringComparison.Ordinal);
        var target = ofCluster ? $"{_cluster.Server.AbsoluteUri.TrimEnd('/')}/{path[Kubernetes.Length..]}" : _tablesAddress.GetLeftPart(UriPartial.Authority) + path;
        using var message = new HttpRequestMessage(new HttpMethod(request.Method), target);
        if (body.Length > 0)
        {
            message.Content = new ByteArrayContent(body);
        }

        foreach (var (name, values) in request.Headers.Where(header => header.Key is not ("Host" or "Connection" or "Content-Length" or "Transfer-Encoding" or "Accept-Encoding")))
        {
            if (!message.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                message.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        if (!ofCluster)
        {
            return await _tables.SendAsync(message, request.HttpContext.RequestAborted);
        }

        var credential = (await _cluster.Credentials.GetAsync(request.HttpContext.RequestAborted)).Value!;
        message.Headers.Authorization = credential.Token is { } token ? new("Bearer", token) : null;
        return await _transport.SendAsync(message, credential, request.HttpContext.RequestAborted);
    }

    private sealed record Awaited(string Commit, Step Step, Func<Task> Kill)
    {
        public string? Job { get; set; }

        public List<string> Seen { get; } = [];

        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
