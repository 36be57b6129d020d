using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using Pushcart.Cli.Demo;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Execution;

/// <summary>The script of the clone step, with the variables and the Secret of a real Job, run here. Every server insists on credentials.</summary>
public sealed class CloneScriptTests
{
    private static readonly GitHttpBackendOptions s_referencesOnly = new() { PassProtocol = false, AllowAnyCommit = false };

    [Fact]
    public async Task Exactly_the_commit_is_cloned_and_no_git_folder_stays()
    {
        await using var place = new ProcessPlace();
        var old = place.Repository.Commit("version", "old");
        place.Repository.Commit("version", "new");

        var (code, output, work) = await CloneAsync(place, Checkout(place, old));

        Assert.Equal((0, "old", ""), (code, File.ReadAllText(Path.Combine(work, "version")), output));
        Assert.False(Directory.Exists(Path.Combine(work, ".git")));
        Assert.False(Directory.Exists(Path.Combine(work, "..", "home")));
    }

    [Theory]
    [InlineData("refs/heads/main")]
    [InlineData(null)]
    public async Task A_server_that_does_not_serve_single_commits_is_asked_for_the_reference_or_for_everything(string? reference)
    {
        await using var place = new ProcessPlace(s_referencesOnly);
        var old = place.Repository.Commit("version", "old");
        place.Repository.Commit("version", "new");

        var (code, output, work) = await CloneAsync(place, Checkout(place, old) with { Reference = reference });

        Assert.Equal(0, code);
        Assert.Contains("unadvertised", output, StringComparison.Ordinal);
        Assert.Equal("old", File.ReadAllText(Path.Combine(work, "version")));
    }

    [Fact]
    public async Task A_commit_that_cannot_be_reached_any_more_says_so()
    {
        await using var place = new ProcessPlace(s_referencesOnly);
        var lost = place.Repository.Commit("version", "lost");
        place.Repository.ForcePush("main", null, TestFile.Text("version", "other"));

        var (code, output, work) = await CloneAsync(place, Checkout(place, lost));

        Assert.Equal(1, code);
        Assert.Contains("cannot be reached from refs/heads/main any more", output, StringComparison.Ordinal);
        Assert.Contains("cannot be reached from refs/heads/main any more", File.ReadAllText(Path.Combine(work, "..", "..", "termination")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_credentials_are_sent_once_and_shown_nowhere()
    {
        await using var place = new ProcessPlace();
        var checkout = Checkout(place, place.Repository.Commit("version", "x")) with { Debug = true };

        var (code, output, _) = await CloneAsync(place, checkout with { Endpoint = checkout.Endpoint with { Auth = new TokenAuth("wrong") } });

        Assert.Equal(1, code);
        Assert.DoesNotContain("wrong", output, StringComparison.Ordinal);
        Assert.Single(place.Server.Exchanges, exchange => exchange.Authorization == "wrong");
    }

    [Fact]
    public async Task Private_submodules_of_the_same_server_are_cloned_where_they_are_asked_for()
    {
        await using var place = new ProcessPlace();
        var module = TestRepository.Create("module.git", place.Repository.Root);
        var inner = module.Commit("inner", "of the module");
        var commit = place.Repository.Commit(
            "main", TestFile.Text(".gitmodules", "[submodule \"m\"]\n\tpath = deep/module\n\turl = ../module.git\n"), TestFile.Submodule("deep/module", inner));

        var (code, _, work) = await CloneAsync(place, Checkout(place, commit) with { Submodules = true });

        Assert.Equal((0, "of the module"), (code, File.ReadAllText(Path.Combine(work, "deep/module/inner"))));
        Assert.False(File.Exists(Path.Combine(work, "deep/module/.git")));
    }

    [Fact]
    public async Task A_repository_that_moved_on_its_server_is_found()
    {
        await using var place = new ProcessPlace(new() { Intercept = (context, _) => Redirect(context, "/app.git/") });
        var checkout = Checkout(place, place.Repository.Commit("version", "moved"));

        var (code, _, work) = await CloneAsync(place, checkout with { Endpoint = checkout.Endpoint with { RepoUri = place.Server.UriOf("old.git") } });

        Assert.Equal((0, "moved"), (code, File.ReadAllText(Path.Combine(work, "version"))));
    }

    [Fact]
    public async Task Credentials_do_not_follow_a_redirect_to_another_server()
    {
        await using var other = new ProcessPlace();
        await using var open = GitHttpBackend.Start(other.Repository.Root);
        var commit = other.Repository.Commit("version", "elsewhere");
        await using var place = new ProcessPlace(new() { Intercept = (context, _) => Redirect(context, open.UriOf("app.git/")) });
        var checkout = Checkout(place, commit);

        var (code, _, work) = await CloneAsync(place, checkout with { Endpoint = checkout.Endpoint with { RepoUri = place.Server.UriOf("old.git") } });

        Assert.Equal((0, "elsewhere"), (code, File.ReadAllText(Path.Combine(work, "version"))));
        Assert.All(open.Exchanges, exchange => Assert.Null(exchange.Authorization));
    }

    [Fact]
    public async Task As_much_history_and_the_git_folder_stay_as_are_asked_for()
    {
        await using var place = new ProcessPlace();
        place.Repository.Commit("version", "1");
        place.Repository.Commit("version", "2");
        var checkout = Checkout(place, place.Repository.Commit("version", "3")) with { PreserveGitFolder = true };

        foreach (var (depth, expected) in new[] { (2, "2"), (0, "3") })
        {
            var (_, _, work) = await CloneAsync(place, checkout with { Depth = depth });
            Assert.Equal(expected, place.Repository.Git("--git-dir=" + Path.Combine(work, ".git"), "rev-list", "--count", "HEAD", "--").Trim());
            Assert.DoesNotContain("xtra", File.ReadAllText(Path.Combine(work, ".git", "config")), StringComparison.Ordinal);
        }
    }

    private static CheckoutSpec Checkout(ProcessPlace place, string commit) => new() { Endpoint = place.Endpoint, Commit = commit, Reference = "refs/heads/main" };

    private static async Task<(int Code, string Output, string Work)> CloneAsync(ProcessPlace place, CheckoutSpec checkout)
    {
        var spec = new RunSpec
        {
            Key = new("team", "build-1", "1", 1),
            Installation = "i",
            ClaimKey = "k",
            CreateBefore = default,
            Checkout = checkout,
            WorkdirVariable = "W",
            Workdir = "/w",
            Image = "x",
            Deadline = TimeSpan.FromHours(1),
            Ttl = TimeSpan.FromDays(7),
        };
        var job = JobBuilder.Build(spec);
        var step = job["spec"]!["template"]!["spec"]!["initContainers"]![0]!;
        var root = Directory.CreateDirectory(Path.Combine(place.Folder, "step")).FullName;
        var credentials = Directory.CreateDirectory(Path.Combine(root, "credentials")).FullName;
        foreach (var (key, value) in (JsonObject)CloneSecret.Build(spec, job, "u")["data"]!)
        {
            File.WriteAllBytes(Path.Combine(credentials, key), Convert.FromBase64String(value!.GetValue<string>()));
        }

        // As the kubelet hands them on: $$ is $.
        var start = new ProcessStartInfo("sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(step["args"]![0]!.GetValue<string>().Replace("$$", "$", StringComparison.Ordinal));
        foreach (var variable in (JsonArray)step["env"]!)
        {
            start.Environment[variable!["name"]!.GetValue<string>()] = variable["value"]!.GetValue<string>().Replace("$$", "$", StringComparison.Ordinal)
                .Replace(CloneStep.VolumePath, Path.Combine(root, "volume"), StringComparison.Ordinal)
                .Replace(CloneStep.CredentialsPath, credentials, StringComparison.Ordinal);
        }

        start.Environment["PUSHCART_TERMINATION"] = Path.Combine(root, "termination");
        using var process = Process.Start(start)!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, said[0] + said[1], Path.Combine(root, "volume", "work"));
    }

    private static Task<bool> Redirect(HttpListenerContext context, string to)
    {
        const string From = "/old.git/";
        if (!context.Request.RawUrl!.StartsWith(From, StringComparison.Ordinal))
        {
            return Task.FromResult(false);
        }

        context.Response.StatusCode = 302;
        context.Response.RedirectLocation = to + context.Request.RawUrl[From.Length..];
        return Task.FromResult(true);
    }
}
