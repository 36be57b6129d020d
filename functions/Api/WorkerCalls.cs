using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;
using Pushcart.Workers.Serving;
using Pushcart.Workers.Wire;

namespace Pushcart.Functions.Api;

/// <summary>What workers call. No call ever goes the other way.</summary>
public sealed class WorkerCallsApi(Registering registering, CheckingIn checkingIn, Claims claims, Returning returning, RunCalls runs)
{
    /// <summary>Trades a registration token for a worker token.</summary>
    [Function("RegisterWorker")]
    [Access(Scope.Register)]
    [Body(typeof(RegisterRequest))]
    [Returns(200, typeof(RegisterAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.token_used", "workers.changing", "workers.gone")]
    public Task<IResult> Register(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/register")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.OfAsync<RegisterRequest, RegisterAnswer>(request, asked => registering.RegisterAsync(asked, request.Caller(), cancellation));

    /// <summary>Lets a worker in again whose token has ended while it was away.</summary>
    [Function("RejoinWorker")]
    [OwnAccess("by a signature of the key that the worker made at its registration")]
    [Body(typeof(RejoinRequest))]
    [Returns(200, typeof(RegisterAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.rejoin_refused", "workers.changing")]
    public Task<IResult> Rejoin(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/rejoin")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.OfAsync<RejoinRequest, RegisterAnswer>(request, asked => registering.RejoinAsync(asked, cancellation));

    /// <summary>A sign of life, and the next token.</summary>
    [Function("CheckInWorker")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(CheckInRequest))]
    [Returns(200, typeof(CheckInAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.changing")]
    public Task<IResult> CheckIn(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/check-in")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.OfAsync<CheckInRequest, CheckInAnswer>(request, asked => checkingIn.CheckInAsync(asked, request.Caller(), cancellation));

    /// <summary>One job; or 204, after a wait where the worker asks for that.</summary>
    [Function("ClaimJob")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(ClaimRequest))]
    [Returns(200, typeof(ClaimAnswer))]
    [Returns(204, Meaning = "There is no job for it now; `Retry-After` says when to ask again.")]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.registration_required", "workers.not_checked_in")]
    public Task<IResult> Claim(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/claim")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.OfAsync<ClaimRequest, ClaimOutcome>(request, asked => claims.ClaimAsync(asked, request.Caller(), request.HttpContext.RequestAborted, cancellation));

    /// <summary>The started jobs of its name, for a new process; and the namespaces in which its runs may be.</summary>
    [Function("ReturnToJobs")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(ReturnRequest))]
    [Returns(200, typeof(ReturnAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.registration_required", "workers.not_checked_in")]
    public Task<IResult> Return(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/return")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.OfAsync<ReturnRequest, ReturnAnswer>(request, asked => returning.ReturnAsync(asked, request.Caller(), cancellation));

    /// <summary>Whether a run may be created now.</summary>
    [Function("StartJob")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(StartRequest))]
    [Returns(200, typeof(StartAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.claim_conflict")]
    public Task<IResult> Start(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/jobs/{id}/start")] HttpRequest request, string id, CancellationToken cancellation) =>
        WorkerResult.OfAsync<StartRequest, StartAnswer>(request, asked => runs.StartAsync(id, asked, request.Caller(), cancellation));

    /// <summary>A sign of life of a started job.</summary>
    [Function("RenewJob")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(RenewRequest))]
    [Returns(200, typeof(RenewAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.claim_conflict", "workers.too_often")]
    public Task<IResult> Renew(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/jobs/{id}/renew")] HttpRequest request, string id, CancellationToken cancellation) =>
        WorkerResult.OfAsync<RenewRequest, RenewAnswer>(request, asked => runs.RenewAsync(id, asked, request.Caller(), cancellation));

    /// <summary>What became of a run.</summary>
    [Function("ReportJob")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(ReportRequest))]
    [Returns(200, typeof(ReportAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.claim_conflict")]
    public Task<IResult> Report(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/jobs/{id}/report")] HttpRequest request, string id, CancellationToken cancellation) =>
        WorkerResult.OfAsync<ReportRequest, ReportAnswer>(request, asked => runs.ReportAsync(id, asked, request.Caller(), cancellation));

    /// <summary>A piece of a run's output.</summary>
    [Function("LogOfJob")]
    [Access(Scope.Worker, Routine = true)]
    [Body(typeof(LogChunk))]
    [Returns(200, typeof(LogAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.other_name", "workers.registered_name", "workers.in_use", "workers.gone", "workers.claim_conflict")]
    public Task<IResult> Log(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/jobs/{id}/log")] HttpRequest request, string id, CancellationToken cancellation) =>
        WorkerResult.OfAsync<LogChunk, LogAnswer>(request, asked => runs.LogAsync(id, asked, request.Caller(), cancellation));
}
