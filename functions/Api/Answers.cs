using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Health;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Triggers;

namespace Pushcart.Functions.Api;

/// <summary>Answers of the API: JSON; errors are <c>{"code","message"}</c>.</summary>
internal static class Answers
{
    /// <summary>How answers are written.</summary>
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>200 with the value.</summary>
    public static IResult Ok<T>(T value) where T : class => Results.Json(value, Json);

    /// <summary>The value with a status, 200 unless told; or the refusal, with its own.</summary>
    public static IResult Of<T>(Answer<T> answer, int status = StatusCodes.Status200OK) where T : class =>
        answer.Refusal is { } refusal ? Refused(refusal) : Results.Json(answer.Value, Json, statusCode: status);

    /// <summary>204 where there was a value, which is gone now; or the refusal, with its own status.</summary>
    public static IResult Gone<T>(Answer<T> answer) where T : class => answer.Refusal is { } refusal ? Refused(refusal) : Results.NoContent();

    /// <summary>200 with the value, or the error that it is not there.</summary>
    public static IResult Found<T>(T? value, string code, string message) where T : class => value is null ? Error(code, message) : Ok(value);

    /// <summary>200 with the job, or 404.</summary>
    public static IResult Job(JobView? job, string id) => job is null ? NoJob(id) : Ok(job);

    /// <summary>200 with a job's output as plain text, or as events where these are asked for; or 404 with the reason.</summary>
    public static IResult Log(JobLog log, string id, IHeaderDictionary headers) => log switch
    {
        JobLog.Found found when LogEvents.AreAskedFor(headers.Accept) => new EventStream(found.Output, headers["Last-Event-ID"]),
        JobLog.Found found => Results.Stream(found.Output, "text/plain; charset=utf-8"),
        JobLog.Nothing nothing => Error("jobs.no_log", $"job {id} has no log: {nothing.Message}"),
        _ => NoJob(id),
    };

    /// <summary>200 with the job, 404, or 409 where it has ended.</summary>
    public static IResult Cancelled(CancelAnswer answer, string id) => answer switch
    {
        CancelAnswer.Done done => Ok(done.Job),
        CancelAnswer.Ended ended => Error("jobs.ended", $"job {id} has ended: {ended.Job.State}"),
        _ => NoJob(id),
    };

    /// <summary>201 with the id of the new job, 200 with that of the first time, or why there is none.</summary>
    public static IResult Requested(Answer<RequestAnswer> answer) => answer.Refusal is { } refusal ? Refused(refusal) : answer.Value switch
    {
        RequestAnswer.Created created => Coded(StatusCodes.Status201Created, new RequestedJob(created.JobId)),
        RequestAnswer.Before before => Ok(new RequestedJob(before.JobId)),
        RequestAnswer.Missing missing => Error(MissingCode(missing.Name.Kind), missing.Message),
        RequestAnswer.Unreachable unreachable => Error("git.unreachable", unreachable.Message),
        _ => Refused(RequestAnswer.OtherBody.Refusal),
    };

    private static string MissingCode(ResourceKind kind) => kind is ResourceKind.Action or ResourceKind.ClusterAction ? "action.missing" : "source.missing";

    private static IResult NoJob(string id) => Refused(JobQueries.NotFound(id));

    /// <summary>What follows where a parameter of the query is true, or is not; or the refusal of a word that is neither.</summary>
    public static async Task<IResult> ByFlagAsync(string name, string? text, Func<bool, Task<IResult>> answer) =>
        QueryFlag.Read(name, text, out var value) is { } wrong ? Refused(wrong) : await answer(value);

    /// <summary>The refusal, with its own status.</summary>
    public static IResult Refused(Refusal refusal) =>
        Coded(refusal.Code.Status, new Error(refusal.Code.Name, refusal.Message) { Errors = refusal.Errors, UsedBy = refusal.UsedBy, Reason = refusal.Reason });

    /// <summary>An error of the catalogue, with its status.</summary>
    public static IResult Error(string code, string message) => Coded(ErrorCodes.StatusOf(code), new Error(code, message));

    /// <summary>200 where the host can do its work, 503 otherwise; never to be kept on the way.</summary>
    public static IResult Health(HostHealth health, HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        return Coded(health.Ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, new HealthView(health.Ready ? "ready" : "not ready", health.Parts));
    }

    /// <summary>The value, with a status of its own.</summary>
    public static IResult Coded<T>(int status, T value) where T : class => Results.Json(value, Json, statusCode: status);
}

/// <summary>Whether a host can do its work.</summary>
/// <param name="Status"><c>ready</c> or <c>not ready</c>.</param>
/// <param name="Parts">Its parts.</param>
internal sealed record HealthView(string Status, IReadOnlyList<PartHealth> Parts);

/// <summary>An error.</summary>
/// <param name="Code">What programs may rely on.</param>
/// <param name="Message">For a person: the thing, the value, the next step.</param>
internal sealed record Error(string Code, string Message)
{
    /// <summary>Each single fault, where there may be several.</summary>
    public IReadOnlyList<RefusedPart>? Errors { get; init; }

    /// <summary>Names of who stands against it.</summary>
    public IReadOnlyList<string>? UsedBy { get; init; }

    /// <summary>With a conflict of a worker's call: why, in a word.</summary>
    public string? Reason { get; init; }
}

/// <summary>A job that was asked for.</summary>
/// <param name="Id">Its id.</param>
internal sealed record RequestedJob(string Id);
