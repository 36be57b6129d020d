using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;

namespace Pushcart.Functions.Api;

/// <summary>Whether the process is there.</summary>
public sealed class HealthApi
{
    /// <summary>200 while the process answers at all.</summary>
    [Function("Live")]
    [Anonymous("what looks after processes has no token, and learns only that this one is there")]
    [Returns(200, "text/plain", Meaning = "The process answers.")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/live")] HttpRequest request) => Results.Text("live");
}
