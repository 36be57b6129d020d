using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Health;

namespace Pushcart.Functions.Api;

/// <summary>Whether the process is there, and whether it can do its work.</summary>
public sealed class HealthApi(Readiness readiness)
{
    /// <summary>200 while the process answers at all.</summary>
    [Function("Live")]
    [Anonymous("what looks after processes has no token, and learns only that this one is there")]
    [Returns(200, "text/plain", Meaning = "The process answers.")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/live")] HttpRequest request) => Results.Text("live");

    /// <summary>200 while storage and executor answer and no timer has stopped, otherwise 503; each part with its reason.</summary>
    [Function("Ready")]
    [Anonymous("what looks after processes has no token, and learns which part does not work, but neither addresses nor names")]
    [Returns(200, typeof(HealthView), Meaning = "All parts work.")]
    [Returns(503, typeof(HealthView), Meaning = "A part does not work; it is named, with the reason.")]
    public async Task<IResult> Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/ready")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Health(await readiness.LookAsync(cancellation), request.HttpContext.Response);
}
