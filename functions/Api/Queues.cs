using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Inspection;
using Pushcart.Storage;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>Queues, and what waits in them. They are of the cluster: a message names things of all namespaces.</summary>
public sealed class QueuesApi(QueueQueries queues)
{
    /// <summary>All queues, with how many messages each has and how old the oldest is.</summary>
    [Function("ListQueues")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(QueueList))]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/queues")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Ok(await queues.AllAsync(cancellation));

    /// <summary>Up to 32 messages of a queue, decoded. None is taken.</summary>
    [Function("PeekMessages")]
    [Access(Scope.Read, OfCluster = true)]
    [Query("max", "How many at most; 32 where it is left out", Least = 1, Most = MessageQueue.MostPeeked)]
    [Returns(200, typeof(MessageList))]
    [Refuses("queues.unknown", "query.invalid")]
    public async Task<IResult> Peek(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/queues/{queue}/messages")] HttpRequest request, string queue, CancellationToken cancellation) =>
        Answers.Of(await queues.PeekAsync(queue, request.Query["max"], cancellation));
}
