using System.Globalization;
using Microsoft.AspNetCore.Http;
using Pushcart.Functions.Access;
using Pushcart.Workers.Serving;
using Pushcart.Workers.Wire;

namespace Pushcart.Functions.Api;

/// <summary>Answers about workers, and to them. Never cached, for some hold a token.</summary>
internal sealed class WorkerResult : IResult, IStatusCodeHttpResult, IAboutResult
{
    private readonly IResult _answer;
    private readonly TimeSpan? _retryAfter;

    private WorkerResult(IResult answer, TimeSpan? retryAfter = null, string? about = null) => (_answer, _retryAfter, About) = (answer, retryAfter, about);

    /// <inheritdoc/>
    public string? About { get; }

    /// <inheritdoc/>
    public int? StatusCode => (_answer as IStatusCodeHttpResult)?.StatusCode;

    /// <summary>The answer to a call whose body is read first.</summary>
    public static async Task<IResult> OfAsync<TRequest, TAnswer>(HttpRequest request, Func<TRequest, Task<Answer<TAnswer>>> call, int status = StatusCodes.Status200OK, Func<TRequest, string>? about = null)
        where TRequest : class
        where TAnswer : class
    {
        var body = await WireBody.ReadAsync<TRequest>(request.Body, request.ContentLength, request.HttpContext.RequestAborted);
        return body.Refusal is { } refusal ? Refused(refusal) : Of(await call(body.Value!), status, about?.Invoke(body.Value!));
    }

    /// <summary>The value with a status; or the refusal, with its own.</summary>
    public static IResult Of<T>(Answer<T> answer, int status = StatusCodes.Status200OK, string? about = null) where T : class => answer switch
    {
        { Refusal: { } refusal } => Refused(refusal),
        { Value: ClaimOutcome { Claim: { } claim } } => new WorkerResult(Results.Json(claim, WireJson.Options)),
        { Value: ClaimOutcome none } => new WorkerResult(Results.NoContent(), none.RetryAfter),
        _ => new WorkerResult(Results.Json(answer.Value, WireJson.Options, statusCode: status), about: about),
    };

    /// <summary>204; or the refusal, with its status.</summary>
    public static IResult Done(Refusal? refusal) => refusal is null ? Results.NoContent() : Refused(refusal);

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers.CacheControl = "no-store";
        if (_retryAfter is { } after)
        {
            httpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return _answer.ExecuteAsync(httpContext);
    }

    private static WorkerResult Refused(Refusal refusal) => new(Answers.Refused(refusal), refusal.RetryAfter);
}
