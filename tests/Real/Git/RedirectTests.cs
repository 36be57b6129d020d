using System.Net;
using Pushcart.Cli.Demo;
using Pushcart.Git;

namespace Pushcart.Tests.Real.Git;

public sealed class RedirectTests
{
    private static readonly GitAuth Auth = new BasicAuth("reader", "correct horse");

    [Fact]
    public async Task A_moved_repository_is_found_once_and_remembered()
    {
        await using var git = Redirecting(request => request.RawUrl!.Replace("/old.git/", "/app.git/", StringComparison.Ordinal));
        var commit = git.Repository.Commit("a.txt", "a");
        var endpoint = new GitEndpoint(git.Server.UriOf("old.git")) { Auth = Auth };

        var refs = (await git.Client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).Value!;

        Assert.Equal(commit, refs.Commits["refs/heads/main"]);
        Assert.Equal(git.Server.UriOf("app.git"), refs.Dialect.Location);
        Assert.Equal(["POST", "GET", "GET", "POST"], await git.RequestsAsync());
        Assert.All(git.Server.Exchanges, exchange => Assert.Equal(Auth.Header, exchange.Authorization));

        await git.Client.ListRefsAsync(endpoint, ["refs/heads/main"], refs.Dialect, CancellationToken.None);
        Assert.Equal(["POST", "GET", "GET", "POST", "POST"], await git.RequestsAsync());
    }

    [Fact]
    public async Task Files_are_found_behind_a_redirect_too()
    {
        await using var git = Redirecting(request => request.RawUrl!.Replace("/old.git/", "/app.git/", StringComparison.Ordinal));
        var commit = git.Repository.Commit("a.txt", "a");

        var tree = await git.Client.ListFilesAsync(new GitEndpoint(git.Server.UriOf("old.git")), commit, null, null, CancellationToken.None);

        Assert.Equal("a.txt", Assert.Single(tree.Value!.Files).Path);
    }

    [Fact]
    public async Task Another_port_of_the_host_gets_no_credentials()
    {
        await using var target = new GitFixture();
        var commit = target.Repository.Commit("a.txt", "a");
        await using var git = Redirecting(request => target.Server.Address + request.RawUrl![1..].Replace("old.git", "app.git", StringComparison.Ordinal));
        var endpoint = new GitEndpoint(git.Server.UriOf("old.git")) { Auth = Auth };

        var refs = (await git.Client.ListRefsAsync(endpoint, ["refs/heads/main"], null, CancellationToken.None)).Value!;
        await git.Client.ListRefsAsync(endpoint, ["refs/heads/main"], refs.Dialect, CancellationToken.None);

        Assert.Equal(commit, refs.Commits["refs/heads/main"]);
        Assert.Equal(["GET", "POST", "POST"], await target.RequestsAsync());
        Assert.All(target.Server.Exchanges, exchange => Assert.Null(exchange.Authorization));
    }

    [Fact]
    public async Task Another_host_is_not_asked_over_http()
    {
        await using var git = Redirecting(request => $"http://localhost:{request.Url!.Port}{request.RawUrl!.Replace("old.git", "app.git", StringComparison.Ordinal)}");
        git.Repository.Commit("a.txt", "a");

        var failure = (await git.Client.ListRefsAsync(
            new GitEndpoint(git.Server.UriOf("old.git")) { Auth = Auth }, ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.Redirected, failure?.Kind);
        Assert.Contains($"redirects to http://localhost:{git.Server.Address.Port}/app.git/info/refs (302), which is not followed", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(["POST", "GET"], await git.RequestsAsync());

        // Nor where what is remembered would lead there.
        var remembered = new GitDialect(Location: $"http://localhost:{git.Server.Address.Port}/app.git");
        Assert.Equal(GitFailureKind.Redirected, (await git.Client.ListRefsAsync(
            new GitEndpoint(git.Server.UriOf("old.git")), ["refs/heads/main"], remembered, CancellationToken.None)).Failure?.Kind);
    }

    [Fact]
    public async Task A_redirect_to_a_sign_in_page_is_no_repository()
    {
        await using var git = Redirecting(_ => "/sign-in?token=abc");

        var failure = (await git.Client.ListRefsAsync(new GitEndpoint(git.Server.UriOf("old.git")), ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.Redirected, failure?.Kind);
        Assert.EndsWith($"the server redirects to {git.Server.Address}sign-in, which is no repository; look at repoUri", failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Redirects_without_end_are_given_up()
    {
        await using var git = Redirecting(request => request.RawUrl!);

        var failure = (await git.Client.ListRefsAsync(new GitEndpoint(git.Server.UriOf("old.git")), ["refs/heads/main"], null, CancellationToken.None)).Failure;

        Assert.Equal(GitFailureKind.Redirected, failure?.Kind);
        Assert.Contains("more than 5 times", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(7, git.Server.RequestCount);
    }

    private static GitFixture Redirecting(Func<HttpListenerRequest, string> target) => new(new GitHttpBackendOptions
    {
        Intercept = (context, _) =>
        {
            if (!context.Request.RawUrl!.StartsWith("/old.git/", StringComparison.Ordinal))
            {
                return Task.FromResult(false);
            }

            context.Response.StatusCode = 302;
            context.Response.AddHeader("Location", target(context.Request));
            return Task.FromResult(true);
        },
    });
}
