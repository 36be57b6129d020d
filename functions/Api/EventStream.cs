using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Pushcart.Jobs.Views;

namespace Pushcart.Functions.Api;

/// <summary>A job's output as server-sent events.</summary>
internal sealed class EventStream(Stream output, string? lastId) : IResult
{
    /// <inheritdoc/>
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        await using var ended = output;
        httpContext.Response.ContentType = LogEvents.ContentType;
        httpContext.Response.Headers.CacheControl = "no-store";
        await LogEvents.CopyAsync(output, lastId, httpContext.Response.Body, httpContext.RequestServices.GetRequiredService<TimeProvider>(), httpContext.RequestAborted);
    }
}
