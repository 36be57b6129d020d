using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs;
using Pushcart.Triggers;

namespace Pushcart.Functions.Api;

/// <summary>Jobs, live and finished.</summary>
public sealed class JobsApi(JobQueries jobs, JobLogs logs, JobSteering steering)
{
    /// <summary>One job, with its log once it is finished.</summary>
    [Function("GetJob")]
    public async Task<IResult> Get(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Found(await jobs.FindAsync(id, cancellation), "jobs.not_found", $"there is no job '{id}'; history keeps finished ones for the time of History:Expiration");

    /// <summary>A page of jobs, newest first.</summary>
    [Function("ListJobs")]
    public async Task<IResult> List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs")] HttpRequest request, CancellationToken cancellation) =>
        Answers.Valid(await jobs.PageAsync(request.Query["next"], cancellation), "jobs.invalid_next", "'next' is not what a page answered; leave it out to begin anew");

    /// <summary>The output of a job's last run, whole while the run exists, else the tail of it; <c>follow=true</c> goes on until the run ends.</summary>
    [Function("GetJobLog")]
    public async Task<IResult> Log(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/jobs/{id}/log")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Log(await logs.OpenAsync(id, request.Query["follow"] == "true", cancellation), id);

    /// <summary>Cancels a job; <c>force=true</c> ends one that nobody can stop.</summary>
    [Function("CancelJob")]
    public async Task<IResult> Cancel(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs/{id}/cancel")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Cancelled(await steering.CancelAsync(id, Answers.Caller, request.Query["force"] == "true", cancellation), id);

    /// <summary>Runs a job again, once for each <c>Idempotency-Key</c>.</summary>
    [Function("RerunJob")]
    public async Task<IResult> Rerun(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/jobs/{id}/rerun")] HttpRequest request, string id, CancellationToken cancellation) =>
        Answers.Requested(await steering.RerunAsync(id, request.Headers["Idempotency-Key"], Answers.Caller, cancellation), id);
}
