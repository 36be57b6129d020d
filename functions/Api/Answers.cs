using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Health;
using Pushcart.Jobs.Views;
using Pushcart.Triggers.Steering;

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
    public static IResult Log(Answer<Stream> log, IHeaderDictionary headers) =>
        log.Value is not { } output ? Refused(log.Refusal!)
        : LogEvents.AreAskedFor(headers.Accept) ? new EventStream(output, headers["Last-Event-ID"])
        : Results.Stream(output, "text/plain; charset=utf-8");

    /// <summary>201 with the id of the new job, 200 with that of the first time; or the refusal, with its own status.</summary>
    public static IResult Requested(Answer<RequestedJob> answer) => Of(answer, answer.Value is { IsNew: true } ? StatusCodes.Status201Created : StatusCodes.Status200OK);

    private static IResult NoJob(string id) => Refused(JobQueries.NotFound(id));

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
