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

        return Answers.Coded(answer.Code, new Body(answer.Status, answer.Message, answer.TaskId)).ExecuteAsync(httpContext);
    }

    private sealed record Body(string Status, string Message, [property: JsonPropertyName("task_id")] string? TaskId);
}
