using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;
using Pushcart.Triggers.Status;

namespace Pushcart.Functions.Api;

/// <summary>Accepted events.</summary>
public sealed class TasksApi(TaskQueries tasks)
{
    /// <summary>What became of an accepted event.</summary>
    [Function("GetTask")]
    [Access(Scope.Read)]
    [Returns(200, typeof(TaskView))]
    [Refuses("tasks.not_found")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/tasks/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Found(await tasks.FindAsync(id, request.Caller().Namespaces, cancellation), "tasks.not_found", $"there is no task '{id}'; it is kept for the time of Checks:DeliveriesKept after its last outcome");
}
