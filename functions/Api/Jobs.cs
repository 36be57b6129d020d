using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Pushcart.Jobs;

namespace Pushcart.Functions.Api;

/// <summary>Jobs, live and finished.</summary>
public sealed class JobsApi(JobQueries jobs, JobLogs logs)
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
}
