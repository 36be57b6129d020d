using System.Net;
using System.Text;
using Octokit;
using Octokit.Internal;

namespace Pushcart.Tests.Unit.Octokit;

/// <summary>What the product relies on of Octokit, asked of whichever one is built in.</summary>
public sealed class StandInTests
{
    private readonly List<(string Method, string Address, string? Authorization, string Body)> _requests = [];

    [Theory]
    [InlineData(401, "Bad credentials", typeof(AuthorizationException))]
    [InlineData(403, "Resource not accessible", typeof(ForbiddenException))]
    [InlineData(403, "API rate limit exceeded for user", typeof(RateLimitExceededException))]
    [InlineData(403, "You have exceeded a secondary rate limit", typeof(SecondaryRateLimitExceededException))]
    [InlineData(403, "You have triggered an abuse detection mechanism", typeof(AbuseException))]
    [InlineData(404, "Not Found", typeof(NotFoundException))]
    [InlineData(422, "Validation Failed", typeof(ApiValidationException))]
    [InlineData(500, "Server Error", typeof(ApiException))]
    public async Task An_answer_that_is_no_success_is_an_exception_of_its_own(int status, string message, Type type)
    {
        var client = Client(_ => Json(status, $$"""{"message":"{{message}}","errors":[{"code":"custom","message":"more"}]}"""));

        var thrown = await Assert.ThrowsAnyAsync<ApiException>(() => client.Repository.Hooks.Get("octo", "hello", 1));

        Assert.Equal((type, (HttpStatusCode)status, message, "more"), (thrown.GetType(), thrown.StatusCode, thrown.Message, Assert.Single(thrown.ApiError.Errors!).Message));
    }

    [Fact]
    public async Task What_is_no_JSON_is_the_message_itself()
    {
        var client = Client(_ => new(HttpStatusCode.BadGateway) { Content = new StringContent("<html>bad gateway</html>", Encoding.UTF8, "text/html") });

        Assert.Equal("<html>bad gateway</html>", (await Assert.ThrowsAsync<ApiException>(() => client.Repository.Hooks.GetAll("octo", "hello"))).Message);
    }

    [Fact]
    public async Task The_headers_of_limits_are_read_whatever_their_case()
    {
        var client = Client(_ => Json(403, """{"message":"API rate limit exceeded"}""", ("X-RATELIMIT-Limit", "60"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1767225600")));

        var thrown = await Assert.ThrowsAsync<RateLimitExceededException>(() => client.Repository.Hooks.Get("octo", "hello", 1));

        Assert.Equal(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), thrown.Reset);
        Assert.Equal((60, 0), (client.GetLastApiInfo()!.RateLimit.Limit, client.GetLastApiInfo()!.RateLimit.Remaining));
    }

    [Fact]
    public async Task Lists_are_read_to_their_last_page()
    {
        var client = Client(r => r.RequestUri!.Query.Contains("page=2", StringComparison.Ordinal)
            ? Json(200, """[{"id":3,"config":{"url":"c","insecure_ssl":0}}]""")
            : Json(200, """[{"id":1,"events":["push"],"active":true,"config":{"url":"a"}},{"id":2,"config":{}}]""", ("Link", "<https://api.github.com/x?page=2>; rel=\"next\", <https://api.github.com/x?page=2>; rel=\"last\"")));

        var all = await client.Repository.Hooks.GetAll("octo", "hello");

        Assert.Equal([1, 2, 3], all.Select(h => h.Id));
        Assert.Equal((true, "push", "a", "0"), (all[0].Active, Assert.Single(all[0].Events), all[0].Config["url"], all[2].Config["insecure_ssl"]));
    }

    [Theory]
    [InlineData("https://api.github.com/repositories/1/statuses/abc", "Bearer signed")]
    [InlineData("https://elsewhere.example/statuses/abc", null)]
    public async Task A_redirect_is_followed_with_method_and_body_and_credentials_stay_on_their_host(string to, string? authorization)
    {
        var client = Client(r =>
        {
            var moved = new HttpResponseMessage(HttpStatusCode.TemporaryRedirect);
            moved.Headers.Location = new(to);
            return r.RequestUri!.AbsoluteUri == to ? Json(201, """{"id":9,"context":"c"}""") : moved;
        });

        var status = await client.Repository.Status.Create("octo", "hello", "abc", new() { State = CommitState.Failure, Context = "c" });

        Assert.Equal((9, "c"), (status.Id, status.Context));
        Assert.Equal(("POST", "https://api.github.com/repos/octo/hello/statuses/abc", "Bearer signed", """{"state":"failure","context":"c"}"""), _requests[0]);
        Assert.Equal(("POST", to, authorization, _requests[0].Body), _requests[1]);
    }

    [Fact]
    public async Task Redirects_without_end_are_given_up()
    {
        var client = Client(r =>
        {
            var moved = new HttpResponseMessage(HttpStatusCode.Found);
            moved.Headers.Location = r.RequestUri;
            return moved;
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.Repository.Hooks.Get("octo", "hello", 1));
    }

    [Fact]
    public async Task Models_of_others_and_dictionaries_are_written_and_read()
    {
        var client = Client(_ => Json(201, """{"token":"t","expires_at":"2026-01-01T01:00:00Z"}"""));
        var body = new Dictionary<string, object> { ["repositories"] = new[] { "hello" }, ["permissions"] = new Dictionary<string, object> { ["statuses"] = "write" } };

        var token = (await client.Connection.Post<AccessToken>(new("app/installations/1/access_tokens", UriKind.Relative), body, null, null)).Body;

        Assert.Equal(("t", new DateTimeOffset(2026, 1, 1, 1, 0, 0, TimeSpan.Zero)), (token.Token, token.ExpiresAt));
        Assert.Equal("""{"repositories":["hello"],"permissions":{"statuses":"write"}}""", _requests[0].Body);
    }

    [Fact]
    public async Task Names_are_escaped()
    {
        var client = Client(_ => Json(200, """{"id":5}"""));

        Assert.Equal(5, (await client.GitHubApps.GetRepositoryInstallationForCurrent("o c", "../x")).Id);

        Assert.Equal("https://api.github.com/repos/o%20c/..%2Fx/installation", _requests[0].Address);
    }

    private GitHubClient Client(Func<HttpRequestMessage, HttpResponseMessage> answer) => new(new Connection(
        new("pushcart", "1.0"), GitHubClient.GitHubApiUrl, new InMemoryCredentialStore(new("signed", AuthenticationType.Bearer)), new HttpClientAdapter(() => new Fake(this, answer)), new SimpleJsonSerializer()));

    private static HttpResponseMessage Json(int status, string body, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    private sealed class Fake(StandInTests tests, Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            tests._requests.Add((request.Method.Method, request.RequestUri!.AbsoluteUri, request.Headers.Authorization?.ToString(), request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken)));
            var response = answer(request);
            response.RequestMessage = request;
            return response;
        }
    }
}
