using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Inspection;
using Pushcart.Tokens;

namespace Pushcart.Functions.Api;

/// <summary>Messages that could not be read.</summary>
public sealed class DeadLettersApi(DeadLetterSteering dead)
{
    /// <summary>A page of dead letters, newest first, each with the reason and what to do.</summary>
    [Function("ListDeadLetters")]
    [Access(Scope.Read, OfCluster = true)]
    [Query("next", "What the page before answered")]
    [Query("limit", "How many at most; 50 where it is left out", Least = 1, Most = DeadLetterSteering.MostOfPage)]
    [Returns(200, typeof(DeadLetterPage))]
    [Refuses("query.invalid", "dead.invalid_next")]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dead")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Of(await dead.PageAsync(request.Query["next"], request.Query["limit"], cancellation));

    /// <summary>One dead letter, whole.</summary>
    [Function("GetDeadLetter")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(DeadLetterView))]
    [Refuses("dead.not_found")]
    public async Task<IResult> Get([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/dead/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Of(await dead.FindAsync(id, cancellation));

    /// <summary>Sends a dead letter to its queue again. It is none any more, unless it fails again: then it is a new one.</summary>
    [Function("SendDeadLetter")]
    [Access(Scope.Write, OfCluster = true)]
    [Returns(202, typeof(SentAgain))]
    [Refuses("dead.not_found")]
    public async Task<IResult> Send([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/dead/{id}/send")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Of(await dead.SendAsync(id, cancellation), StatusCodes.Status202Accepted);

    /// <summary>Deletes a dead letter.</summary>
    [Function("DeleteDeadLetter")]
    [Access(Scope.Write, OfCluster = true)]
    [Returns(204, Meaning = "It is gone.")]
    [Refuses("dead.not_found")]
    public async Task<IResult> Delete([HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/dead/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Gone(await dead.DeleteAsync(id, cancellation));
}
