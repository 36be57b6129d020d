using System.CommandLine;
using Pushcart.Cli;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Tokens;

namespace Pushcart.Tests.Real.Cli;

/// <summary><c>pushcart test</c> against a real host.</summary>
[Collection("hosts")]
public sealed class TestCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_source_is_tested_step_by_step_and_the_exit_code_says_whether_all_went_well()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("true");
        var server = host.Client.BaseAddress!.ToString();
        var token = AdminTokenFile.PathBelow(app.Place.Folder);

        var (exit, output, _) = await RunAsync("GitRepo", "app", "--server", server, "--token-file", token);
        Assert.Equal(0, exit);
        Assert.Equal(
            ["ok      credentials: none are needed", "ok      remote: answers, by version 2 of the protocol, object ids of sha1", $"ok      branch main: is at {app.First}"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));

        app.Repository.DeleteBranch("main");
        app.Repository.Commit("a", "1", "other");
        (exit, output, _) = await RunAsync("GitRepo", "app", "--server", server, "--token-file", token);
        Assert.Equal(1, exit);
        Assert.Contains("FAILED  branch main: there is no branch main", output, StringComparison.Ordinal);

        (exit, _, var errors) = await RunAsync("ClusterGitRepo", "app", "--server", server, "--token-file", token);
        Assert.Equal((5, "error: there is no ClusterGitRepo app (sources.not_found)\n"), (exit, errors));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_named_with_the_option_that_says_where_it_is()
    {
        var (exit, _, errors) = await RunAsync("GitRepo", "app", "--server", "http://127.0.0.1:1");

        Assert.Equal(3, exit);
        Assert.StartsWith("error: http://127.0.0.1:1/ does not answer", errors, StringComparison.Ordinal);
        Assert.EndsWith("--server says where it listens\n", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var exit = await PushcartCommand.Create().Parse(["test", .. arguments]).InvokeAsync(new() { Output = output, Error = errors });
        return (exit, output.ToString(), errors.ToString());
    }
}
