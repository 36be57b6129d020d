using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Jobs;

namespace Pushcart.Functions.Api;

/// <summary>Answers of the API: JSON; errors are <c>{"code","message"}</c>.</summary>
internal static class Answers
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

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
        _ => Error(StatusCodes.Status404NotFound, "jobs.not_found", $"there is no job '{id}'; history keeps finished ones for the time of History:Expiration"),
    };

    private static IResult Error(int status, string code, string message) => Results.Json(new { code, message }, Json, statusCode: status);

    private static IResult Value<T>(T? value, int otherwise, string code, string message) where T : class =>
        value is null ? Error(otherwise, code, message) : Results.Json(value, Json);
}
