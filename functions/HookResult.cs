using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Pushcart.Functions.Api;
using Pushcart.Webhooks;

namespace Pushcart.Functions;

/// <summary>Requests and answers of webhooks, to and from HTTP.</summary>
internal sealed class HookResult(HookAnswer answer) : IResult
{
    /// <summary>A request, with the body unread.</summary>
    public static HookRequest Read(HttpRequest request, ClientAddress clients) => new()
    {
        Header = name => [.. request.Headers[name].Select(value => value ?? "")],
        Body = request.Body,
        Length = request.ContentLength,
        Client = clients.Of(request.HttpContext.Connection.RemoteIpAddress, request.Headers["X-Forwarded-For"].Select(line => line ?? "")),
    };

    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        foreach (var (name, value) in answer.Headers)
        {
            httpContext.Response.Headers[name] = value;
        }

        return Answers.Coded(answer.Code, new HookReply(answer.Status, answer.Message, answer.TaskId)).ExecuteAsync(httpContext);
    }
}

/// <summary>What a webhook is answered.</summary>
/// <param name="Status"><c>ok</c> or <c>error</c>.</param>
/// <param name="Message">For a person.</param>
/// <param name="TaskId">What <c>GET api/tasks/{id}</c> is asked with.</param>
internal sealed record HookReply(string Status, string Message, [property: JsonPropertyName("task_id")] string? TaskId);
