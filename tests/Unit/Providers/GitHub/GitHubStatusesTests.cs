using Pushcart.Providers;
using Pushcart.Tests.Support.GitHub;

namespace Pushcart.Tests.Unit.Providers.GitHub;

public sealed class GitHubStatusesTests : IDisposable
{
    private readonly GivenGitHub _given = new();

    public void Dispose() => _given.Dispose();

    [Theory]
    [InlineData(StatusState.Pending, "pending")]
    [InlineData(StatusState.Success, "success")]
    [InlineData(StatusState.Failure, "failure")]
    [InlineData(StatusState.Error, "error")]
    public async Task A_status_has_state_context_description_and_address(StatusState state, string word)
    {
        Assert.Equal(ProviderResult.Done, (await _given.TellAsync(state)).Result);

        var (repository, commit, status) = Assert.Single(_given.GitHub.Statuses);
        Assert.Equal(("octo/hello", new string('a', 40)), (repository, commit));
        Assert.Equal(
            $$"""{"state":"{{word}}","target_url":"https://pushcart.example.com/api/jobs/x","description":"Succeeded after 3 s","context":"pushcart/team/nightly"}""",
            status.ToJsonString());
    }

    [Fact]
    public async Task An_address_that_is_not_there_is_left_out_and_what_is_too_long_is_cut()
    {
        var report = GivenGitHub.Report() with { TargetUrl = null, Description = new string('d', 141), Context = new string('c', 300) };

        await _given.Statuses.TellAsync(report, default);

        var status = _given.GitHub.Statuses[0].Status;
        Assert.False(status.ContainsKey("target_url"));
        Assert.Equal((new string('d', 139) + "…", 255), ((string?)status["description"], ((string)status["context"]!).Length));
    }

    [Theory]
    [InlineData("https://github.com/octo/hello", true)]
    [InlineData("git@github.com:Octo/hello.git", true)]
    [InlineData("ssh://git@ssh.github.com:443/octo/hello.git", true)]
    [InlineData("https://gitlab.com/octo/hello", false)]
    [InlineData("https://github.com.evil.example/octo/hello", false)]
    [InlineData("https://github.com/octo/hello/more", false)]
    [InlineData("https://github.com/octo", false)]
    public void Its_repositories_are_those_of_its_host(string repository, bool tells) => Assert.Equal(tells, _given.Statuses.Tells(repository));

    [Fact]
    public void Nobody_is_told_without_an_App_or_a_token_or_where_it_is_turned_off()
    {
        using var nobody = new GivenGitHub(app: false, s => s with { Token = null });
        using var off = new GivenGitHub(change: s => s with { CommitStatus = false });

        Assert.False(nobody.Statuses.Tells(GivenGitHub.Repository));
        Assert.False(off.Statuses.Tells(GivenGitHub.Repository));
    }

    [Fact]
    public async Task An_App_gets_a_token_narrowed_to_repository_and_permission_keeps_it_and_renews_it()
    {
        await _given.TellAsync();
        await _given.TellAsync();
        var first = _given.GitHub.Requests.Single(r => r.Path.EndsWith("/access_tokens", StringComparison.Ordinal));
        Assert.Equal("""{"repositories":["hello"],"permissions":{"statuses":"write"}}""", first.Body);
        Assert.Equal(2, _given.GitHub.Statuses.Count);

        // 5 min before its end, an hour after it was made.
        _given.Time.Advance(TimeSpan.FromMinutes(54));
        await _given.TellAsync();
        Assert.Single(_given.GitHub.Requests, r => r.Path.EndsWith("/access_tokens", StringComparison.Ordinal));
        _given.Time.Advance(TimeSpan.FromMinutes(1));
        await _given.TellAsync();
        Assert.Equal(2, _given.GitHub.Requests.Count(r => r.Path.EndsWith("/access_tokens", StringComparison.Ordinal)));

        // Another repository, another permission: other tokens.
        await _given.TellAsync(repository: "https://github.com/octo/other");
        await _given.Hooks.ListAsync(GivenGitHub.Repository, default);
        Assert.Equal(
            ["""{"repositories":["other"],"permissions":{"statuses":"write"}}""", """{"repositories":["hello"],"permissions":{"repository_hooks":"write"}}"""],
            _given.GitHub.Requests.Where(r => r.Path.EndsWith("/access_tokens", StringComparison.Ordinal)).Skip(2).Select(r => r.Body));
    }

    [Fact]
    public async Task A_token_that_was_taken_back_is_made_anew_once()
    {
        await _given.TellAsync();
        _given.GitHub.RevokeTokens();

        Assert.Equal(ProviderResult.Done, (await _given.TellAsync()).Result);

        _given.GitHub.Intercept = r => r.Path.Contains("/statuses/", StringComparison.Ordinal) ? GitHubStandIn.Error(401, "Bad credentials") : null;
        var before = _given.GitHub.Requests.Count;
        Assert.Equal(ProviderResult.Failed, (await _given.TellAsync()).Result);
        Assert.Equal(3, _given.GitHub.Requests.Count - before);
    }

    [Fact]
    public async Task A_token_of_the_settings_is_sent_as_it_is()
    {
        using var given = new GivenGitHub(app: false);

        Assert.Equal(ProviderResult.Done, (await given.TellAsync()).Result);

        Assert.Equal("Token ghp_everything", Assert.Single(given.GitHub.Requests).Authorization);
    }

    [Fact]
    public async Task A_repository_without_the_App_is_missing_and_says_what_to_do()
    {
        var answer = await _given.TellAsync(repository: "https://github.com/somebody/else");

        Assert.Equal(ProviderResult.Missing, answer.Result);
        Assert.Contains("somebody/else", answer.Message, StringComparison.Ordinal);
        Assert.Contains("'Commit statuses: read and write'", answer.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "Resource not accessible by integration", ProviderResult.Refused)]
    [InlineData(422, "No commit found for SHA", ProviderResult.Refused)]
    [InlineData(400, "Problems parsing JSON", ProviderResult.Refused)]
    [InlineData(401, "Bad credentials", ProviderResult.Failed)]
    [InlineData(500, "Server Error", ProviderResult.Failed)]
    [InlineData(503, "Unavailable", ProviderResult.Failed)]
    public async Task What_passes_is_told_from_what_does_not(int status, string message, ProviderResult result)
    {
        using var given = new GivenGitHub(app: false);
        given.GitHub.Intercept = _ => GitHubStandIn.Error(status, message);

        var answer = await given.TellAsync();

        Assert.Equal((result, (DateTimeOffset?)null), (answer.Result, answer.NotBefore));
        Assert.Contains($"{status} to the status of commit", answer.Message, StringComparison.Ordinal);
        Assert.Contains(message, answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("ghp_everything", answer.ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<int, string, string, string?, int> Limits => new()
    {
        { 429, "Too many requests", "Retry-After", "90", 90 },
        { 403, "You have exceeded a secondary rate limit", "retry-after", "30", 30 },
        { 403, "You have exceeded a secondary rate limit", "x-other", "1", 60 },
        { 403, "You have triggered an abuse detection mechanism", "Retry-After", "45", 45 },
        { 403, "API rate limit exceeded for installation", "x-ratelimit-reset", null, 1234 },
        { 429, "API rate limit exceeded", "x-ratelimit-reset", null, 1234 },
        { 429, "Slow down", "x-other", "1", 60 },
        { 503, "Unavailable", "Retry-After", "20", 20 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public async Task A_limit_says_when_to_ask_again_and_nothing_is_asked_before(int status, string message, string header, string? value, int seconds)
    {
        using var given = new GivenGitHub(app: false);
        var until = given.Time.GetUtcNow().AddSeconds(seconds);
        (string, string)[] headers = value is null
            ? [("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "0"), (header, $"{until.ToUnixTimeSeconds()}")]
            : [(header, value)];
        given.GitHub.Intercept = _ => GitHubStandIn.Error(status, message, headers);

        var answer = await given.TellAsync();
        Assert.Equal((ProviderResult.Failed, until), (answer.Result, answer.NotBefore));

        given.GitHub.Intercept = null;
        given.Time.Advance(TimeSpan.FromSeconds(seconds - 1));
        Assert.Equal((ProviderResult.Failed, until), (await given.TellAsync() is var early ? (early.Result, early.NotBefore) : default));
        Assert.Single(given.GitHub.Requests);
        given.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ProviderResult.Done, (await given.TellAsync()).Result);
    }

    [Fact]
    public async Task The_last_request_of_the_hour_is_noticed_before_a_refusal()
    {
        using var given = new GivenGitHub(app: false);
        var reset = given.Time.GetUtcNow().AddMinutes(20);
        given.GitHub.Intercept = r => given.GitHub.Statuses.Count > 0 ? null
            : new(201, new System.Text.Json.Nodes.JsonObject { ["id"] = 1 }, ("x-ratelimit-limit", "5000"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", $"{reset.ToUnixTimeSeconds()}"));

        Assert.Equal(ProviderResult.Done, (await given.TellAsync()).Result);
        Assert.Equal(reset, (await given.TellAsync()).NotBefore);
        Assert.Single(given.GitHub.Requests);
    }

    [Fact]
    public async Task Silence_ends_after_10_s_and_nothing_is_sent_later()
    {
        using var given = new GivenGitHub();
        given.Handler.Before = (r, stop) => r.Path.EndsWith("/access_tokens", StringComparison.Ordinal) ? Task.Delay(TimeSpan.FromHours(1), given.Time, stop) : Task.CompletedTask;

        var telling = given.TellAsync();
        given.Time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.False(telling.IsCompleted);
        given.Time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(ProviderResult.Failed, (await telling).Result);
        Assert.Empty(given.GitHub.Statuses);
    }

    [Fact]
    public async Task Calls_are_made_one_after_the_other()
    {
        using var given = new GivenGitHub(app: false);
        var (now, most) = (0, 0);
        given.Handler.Before = async (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
        };

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => given.TellAsync())));

        Assert.Equal((1, 20), (most, given.GitHub.Statuses.Count));
    }

    [Fact]
    public async Task A_page_of_a_proxy_and_a_broken_connection_are_failures_that_pass()
    {
        using var given = new GivenGitHub(app: false);
        given.Handler.Before = (_, _) => throw new HttpRequestException("connection refused");
        Assert.Equal(ProviderResult.Failed, (await given.TellAsync()).Result);

        given.Handler.Before = null;
        given.GitHub.Intercept = _ => new(200, System.Text.Json.Nodes.JsonValue.Create("a page"));
        Assert.Equal(ProviderResult.Failed, (await given.TellAsync()).Result);
    }
}
