using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Triggers.Status;

namespace Pushcart.Functions.Api;

/// <summary>Triggers, and how they stand.</summary>
public sealed class TriggersApi(TriggerQueries triggers)
{
    /// <summary>All triggers.</summary>
    [Function("ListTriggers")]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/triggers")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Ok(new { triggers = await triggers.AllAsync(cancellation) });
}
