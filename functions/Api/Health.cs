using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;

namespace Pushcart.Functions.Api;

/// <summary>Whether the process is there.</summary>
public sealed class HealthApi
{
    /// <summary>200 while the process answers at all.</summary>
    [Function("Live")]
    [Anonymous("what looks after processes has no token, and learns only that this one is there")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz/live")] HttpRequest request) => Results.Text("live");
}
