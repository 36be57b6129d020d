using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.FunctionsWorker;

#pragma warning disable CA1001 // xunit calls DisposeAsync
[Collection("azurite")]
public sealed class HttpTests(AzuriteFixture azurite) : IAsyncLifetime
{
    private readonly Record _record = new();
    private TestHost _host = null!;

    public async Task InitializeAsync() =>
        _host = await TestHost.StartAsync(azurite.ConnectionString, typeof(Functions), _record, [("FUNCTIONS_REQUEST_BODY_SIZE_LIMIT", "1000")]);

    public async Task DisposeAsync()
    {
        await _host.DisposeAsync();
        _record.Dispose();
    }

    [Theory]
    [InlineData("GET", "/things/7/a/b?x=1", 200, "7 a/b 1")]
    [InlineData("GET", "/things/7", 200, "7 - -")]
    [InlineData("GET", "/THINGS/7/a%20b/c%2Fd", 200, "7 a b/c%2Fd -")]
    [InlineData("GET", "/things/seven", 404, "")]
    [InlineData("DELETE", "/things/7", 404, "")]
    [InlineData("HEAD", "/things/7", 404, "")]
    [InlineData("GET", "/parts/alpha", 200, "alpha - 1")]
    [InlineData("GET", "/parts/alpha/x", 200, "alpha x 1")]
    [InlineData("GET", "/parts/alpha/x/5", 200, "alpha x 5")]
    [InlineData("GET", "/parts/alpha/x/0", 404, "")]
    [InlineData("GET", "/parts/alpha/x/5/more", 404, "")]
    [InlineData("GET", "/parts/4711", 404, "")]
    [InlineData("GET", "/parts", 404, "")]
    [InlineData("GET", "/parts/alpha/", 200, "alpha - 1")]
    [InlineData("GET", "/parts/exactly", 200, "the literal one")]
    [InlineData("GET", "/ByName", 200, "by name")]
    [InlineData("PUT", "/byname", 200, "by name")]
    [InlineData("GET", "/", 404, "")]
    [InlineData("GET", "/action", 201, """{"id":5}""")]
    [InlineData("GET", "/result", 202, """{"id":6}""")]
    [InlineData("GET", "/object", 200, """{"Id":7}""")]
    [InlineData("GET", "/nothing", 200, "")]
    [InlineData("GET", "/written", 418, "tea")]
    [InlineData("GET", "/failure", 500, "")]
    public async Task Requests_are_routed_and_results_become_responses(string method, string path, int status, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var response = await _host.Client.SendAsync(request);
        Assert.Equal((status, body), ((int)response.StatusCode, await response.Content.ReadAsStringAsync()));
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        using var small = await _host.Client.PostAsync("/body", new StringContent(new string('x', 1000)));
        Assert.Equal("1000", await small.Content.ReadAsStringAsync());
        using var large = await _host.Client.PostAsync("/body", new StringContent(new string('x', 1001)));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);

        // Without a length that tells it beforehand.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/body") { Content = new StringContent(new string('x', 1001)) };
        chunked.Headers.TransferEncodingChunked = true;
        using var refused = await _host.Client.SendAsync(chunked);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, refused.StatusCode);
    }

    [Fact]
    public async Task The_context_has_the_request_and_the_services_of_the_run()
    {
        Assert.Equal(new Seen(true, true), await _host.Client.GetFromJsonAsync<Seen>("/context"));
    }

    [Fact]
    public async Task A_request_that_runs_when_the_host_stops_is_answered()
    {
        var answer = _host.Client.GetStringAsync("/slow");
        await Eventually.TrueAsync(() => _record.Running.Now == 1, "the request runs");
        var stopping = _host.StopAsync();
        await Eventually.TrueAsync(() => _host.Stopping, "the host stops");
        Assert.False(stopping.IsCompleted);
        _record.Gate.SetResult();
        Assert.Equal("done", await answer);
        await stopping;
    }

    public sealed record Seen(bool SameRequest, bool SameServices);

    public sealed class Functions
    {
        [Function("Things")]
        public static string Things([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "things/{id:int}/{*rest}")] HttpRequest request, int id, string? rest) =>
            $"{id} {rest ?? "-"} {(request.Query.TryGetValue("x", out var x) ? x.ToString() : "-")}";

        [Function("Parts")]
        public static string Parts([HttpTrigger("get", Route = "parts/{kind:alpha}/{name?}/{page:int:min(1)=1}")] HttpRequest request, string kind, string? name, int page) =>
            request.Body is null ? "" : $"{kind} {name ?? "-"} {page}";

        [Function("Literal")]
        public static string Literal([HttpTrigger("get", Route = "parts/exactly")] HttpRequest request) => request.Body is null ? "" : "the literal one";

        [Function("ByName")]
        public static IActionResult ByName([HttpTrigger(AuthorizationLevel.Anonymous)] HttpRequest request) => new ContentResult { Content = "by name", StatusCode = request.Body is null ? 500 : 200 };

        [Function("Action")]
        public static IActionResult Action([HttpTrigger("get", Route = "action")] HttpRequest request) => new ObjectResult(new { Id = 5 }) { StatusCode = request.Body is null ? 500 : 201 };

        [Function("Result")]
        public static async Task<IResult> ResultAsync([HttpTrigger("get", Route = "result")] HttpRequest request)
        {
            await Task.Yield();
            return Results.Json(new { Id = 6 }, statusCode: request.Body is null ? 500 : 202);
        }

        [Function("Thing")]
        public static object Thing([HttpTrigger("get", Route = "object")] HttpRequest request) => new { Id = request.Body is null ? 0 : 7 };

        [Function("Nothing")]
        public static Task NothingAsync([HttpTrigger("get", Route = "nothing")] HttpRequest request) => Task.FromResult(request);

        [Function("Written")]
        public static Task WrittenAsync([HttpTrigger("get", Route = "written")] HttpRequest request)
        {
            request.HttpContext.Response.StatusCode = 418;
            return request.HttpContext.Response.WriteAsync("tea");
        }

        [Function("Failure")]
        public static IActionResult Failure([HttpTrigger("get", Route = "failure")] HttpRequest request) => throw new InvalidOperationException(request.Path);

        [Function("Slow")]
        public static async Task<string> SlowAsync([HttpTrigger("get", Route = "slow")] HttpRequest request, FunctionContext context)
        {
            var record = context.InstanceServices.GetRequiredService<Record>();
            record.Enter();
            await record.Gate.Task;
            return request.Path == "/slow" ? "done" : "";
        }

        [Function("Body")]
        public static async Task<string> BodyAsync([HttpTrigger("post", Route = "body")] HttpRequest request)
        {
            using var reader = new StreamReader(request.Body);
            return (await reader.ReadToEndAsync()).Length.ToString();
        }

        [Function("Context")]
        public static object Context([HttpTrigger("get", Route = "context")] HttpRequest request, FunctionContext context) =>
            new Seen(context.GetHttpContext() == request.HttpContext, request.HttpContext.RequestServices == context.InstanceServices);
    }
}
