using System.Net;
using System.Text;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Credentials;
using Pushcart.Execution.Kubernetes.Client.Transport;
using Pushcart.Tests.Unit.Jobs;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

/// <summary>An API that answers what the test says, in order, and remembers what it was asked.</summary>
internal sealed class FakeApi : HttpMessageHandler
{
    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    /// <summary>Each request as <c>GET /path?query body</c>, unescaped.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The credential of each request.</summary>
    public List<string?> Credentials { get; } = [];

    /// <summary>Waits between tries; time passes at once.</summary>
    public WaitlessTime Time { get; } = new();

    public FakeApi Answers(int code, string body, params (string Name, string Value)[] headers)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)code) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            foreach (var (name, value) in headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return response;
        });
        return this;
    }

    public FakeApi Fails(int code, string reason, string message, string details = "{}") =>
        Answers(code, $$"""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"{{message}}","reason":"{{reason}}","details":{{details}},"code":{{code}}}""");

    public FakeApi Throws(Exception exception)
    {
        _answers.Enqueue(() => throw exception);
        return this;
    }

    public KubeClient Client(KubeLimits? limits = null, IKubeCredentials? credentials = null) => new(
        new KubeConnection(new Uri("https://api.test/base/"), new KubeTrust(), credentials ?? new StaticCredentials(new KubeCredential("t0ken"))),
        Time,
        new SeededChance(1),
        limits,
        this);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Credentials.Add(request.Headers.Authorization?.ToString());
        var body = request.Content is null ? "" : " " + await request.Content.ReadAsStringAsync(cancellationToken);
        Asked.Add($"{request.Method} {Uri.UnescapeDataString(request.RequestUri!.PathAndQuery)}{body}");
        return _answers.Count > 0 ? _answers.Dequeue()() : throw new InvalidOperationException($"asked once more than answered: {Asked[^1]}");
    }
}
