using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Functions.Access;
using Pushcart.Functions.OpenApi;
using Pushcart.Jobs.Views;
using Pushcart.Tokens;
using Pushcart.Triggers.Steering;

namespace Pushcart.Functions.Api;

/// <summary>Jobs, live and finished.</summary>
public sealed class JobsApi(JobQueries jobs, JobLogs logs, JobSteering steering)
{
    /// <summary>One job, with its log once it is finished.</summary>
    [Function("GetJob")]
    [Access(Scope.Read)]
    [Returns(200, typeof(JobView))]
    [Refuses("jobs.not_found")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Job(await jobs.FindAsync(id, request.Caller().Namespaces, cancellation), id);

    /// <summary>Makes a job without a trigger, once for each <c>Idempotency-Key</c>.</summary>
    [Function("SubmitJob")]
    [Access(Scope.Write)]
    [Body(RequestSchemas.NewJob)]
    [Header("Idempotency-Key", HeaderAttribute.OnceMeaning)]
    [Returns(201, typeof(RequestedJob), Meaning = "The job is made.")]
    [Returns(200, typeof(RequestedJob), Meaning = "It was made the first time.")]
    [Refuses("body.too_large", "body.invalid", "resources.elsewhere", "idempotency.invalid_key", "idempotency.other_request", "action.missing", "source.missing", "git.unreachable")]
    public async Task<IResult> Submit([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs")] HttpRequest request, CancellationToken cancellation)
    {
        var (caller, key) = (request.Caller(), request.Headers["Idempotency-Key"]);
        return Answers.Requested(await steering.SubmitAsync(request.Body, request.ContentLength, key, caller.Name, caller.Namespaces, cancellation));
    }

    /// <summary>A page of jobs, newest first: all, or those of a state, trigger, source, commit and time.</summary>
    [Function("ListJobs")]
    [Access(Scope.Read)]
    [Query("state", "How it stands, or how it ended", Words = ["queued", "claimed", "running", "succeeded", "failed", "cancelled", "expired", "lost"])]
    [Query("trigger", "NAMESPACE/NAME, or KIND/NAMESPACE/NAME")]
    [Query("source", "NAMESPACE/NAME, GitRepo/NAMESPACE/NAME or ClusterGitRepo/NAME")]
    [Query("commit", "A commit, or its first digits, four at least")]
    [Query("since", "Submitted then or later; RFC 3339, or a date")]
    [Query("until", "Submitted before; RFC 3339, or a date")]
    [Query("next", "What the page before answered, with the same filters")]
    [Returns(200, typeof(JobPage))]
    [Refuses("query.invalid", "jobs.invalid_next")]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Of(await jobs.PageAsync(JobQuery.Of(request.Query), request.Query["next"], request.Caller().Namespaces, cancellation));

    /// <summary>The output of a job's last run, whole while the run exists, else the tail of it; <c>follow=true</c> goes on until the run ends. As server-sent events where <c>Accept</c> asks for them.</summary>
    [Function("GetJobLog")]
    [Access(Scope.Read)]
    [Flag("follow", "It goes on until the run ends")]
    [Header("Last-Event-ID", "Of server-sent events: the id of the last one that came; they go on after it")]
    [Returns(200, "text/plain", Meaning = "The output.")]
    [Returns(200, LogEvents.ContentType, Meaning = "As server-sent events: an event a line, with its number as id, and `event: end` at the end.")]
    [Refuses("query.invalid", "jobs.not_found", "jobs.no_log")]
    public async Task<IResult> Log(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/log")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Log(await logs.OpenAsync(id, request.Query["follow"], request.Caller().Namespaces, cancellation), request.Headers);

    /// <summary>Cancels a job; <c>force=true</c> ends one that nobody can stop.</summary>
    [Function("CancelJob")]
    [Access(Scope.Write)]
    [Flag("force", "It ends also where its cluster cannot be asked; its run may still be at work")]
    [Returns(200, typeof(JobView))]
    [Refuses("query.invalid", "jobs.not_found", "jobs.ended")]
    public async Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs/{id}/cancel")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Of(await steering.CancelAsync(id, request.Caller().Name, request.Caller().Namespaces, request.Query["force"], cancellation));

    /// <summary>Runs a job again, once for each <c>Idempotency-Key</c>.</summary>
    [Function("RerunJob")]
    [Access(Scope.Write)]
    [Header("Idempotency-Key", HeaderAttribute.OnceMeaning)]
    [Returns(201, typeof(RequestedJob), Meaning = "The job is made.")]
    [Returns(200, typeof(RequestedJob), Meaning = "It was made the first time.")]
    [Refuses("jobs.not_found", "idempotency.invalid_key", "idempotency.other_request", "action.missing", "source.missing", "git.unreachable")]
    public async Task<IResult> Rerun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs/{id}/rerun")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Requested(await steering.RerunAsync(id, request.Headers["Idempotency-Key"], request.Caller().Name, request.Caller().Namespaces, cancellation));
}

/// <summary>What a list of jobs is asked for, in a query.</summary>
internal static class JobQuery
{
    /// <summary>Reads it.</summary>
    public static JobListQuery Of(IQueryCollection query) => new(query["state"], query["trigger"], query["source"], query["commit"], query["since"], query["until"]);
}
