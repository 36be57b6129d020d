using System.Net;
using System.Text;
using Pushcart.Cli.Demo;
using Pushcart.Git;

namespace Pushcart.Tests.Real.Git;

public sealed class FailureTests
{
    private const string Secret = "correct horse";

    public static TheoryData<string, string?> Credentials => new()
    {
        { "basic", new BasicAuth("reader", Secret).Header },
        { "token", "Bearer abcdef" },
        { "none", null },
    };

    [Theory]
    [MemberData(nameof(Credentials))]
    public async Task Credentials_are_sent_with_the_first_request(string kind, string? header)
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { Authorization = header });
        var commit = git.Repository.Commit("a.txt", "a");
        var endpoint = git.Endpoint with { Auth = kind switch { "basic" => new BasicAuth("reader", Secret), "token" => new TokenAuth(header!), _ => GitAuth.None } };

        var refs = await git.Client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None);

        Assert.Equal(commit, refs.Value?.Commits["refs/heads/main"]);
        Assert.Equal(1, git.Server.RequestCount);
    }

    [Fact]
    public async Task Wrong_credentials_are_one_request_and_never_shown()
    {
        await using var git = new GitFixture(new GitHttpBackendOptions { Authorization = "Bearer right" });
        git.Repository.Commit("a.txt", "a");

        var wrong = (await git.Client.ListRefsAsync(git.Endpoint with { Auth = new BasicAuth("reader", Secret) }, ["refs/heads/main"], null, CancellationToken.None)).Failure;
        Assert.Equal(1, git.Server.RequestCount);
        var missing = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(
            new GitFailure(GitFailureKind.Unauthorized, $"{git.Endpoint.RepoUri}: the server refuses the credentials (401); look at the secret that authConfig names"), wrong);
        Assert.Equal(
            new GitFailure(GitFailureKind.Unauthorized, $"{git.Endpoint.RepoUri}: the server asks for credentials (401): the repository is private or does not exist; set authConfig"), missing);
    }

    [Fact]
    public async Task A_repository_that_is_not_there_is_not_found()
    {
        await using var git = new GitFixture();

        var failure = (await git.Client.ListRefsAsync(new GitEndpoint(git.Server.UriOf("none.git")), ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.NotFound, failure?.Kind);
        Assert.Contains("none.git: there is no such repository (404)", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, GitFailureKind.Forbidden, 1)]
    [InlineData(429, GitFailureKind.ServerError, 1)]
    [InlineData(500, GitFailureKind.ServerError, 2)]
    [InlineData(503, GitFailureKind.ServerError, 1)]
    [InlineData(418, GitFailureKind.NotGit, 2)]
    [InlineData(302, GitFailureKind.Redirected, 2)]
    public async Task Each_status_is_told_apart(int status, GitFailureKind kind, int requests)
    {
        await using var git = Answering((response, _) =>
        {
            response.StatusCode = status;
            return Task.CompletedTask;
        });

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(kind, failure?.Kind);
        Assert.Contains($"({status})", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(requests, git.Server.RequestCount);
    }

    [Fact]
    public async Task A_web_page_is_not_git()
    {
        await using var git = Answering((response, cancellation) => WriteAsync(response, "text/html; charset=utf-8", "<html>Sign in</html>", cancellation));

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(new GitFailure(GitFailureKind.NotGit, $"{git.Endpoint.RepoUri}: a web page answers, not git; look at repoUri"), failure);
    }

    [Fact]
    public async Task A_server_that_hangs_ends_by_the_time_out()
    {
        await using var git = Answering(
            (_, cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation),
            new GitLimits { RefsTimeout = TimeSpan.FromMilliseconds(300) });

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(new GitFailure(GitFailureKind.TimedOut, $"{git.Endpoint.RepoUri}: no whole answer within 0.3 s"), failure);
    }

    [Fact]
    public async Task A_server_that_stops_in_the_middle_of_an_answer_ends_by_the_time_out()
    {
        await using var git = Answering(
            async (response, cancellation) =>
            {
                await WriteAsync(response, "application/x-git-upload-pack-result", "003d", cancellation);
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
            },
            new GitLimits { RefsTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(GitFailureKind.TimedOut, (await git.RefsAsync("refs/heads/main")).Failure?.Kind);
    }

    [Fact]
    public async Task A_caller_that_cancels_gets_no_answer()
    {
        await using var git = Answering((_, cancellation) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => git.Client.ListRefsAsync(git.Endpoint, ["refs/heads/main"], null, cancelled.Token));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_is_cut_off_is_no_answer(bool abort)
    {
        await using var git = Answering(async (response, cancellation) =>
        {
            await WriteAsync(response, "application/x-git-upload-pack-result", $"003d{new string('1', 40)} refs/heads/main\n003d22", cancellation);
            if (abort)
            {
                response.Abort();
            }
        });

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(new GitFailure(GitFailureKind.Unreachable, $"{git.Endpoint.RepoUri}: the answer was cut off before its end"), failure);
        Assert.Equal(1, git.Server.RequestCount);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_not_read()
    {
        await using var git = Answering(
            async (response, cancellation) =>
            {
                var line = $"003f{new string('1', 40)} refs/heads/main-1\n";
                await WriteAsync(
                    response, "application/x-git-upload-pack-result", string.Concat(Enumerable.Repeat(line, 100_000)), cancellation);
            },
            new GitLimits { RefsBytes = 10_000 });

        var failure = (await git.RefsAsync("refs/heads/main")).Failure;

        Assert.Equal(new GitFailure(GitFailureKind.TooLarge, $"{git.Endpoint.RepoUri}: the answer is larger than 10,000 bytes"), failure);
        Assert.InRange(git.Received, 10_000, 1_000_000);
    }

    [Fact]
    public async Task A_server_s_own_words_are_shown_without_the_credentials()
    {
        var words = $"ERR no {Secret} here\u001b[31m\n";
        await using var git = Answering((response, cancellation) =>
            WriteAsync(response, "application/x-git-upload-pack-result", $"{words.Length + 4:x4}{words}", cancellation));

        var failure = (await git.Client.ListRefsAsync(git.Endpoint with { Auth = new BasicAuth("reader", Secret) }, ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.DoesNotContain(Secret, failure!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', failure.Message);
    }

    [Fact]
    public async Task Refused_connections_unknown_hosts_and_other_addresses_are_told_apart()
    {
        await using var git = new GitFixture();
        await git.Server.DisposeAsync();
        using var client = new GitClient(TimeProvider.System);

        var refused = (await client.ListRefsAsync(git.Endpoint, ["refs/heads/main"], null, CancellationToken.None)).Failure;
        var unknown = (await client.ListRefsAsync(new GitEndpoint("http://no-such-host.invalid/app.git"), ["refs/heads/main"], null, CancellationToken.None)).Failure;
        var other = (await client.ListRefsAsync(new GitEndpoint("ftp://git:pw@host/app.git"), ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(new GitFailure(GitFailureKind.Unreachable, $"{git.Endpoint.RepoUri}: the connection was refused"), refused);
        Assert.Equal(GitFailureKind.Unreachable, unknown?.Kind);
        Assert.Equal(new GitFailure(GitFailureKind.Unsupported, "ftp://host/app.git: only addresses of https://, http:// and ssh are supported"), other);
    }

    [Fact]
    public async Task A_token_with_a_line_break_is_not_sent()
    {
        await using var git = new GitFixture();

        var failure = (await git.Client.ListRefsAsync(git.Endpoint with { Auth = new TokenAuth("Bearer x\n") }, ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.Unauthorized, failure?.Kind);
        Assert.Equal(0, git.Server.RequestCount);
    }

    private static GitFixture Answering(Func<HttpListenerResponse, CancellationToken, Task> answer, GitLimits? limits = null) => new(
        new GitHttpBackendOptions
        {
            Intercept = async (context, cancellation) =>
            {
                await answer(context.Response, cancellation);
                return true;
            },
        },
        limits);

    private static async Task WriteAsync(HttpListenerResponse response, string type, string text, CancellationToken cancellation)
    {
        response.ContentType = type;
        response.SendChunked = true;
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text), cancellation);
        await response.OutputStream.FlushAsync(cancellation);
    }
}
