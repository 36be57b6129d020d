using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Pushcart.Tests.Support.GitHub;

/// <summary>
/// The stand-in of GitHub as a server on the loopback, like an Enterprise server below <c>/api/v3</c>. Each request and each answer is checked against GitHub's own
/// description of its API.
/// </summary>
public sealed class GitHubServer : IAsyncDisposable
{
    private const string Base = "/api/v3";
    private readonly WebApplication _app;
    private readonly RestDescription _description;
    private readonly List<string> _faults = [];

    private GitHubServer(WebApplication app, GitHubStandIn gitHub, RestDescription description) => (_app, GitHub, _description) = (app, gitHub, description);

    /// <summary>What it answers.</summary>
    public GitHubStandIn GitHub { get; }

    /// <summary>Its address: <c>GitHub:Url</c>.</summary>
    public string Url => _app.Urls.First();

    /// <summary>What was not as the description says.</summary>
    public IReadOnlyList<string> Faults
    {
        get
        {
            lock (_faults)
            {
                return [.. _faults];
            }
        }
    }

    /// <summary>Starts it.</summary>
    public static async Task<GitHubServer> StartAsync(TimeProvider time)
    {
        var description = await RestDescription.LoadAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new GitHubServer(app, new GitHubStandIn(time), description);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var path = context.Request.Path.Value!;
        var request = new GitHubRequest(
            context.Request.Method,
            path.StartsWith(Base, StringComparison.Ordinal) ? path[Base.Length..] : "/outside" + path,
            context.Request.Query.ToDictionary(q => q.Key, q => q.Value.ToString()),
            context.Request.Headers.Authorization.FirstOrDefault(),
            await reader.ReadToEndAsync());
        var reply = GitHub.Answer(request);
        lock (_faults)
        {
            _faults.AddRange(_description.Check(request, reply));
        }

        context.Response.StatusCode = reply.Status;
        foreach (var (name, value) in reply.Headers)
        {
            context.Response.Headers.Append(name, value.Replace("{base}", $"{Url}{Base}/", StringComparison.Ordinal));
        }

        if (reply.Body is not null)
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            await context.Response.WriteAsync(reply.Body.ToJsonString());
        }
    }
}
