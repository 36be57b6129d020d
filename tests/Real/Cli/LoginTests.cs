using Pushcart.Tests.Real.Execution.Kubernetes.Client;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Contexts, against a real host: a token is stored for its user only, shown to its server only, and never told.</summary>
[Collection("hosts")]
public sealed class LoginTests(AzuriteFixture azurite)
{
    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task A_token_is_verified_stored_for_its_user_only_and_used_for_its_server_only()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var server = host.Client.BaseAddress!.ToString();
        using var cli = new PushcartCli();
        Assert.Equal((4, "error: send a token in the header: Authorization: Bearer pct_… (auth.no_authorization); 'pushcart login --server " + server + "' stores a token, --token-file takes one\n"), ErrorOf(await cli.RunAsync("jobs", "--server", server)));

        var unknown = await cli.WithInputAsync("pct_" + new string('0', 64), "login", "--server", server);
        Assert.Equal((4, $"error: {server} does not know this token (auth.invalid_token); nothing is stored\n"), ErrorOf(unknown));
        var none = await cli.WithInputAsync("hunter2", "login", "--server", server);
        Assert.Equal((1, "error: what was read is no token; one is pct_ and 64 hexadecimal digits\n"), ErrorOf(none));
        Assert.Equal((2, "error: where does Pushcart listen? say so by --server URL\n"), ErrorOf(await cli.WithInputAsync(host.AdminToken, "login")));
        Assert.False(File.Exists(cli.Contexts));

        var login = await cli.WithInputAsync(host.AdminToken + "\n", "login", "--server", server);
        Assert.Equal((0, $"logged in: default ({server}) is the current context, in {cli.Contexts}\n"), ErrorOf(login));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(cli.Contexts));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(cli.Contexts)!));
        Assert.Equal((0, "there are none\n"), ErrorOf(await cli.RunAsync("jobs")));
        Assert.Equal(0, (await cli.RunAsync("jobs", "--server", server)).Exit);

        // A second one, by a file; each by its name.
        var file = cli.Write("token", (await host.TokenAsync("reader", ["read"])).Value + "\n");
        Assert.Equal(0, (await cli.RunAsync("login", "--server", server, "--context", "reader", "--token-file", file)).Exit);
        var refused = await cli.RunAsync("tokens", "list");
        Assert.Equal((4, "error: the token has the scopes read; this takes admin (auth.forbidden)\n"), ErrorOf(refused));
        Assert.Equal(0, (await cli.RunAsync("tokens", "list", "--context", "default")).Exit);
        Assert.Equal(["CURRENT   NAME      SERVER", $"          default   {server}", $"*         reader    {server}"], (await cli.RunAsync("contexts")).Lines);
        Assert.Equal(0, (await cli.RunAsync("contexts", "use", "default")).Exit);
        Assert.Equal(0, (await cli.RunAsync("tokens", "list")).Exit);
        Assert.Equal((1, "error: there is no context nope; there are default, reader; 'pushcart login --context nope' makes it\n"), ErrorOf(await cli.RunAsync("jobs", "--context", "nope")));

        // Another server gets nothing of it, and neither do messages.
        await using var other = new WireServer((_, stream) => WireServer.RespondAsync(stream, "401 Unauthorized", """{"code":"auth.no_authorization","message":"none"}"""));
        Assert.Equal(4, (await cli.RunAsync("jobs", "--server", other.Address.ToString())).Exit);
        Assert.Equal([null], other.Requests.Select(r => r.Authorization));
        foreach (var said in (CliResult[])[unknown, none, login, refused, await cli.RunAsync("contexts", "-o", "json")])
        {
            Assert.DoesNotContain(host.AdminToken, said.Output + said.Errors, StringComparison.Ordinal);
            Assert.DoesNotContain("hunter2", said.Output + said.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await cli.RunAsync("logout")).Exit);
        Assert.DoesNotContain(host.AdminToken, await File.ReadAllTextAsync(cli.Contexts), StringComparison.Ordinal);
        Assert.Equal(4, (await cli.RunAsync("tokens", "list")).Exit);
    }

    [Fact]
    public async Task No_command_has_an_option_that_takes_a_token_as_its_value()
    {
        using var cli = new PushcartCli();
        foreach (var words in (string[][])[["login"], ["jobs"], ["tokens", "create"]])
        {
            var (exit, errors) = ErrorOf(await cli.RunAsync([.. words, "--token", "pct_" + new string('0', 64)]));
            Assert.Equal(2, exit);
            Assert.Contains("Unrecognized command or argument '--token'", errors, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task On_the_machine_of_a_standalone_host_no_login_is_needed()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!);
        cli.Write(Path.Combine(".pushcart", "admin-token"), host.AdminToken);

        Assert.Equal(0, (await cli.RunAsync("tokens", "list")).Exit);
    }

    private static (int Exit, string Errors) ErrorOf(CliResult result) => (result.Exit, result.Errors);
}
