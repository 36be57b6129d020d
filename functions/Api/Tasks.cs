using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Tokens;
using Pushcart.Triggers.Status;

namespace Pushcart.Functions.Api;

/// <summary>Accepted events.</summary>
public sealed class TasksApi(TaskQueries tasks)
{
    /// <summary>What became of one.</summary>
    [Function("GetTask")]
    [Access(Scope.Read)]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tasks/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Found(await tasks.FindAsync(id, request.Caller().Namespaces, cancellation), "tasks.not_found", $"there is no task '{id}'; it is kept for the time of Checks:DeliveriesKept after its last outcome");
}
