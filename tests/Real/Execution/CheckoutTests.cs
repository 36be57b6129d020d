using System.Net;
using Pushcart.Cli.Demo;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Execution;

/// <summary>How the process executor clones, from servers of several kinds. Every server here insists on credentials, but for those that must not get any.</summary>
public sealed class CheckoutTests
{
    private static readonly GitHttpBackendOptions s_referencesOnly = new() { PassProtocol = false, AllowAnyCommit = false };
    private readonly RunKey _key = new("default", "build-1", "job", 1);

    [Fact]
    public async Task A_server_that_does_not_serve_single_commits_is_asked_for_the_reference_deeper_and_deeper()
    {
        await using var place = new ProcessPlace(s_referencesOnly);
        var old = place.Repository.Commit("version", "old");
        place.Repository.Commit("version", "new");

        var ended = await RunAsync(place, Checkout(place, old), "cat version");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.Contains("unadvertised", Output(place), StringComparison.Ordinal);
        Assert.EndsWith("old", Output(place), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_reference_it_is_asked_for_everything()
    {
        await using var place = new ProcessPlace(s_referencesOnly);
        var old = place.Repository.Commit("version", "old", branch: "side");
        place.Repository.Commit("version", "newer", branch: "side");

        var ended = await RunAsync(place, Checkout(place, old) with { Reference = null }, "cat version");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.Contains("unadvertised", Output(place), StringComparison.Ordinal);
        Assert.EndsWith("old", Output(place), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_commit_that_cannot_be_reached_any_more_says_so()
    {
        await using var place = new ProcessPlace(s_referencesOnly);
        var lost = place.Repository.Commit("version", "lost");
        place.Repository.ForcePush("main", null, TestFile.Text("version", "other"));

        var ended = await RunAsync(place, Checkout(place, lost), "cat version");

        Assert.Equal((RunPhase.Failed, "CloneFailed", null), (ended.Phase, ended.Reason, ended.ExitCode));
        Assert.Contains("cannot be reached from refs/heads/main any more", ended.Message, StringComparison.Ordinal);
        Assert.Contains(ended.Message!, Output(place), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_fail_the_clone_after_one_try()
    {
        await using var place = new ProcessPlace();
        var checkout = Checkout(place, place.Repository.Commit("version", "x"));

        var ended = await RunAsync(place, checkout with { Endpoint = checkout.Endpoint with { Auth = new Pushcart.Git.TokenAuth("wrong") } }, "cat version");

        Assert.Equal("CloneFailed", ended.Reason);
        Assert.DoesNotContain("wrong", ended.Message, StringComparison.Ordinal);
        Assert.Single(place.Server.Exchanges, exchange => exchange.Authorization == "wrong");
    }

    [Fact]
    public async Task As_much_history_is_fetched_as_is_asked_for()
    {
        await using var place = new ProcessPlace();
        place.Repository.Commit("version", "1");
        place.Repository.Commit("version", "2");
        var commit = place.Repository.Commit("version", "3");

        await RunAsync(place, Checkout(place, commit) with { PreserveGitFolder = true, Depth = 2 }, "git rev-list --count HEAD");
        Assert.Equal("2\n", Output(place));
    }

    [Fact]
    public async Task All_history_is_fetched_where_it_is_asked_for()
    {
        await using var place = new ProcessPlace();
        place.Repository.Commit("version", "1");
        place.Repository.Commit("version", "2");
        var commit = place.Repository.Commit("version", "3");

        await RunAsync(place, Checkout(place, commit) with { PreserveGitFolder = true, Depth = 0 }, "git rev-list --count HEAD");
        Assert.Equal("3\n", Output(place));
    }

    [Fact]
    public async Task Private_submodules_of_the_same_server_are_cloned_where_they_are_asked_for()
    {
        await using var place = new ProcessPlace();
        var module = TestRepository.Create("module.git", place.Repository.Root);
        var inner = module.Commit("inner", "of the module");
        var commit = place.Repository.Commit(
            "main", TestFile.Text(".gitmodules", "[submodule \"m\"]\n\tpath = deep/module\n\turl = ../module.git\n"), TestFile.Submodule("deep/module", inner));

        var ended = await RunAsync(place, Checkout(place, commit) with { Submodules = true }, "cat deep/module/inner; find . -name .git");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.EndsWith("of the module", Output(place), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_repository_that_moved_on_its_server_is_found()
    {
        await using var place = new ProcessPlace(new() { Intercept = (context, _) => Redirect(context, "/old.git/", "/app.git/") });
        var commit = place.Repository.Commit("version", "moved");
        var checkout = Checkout(place, commit);

        var ended = await RunAsync(place, checkout with { Endpoint = checkout.Endpoint with { RepoUri = place.Server.UriOf("old.git") } }, "cat version");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.EndsWith("moved", Output(place), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect_to_another_server()
    {
        await using var other = new ProcessPlace();
        await using var open = GitHttpBackend.Start(other.Repository.Root);
        var commit = other.Repository.Commit("version", "elsewhere");
        await using var place = new ProcessPlace(new() { Intercept = (context, _) => Redirect(context, "/old.git/", open.UriOf("app.git/")) });
        var checkout = Checkout(place, commit);

        var ended = await RunAsync(place, checkout with { Endpoint = checkout.Endpoint with { RepoUri = place.Server.UriOf("old.git") } }, "cat version");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.NotEmpty(open.Exchanges);
        Assert.All(open.Exchanges, exchange => Assert.Null(exchange.Authorization));
    }

    private static Task<bool> Redirect(HttpListenerContext context, string from, string to)
    {
        if (!context.Request.RawUrl!.StartsWith(from, StringComparison.Ordinal))
        {
            return Task.FromResult(false);
        }

        context.Response.StatusCode = 302;
        context.Response.RedirectLocation = to + context.Request.RawUrl[from.Length..];
        return Task.FromResult(true);
    }

    private static CheckoutSpec Checkout(ProcessPlace place, string commit) =>
        new() { Endpoint = place.Endpoint, Commit = commit, Reference = "refs/heads/main" };

    private string Output(ProcessPlace place) => File.ReadAllText(Path.Combine(place.DirectoryOf(_key), "output"));

    private async Task<RunView> RunAsync(ProcessPlace place, CheckoutSpec checkout, string script)
    {
        ProcessExecutor executor = place.NewExecutor();
        var ends = executor.Ended;
        var answer = await executor.CreateAsync(
            new RunSpec
            {
                Key = _key,
                Installation = ProcessPlace.Installation,
                ClaimKey = "claim",
                CreateBefore = TimeProvider.System.GetUtcNow().AddSeconds(20),
                Checkout = checkout,
                Command = ["sh", "-c", script],
                WorkdirVariable = "WORKDIR",
                Workdir = "/action_workdir",
                Deadline = TimeSpan.FromMinutes(1),
                Ttl = TimeSpan.FromDays(7),
            },
            default);
        Assert.Equal(new CreateAnswer(CreateResult.Created), answer);
        await ends.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(70), TimeProvider.System).Token);
        return (await executor.FindAsync(_key, default)).Run!;
    }
}
