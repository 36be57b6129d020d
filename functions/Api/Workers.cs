using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Tokens;
using Pushcart.Workers.Serving;
using Pushcart.Workers.Wire;

namespace Pushcart.Functions.Api;

/// <summary>Workers, as admins see them.</summary>
public sealed class WorkersApi(WorkerAdministration workers, Registering registering)
{
    /// <summary>Adds one; its registration token is in this answer and nowhere else.</summary>
    [Function("AddWorker")]
    [Access(Scope.Admin, OfCluster = true)]
    [Body(typeof(AddWorkerRequest))]
    [Returns(201, typeof(AddWorkerAnswer))]
    [Refuses("body.invalid", "body.too_large", "workers.exists", "workers.changing")]
    public async Task<IResult> Add(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers")] HttpRequest request, CancellationToken cancellation) =>
        await WorkerResult.OfAsync<AddWorkerRequest, AddWorkerAnswer>(
            request, asked => registering.AddAsync(asked, request.Caller().Name, cancellation), StatusCodes.Status201Created, asked => $"worker {asked.Name}");

    /// <summary>All of them, by name.</summary>
    [Function("ListWorkers")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(WorkerList))]
    public async Task<IResult> List(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/workers")] HttpRequest request, CancellationToken cancellation) =>
        WorkerResult.Of<WorkerList>(await workers.ListAsync(cancellation));

    /// <summary>One.</summary>
    [Function("GetWorker")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/workers/{name}")] HttpRequest request, string name, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.FindAsync(name, cancellation));

    /// <summary>Deletes one, with its tokens: it is refused from the next request on, by other instances within 30 s.</summary>
    [Function("DeleteWorker")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(204, Meaning = "It is deleted.")]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> Delete(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/workers/{name}")] HttpRequest request, string name, CancellationToken cancellation) =>
        WorkerResult.Done(await registering.DeleteAsync(name, cancellation));

    /// <summary>Drains one: it takes nothing new.</summary>
    [Function("DrainWorker")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> Drain(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/{name}/drain")] HttpRequest request, string name, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.DrainAsync(name, drain: true, cancellation));

    /// <summary>Lets one take jobs again.</summary>
    [Function("ResumeWorker")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> Resume(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/{name}/resume")] HttpRequest request, string name, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.DrainAsync(name, drain: false, cancellation));

    /// <summary>One, a pod of a shared name.</summary>
    [Function("GetWorkerPod")]
    [Access(Scope.Read, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found")]
    public async Task<IResult> GetPod(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/workers/{name}/{pod}")] HttpRequest request, string name, string pod, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.FindAsync($"{name}/{pod}", cancellation));

    /// <summary>Deletes one, a pod of a shared name, with its tokens: it is refused from the next request on, by other instances within 30 s.</summary>
    [Function("DeleteWorkerPod")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(204, Meaning = "It is deleted.")]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> DeletePod(
        [HttpTrigger(AuthorizationLevel.Anonymous, "delete", Route = "api/workers/{name}/{pod}")] HttpRequest request, string name, string pod, CancellationToken cancellation) =>
        WorkerResult.Done(await registering.DeleteAsync($"{name}/{pod}", cancellation));

    /// <summary>Drains one, a pod of a shared name: it takes nothing new.</summary>
    [Function("DrainWorkerPod")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> DrainPod(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/{name}/{pod}/drain")] HttpRequest request, string name, string pod, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.DrainAsync($"{name}/{pod}", drain: true, cancellation));

    /// <summary>Lets one, a pod of a shared name take jobs again.</summary>
    [Function("ResumeWorkerPod")]
    [Access(Scope.Admin, OfCluster = true)]
    [Returns(200, typeof(WorkerView))]
    [Refuses("workers.not_found", "workers.changing")]
    public async Task<IResult> ResumePod(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/workers/{name}/{pod}/resume")] HttpRequest request, string name, string pod, CancellationToken cancellation) =>
        WorkerResult.Of(await workers.DrainAsync($"{name}/{pod}", drain: false, cancellation));
}
