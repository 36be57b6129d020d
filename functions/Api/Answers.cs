using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Triggers;

namespace Pushcart.Functions.Api;

/// <summary>Answers of the API: JSON; errors are <c>{"code","message"}</c>.</summary>
internal static class Answers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Who calls: who is on this machine. Others do not reach the API, as long as it has no tokens.</summary>
    public const string Caller = "a user of this machine";

    /// <summary>200 with the value.</summary>
    public static IResult Ok<T>(T value) where T : class => Results.Json(value, Json);

    /// <summary>200 with the value, or 404.</summary>
    public static IResult Found<T>(T? value, string code, string message) where T : class => Value(value, StatusCodes.Status404NotFound, code, message);

    /// <summary>200 with the value, or 400.</summary>
    public static IResult Valid<T>(T? value, string code, string message) where T : class => Value(value, StatusCodes.Status400BadRequest, code, message);

    /// <summary>200 with a job's output as plain text, or 404 with the reason.</summary>
    public static IResult Log(JobLog log, string id) => log switch
    {
        JobLog.Found found => Results.Stream(found.Output, "text/plain; charset=utf-8"),
        JobLog.Nothing nothing => Error(StatusCodes.Status404NotFound, "jobs.no_log", $"job {id} has no log: {nothing.Message}"),
        _ => NoJob(id),
    };

    /// <summary>200 with the job, 404, or 409 where it has ended.</summary>
    public static IResult Cancelled(CancelAnswer answer, string id) => answer switch
    {
        CancelAnswer.Done done => Ok(done.Job),
        CancelAnswer.Ended ended => Error(StatusCodes.Status409Conflict, "jobs.ended", $"job {id} has ended: {ended.Job.State}"),
        _ => NoJob(id),
    };

    /// <summary>201 with the id of the new job, 200 with that of the first time, or why there is none.</summary>
    public static IResult Requested(RequestAnswer? answer, string id) => answer switch
    {
        RequestAnswer.Created created => Results.Json(new { id = created.JobId }, Json, statusCode: StatusCodes.Status201Created),
        RequestAnswer.Before before => Ok(new { id = before.JobId }),
        RequestAnswer.OtherBody => Error(StatusCodes.Status422UnprocessableEntity, "idempotency.other_request", "this Idempotency-Key was used for another request; draw a new one"),
        RequestAnswer.Missing missing => Error(StatusCodes.Status409Conflict, MissingCode(missing.Name.Kind), missing.Message),
        RequestAnswer.Unreachable unreachable => Error(StatusCodes.Status502BadGateway, "git.unreachable", unreachable.Message),
        _ => NoJob(id),
    };

    private static string MissingCode(ResourceKind kind) => kind is ResourceKind.Action or ResourceKind.ClusterAction ? "action.missing" : "source.missing";

    private static IResult NoJob(string id) =>
        Error(StatusCodes.Status404NotFound, "jobs.not_found", $"there is no job '{id}'; history keeps finished ones for the time of History:Expiration");

    private static IResult Error(int status, string code, string message) => Results.Json(new { code, message }, Json, statusCode: status);

    /// <summary>The value, with a status of its own.</summary>
    public static IResult Coded<T>(int status, T value) where T : class => Results.Json(value, Json, statusCode: status);

    private static IResult Value<T>(T? value, int otherwise, string code, string message) where T : class =>
        value is null ? Error(otherwise, code, message) : Results.Json(value, Json);
}
