using System.Net;
using Pushcart.Cli.Demo;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Git;
using Pushcart.Tests.Real.Git;
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

        var ended = await RunAsync(place, checkout with { Endpoint = checkout.Endpoint with { Auth = new TokenAuth("wrong") } }, "cat version");

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

    [SshFact]
    public async Task Over_ssh_the_commit_is_cloned_and_the_work_finds_no_key()
    {
        await using var place = new ProcessPlace();
        await using var server = new SshServer();
        var commit = place.Repository.Commit("version", "by ssh");
        place.Repository.Commit("version", "newer");
        var key = server.PrivateKey.Split('\n')[1];

        var ended = await RunAsync(
            place, Checkout(place, commit) with { Endpoint = server.Endpoint(place.Repository) }, $"cat version; grep -rl {key} .. | wc -l; ls ..; env");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.StartsWith("by ssh0\n", Output(place), StringComparison.Ordinal);
        Assert.DoesNotContain("ssh\n", Output(place), StringComparison.Ordinal);
        Assert.DoesNotContain("SSH", Output(place), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(place.Runs, "key", SearchOption.AllDirectories));
    }

    [SshFact]
    public async Task Over_ssh_a_server_that_takes_no_version_is_asked_for_the_reference_deeper_and_deeper()
    {
        await using var place = new ProcessPlace();
        await using var server = new SshServer(new() { Protocol = 0 });
        var old = place.Repository.Commit("version", "old");
        place.Repository.Commit("version", "new");

        var ended = await RunAsync(place, Checkout(place, old) with { Endpoint = server.Endpoint(place.Repository) }, "cat version");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.EndsWith("old", Output(place), StringComparison.Ordinal);
    }

    [SshFact]
    public async Task Over_ssh_an_unknown_host_and_a_refused_key_fail_the_clone_with_what_to_do()
    {
        await using var place = new ProcessPlace();
        await using var other = new ProcessPlace();
        await using var server = new SshServer();
        var checkout = Checkout(place, place.Repository.Commit("version", "x"));
        var endpoint = server.Endpoint(place.Repository);

        var unknown = await RunAsync(place, checkout with { Endpoint = endpoint with { Auth = new SshAuth(server.PrivateKey, "# nobody") } }, "cat version");
        var refused = await RunAsync(other, checkout with { Endpoint = endpoint with { Auth = new SshAuth(server.AnotherKey("other"), server.KnownHosts) } }, "cat version");

        Assert.Equal(("CloneFailed", "CloneFailed"), (unknown.Reason, refused.Reason));
        Assert.Contains($"the key of the host [127.0.0.1]:{server.Port} is not known", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("the host refuses the key for the user", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, server.Accepted);
        Assert.Empty(Directory.GetFiles(place.Runs, "key", SearchOption.AllDirectories));
    }

    [SshFact]
    public async Task Over_ssh_submodules_of_the_same_host_are_cloned()
    {
        await using var place = new ProcessPlace();
        await using var server = new SshServer();
        var module = TestRepository.Create("module.git", place.Repository.Root);
        var inner = module.Commit("inner", "of the module");
        var commit = place.Repository.Commit(
            "main", TestFile.Text(".gitmodules", "[submodule \"m\"]\n\tpath = deep/module\n\turl = ../module.git\n"), TestFile.Submodule("deep/module", inner));

        var ended = await RunAsync(place, Checkout(place, commit) with { Endpoint = server.Endpoint(place.Repository), Submodules = true }, "cat deep/module/inner");

        Assert.Equal(RunPhase.Succeeded, ended.Phase);
        Assert.EndsWith("of the module", Output(place), StringComparison.Ordinal);
    }

    [SshFact]
    public async Task Over_ssh_another_host_that_a_submodule_names_does_not_get_the_key_though_it_is_known()
    {
        await using var place = new ProcessPlace();
        await using var server = new SshServer();
        var module = TestRepository.Create("module.git", place.Repository.Root);
        var inner = module.Commit("inner", "of the module");
        var elsewhere = server.UriOf(module.Folder, "localhost");
        var commit = place.Repository.Commit(
            "main", TestFile.Text(".gitmodules", $"[submodule \"m\"]\n\tpath = m\n\turl = {elsewhere}\n"), TestFile.Submodule("m", inner));
        var endpoint = server.Endpoint(place.Repository) with
        {
            Auth = new SshAuth(server.PrivateKey, server.KnownHosts.Replace("[127.0.0.1]", "[localhost]", StringComparison.Ordinal) + server.KnownHosts),
        };

        var ended = await RunAsync(place, Checkout(place, commit) with { Endpoint = endpoint, Submodules = true }, "cat m/inner");

        Assert.Equal("CloneFailed", ended.Reason);
        Assert.Equal(1, server.Accepted);
    }

    [SshFact]
    public async Task A_clone_over_ssh_that_hangs_ends_with_its_run_and_leaves_neither_process_nor_key()
    {
        await using var place = new ProcessPlace();
        await using var server = new SshServer(new() { Script = "sleep 1000000.5" });
        var checkout = Checkout(place, place.Repository.Commit("version", "x")) with { Endpoint = server.Endpoint(place.Repository) };

        var ended = await RunAsync(place, checkout, "cat version", TimeSpan.FromSeconds(3));

        Assert.Equal("DeadlineExceeded", ended.Reason);
        Assert.Empty(Directory.GetFiles(place.Runs, "key", SearchOption.AllDirectories));
        Assert.Empty(ProcessPlace.WithArgument(server.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
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

    private async Task<RunView> RunAsync(ProcessPlace place, CheckoutSpec checkout, string script, TimeSpan? deadline = null)
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
                Deadline = deadline ?? TimeSpan.FromMinutes(1),
                Ttl = TimeSpan.FromDays(7),
            },
            default);
        Assert.Equal(new CreateAnswer(CreateResult.Created), answer);
        await ends.ReadAsync(new CancellationTokenSource(TimeSpan.FromSeconds(70), TimeProvider.System).Token);
        return (await executor.FindAsync(_key, default)).Run!;
    }
}
