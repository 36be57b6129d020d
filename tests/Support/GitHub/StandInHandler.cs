using System.Net;
using System.Text;

namespace Pushcart.Tests.Support.GitHub;

/// <summary>The stand-in of GitHub without a network between.</summary>
public sealed class StandInHandler(GitHubStandIn gitHub) : HttpMessageHandler
{
    /// <summary>Runs before each request is answered: it may wait, or throw.</summary>
    public Func<GitHubRequest, CancellationToken, Task>? Before { get; set; }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var uri = request.RequestUri!;
        var query = uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=')).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1]));
        var asked = new GitHubRequest(request.Method.Method, uri.AbsolutePath, query, request.Headers.Authorization?.ToString(), body);
        await (Before?.Invoke(asked, cancellationToken) ?? Task.CompletedTask);
        var reply = gitHub.Answer(asked);
        var response = new HttpResponseMessage((HttpStatusCode)reply.Status)
        {
            Content = new StringContent(reply.Body?.ToJsonString() ?? "", Encoding.UTF8, "application/json"),
            RequestMessage = request,
        };
        foreach (var (name, value) in reply.Headers)
        {
            response.Headers.TryAddWithoutValidation(name, value.Replace("{base}", uri.GetLeftPart(UriPartial.Authority) + "/", StringComparison.Ordinal));
        }

        return response;
    }
}
