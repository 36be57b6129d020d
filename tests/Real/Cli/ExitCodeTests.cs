using Pushcart.Tests.Real.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Real.Cli;

/// <summary>What scripts rely on: exit codes, and errors of a line or two; against servers that answer otherwise than they should.</summary>
public sealed class ExitCodeTests : IDisposable
{
    private readonly PushcartCli _cli = new();

    public void Dispose() => _cli.Dispose();

    [Theory]
    [InlineData("jbos", "'pushcart --help' tells what it takes")]
    [InlineData("get", "'pushcart get --help' tells what it takes")]
    [InlineData("get nope", "error: there is no kind nope; the kinds are GitRepo, ClusterGitRepo, ScheduleTrigger, WebhookTrigger, Action, ClusterAction, Settings, or all")]
    [InlineData("tokens", "'pushcart tokens --help' tells what it takes")]
    [InlineData("tokens create", "error: Option '--description' is required.")]
    [InlineData("jobs --server nowhere", "error: --server: nowhere is no address; it begins with http:// or https://")]
    [InlineData("rerun x --timeout 1m", "error: --timeout goes with --wait")]
    [InlineData("rerun x --wait --timeout 1x", "error: --timeout: \"1x\" is no duration; write it like 10s, 5m, 5h30m25s or 1day 2h")]
    [InlineData("submit --action a --source b --branch c --tag d", "error: --branch and --tag: give one of them")]
    [InlineData("submit --action a --source b --var c", "error: --var: c is not of the form NAME=VALUE")]
    [InlineData("export -o json", "error: export prints YAML; leave out -o json")]
    public async Task A_command_line_that_is_not_understood_is_2_and_asks_nobody(string line, string told)
    {
        var result = await _cli.RunAsync(line.Split(' '));

        Assert.Equal((2, ""), (result.Exit, result.Output));
        Assert.Contains(told, result.Errors.Split('\n'));
        Assert.True(result.Errors.Count(c => c == '\n') <= 5, result.Errors);
    }

    [Fact]
    public async Task A_server_that_is_not_there_or_is_no_Pushcart_is_3_in_one_line()
    {
        await using var html = Server("502 Bad Gateway", "<html>");
        await using var elsewhere = Server("302 Found", "", "Location: https://login.example.com/\r\n");
        await using var older = Server("404 Not Found", "");
        await using var json = Server("200 OK", "hello");
        await using var silent = new WireServer((_, _) => Task.FromResult(false));
        await using var away = Server("503 Service Unavailable", """{"code":"storage.away","message":"storage does not answer"}""");

        Assert.Equal((3, "error: http://127.0.0.1:1/ does not answer: Connection refused (127.0.0.1:1); --server says where it listens\n"), await AskAsync(new("http://127.0.0.1:1")));
        Assert.Equal((3, $"error: {html.Address} does not answer as Pushcart does: 502 Bad Gateway, application/json; --server says where it listens\n"), await AskAsync(html.Address));
        Assert.Equal((3, $"error: {elsewhere.Address} sends on to https://login.example.com/; give the address where Pushcart itself answers by --server\n"), await AskAsync(elsewhere.Address));
        Assert.Equal((3, $"error: {older.Address} has no /api/jobs: it is no Pushcart, or an older one; --server says where it listens\n"), await AskAsync(older.Address));
        Assert.Equal(3, (await AskAsync(json.Address)).Exit);
        Assert.Equal((3, "error: storage does not answer (storage.away); try again\n"), await AskAsync(away.Address));
        var (cut, why) = await AskAsync(silent.Address);
        Assert.Equal(3, cut);
        Assert.Single(why.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_server_that_never_answers_is_waited_for_as_long_as_was_said()
    {
        var asked = new TaskCompletionSource<bool>();
        await using var silent = new WireServer((_, _) => asked.Task);

        var answer = await AskAsync(silent.Address, "--request-timeout", "1s");

        asked.SetResult(false);
        Assert.Equal((3, $"error: {silent.Address} has not answered in 1 s; --request-timeout gives it longer\n"), answer);
    }

    [Theory]
    [InlineData("400 Bad Request", "body.invalid", 1)]
    [InlineData("401 Unauthorized", "auth.invalid_token", 4)]
    [InlineData("403 Forbidden", "auth.forbidden", 4)]
    [InlineData("404 Not Found", "jobs.not_found", 5)]
    [InlineData("409 Conflict", "jobs.ended", 1)]
    [InlineData("503 Service Unavailable", "storage.away", 3)]
    public async Task A_refusal_is_told_with_its_code_and_by_the_exit_code(string status, string code, int expected)
    {
        await using var server = Server(status, $$"""{"code":"{{code}}","message":"it is so"}""");

        var (exit, errors) = await AskAsync(server.Address);

        Assert.Equal(expected, exit);
        Assert.StartsWith($"error: it is so ({code})", errors, StringComparison.Ordinal);
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_failure_in_the_middle_of_several_requests_says_how_far_it_came()
    {
        var parts = 0;
        await using var server = new WireServer((request, stream) => request.Body.Split("kind: ").Length - 1 > 99
            ? WireServer.RespondAsync(stream, "413 Too Large", """{"code":"apply.too_many_changes","message":"too many"}""")
            : ++parts < 3
                ? WireServer.RespondAsync(stream, "200 OK", """{"dryRun":false,"created":[],"changed":[],"unchanged":[],"notes":[]}""")
                : WireServer.RespondAsync(stream, "409 Conflict", """{"code":"apply.busy","message":"others change resources all the time"}"""));
        var actions = string.Join("\n---\n", Enumerable.Range(0, 250).Select(i => Support.HostManifests.Action("true", $"a{i}")));

        var result = await _cli.WithInputAsync(actions, "apply", "-f", "-", "--server", server.Address.ToString());

        Assert.Equal((1, ""), (result.Exit, result.Output));
        Assert.Equal(
            [
                "250 resources are more than one transaction takes; they are sent in 3 requests, what is referred to first",
                "error: 198 of 250 resources are applied (2 of 3 requests), and request 3 was refused whole; what is applied stays, and the same command goes on from there: others change resources all the time (apply.busy)",
            ],
            result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal([250, 99, 99, 52], server.Requests.Select(r => r.Body.Split("kind: ").Length - 1));
    }

    [Fact]
    public async Task Following_goes_on_over_a_connection_that_is_cut_after_the_last_line_that_was_seen()
    {
        var connections = 0;
        await using var server = new WireServer(async (_, stream) =>
        {
            await WireServer.WriteAsync(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n");
            await WireServer.WriteAsync(stream, ++connections == 1 ? "id: 1\ndata: one\n\n: still running\n\nid: 2\ndata: t: wo\n\nid: 3\n" : "id: 3\ndata: \n\nid: 4\ndata: four\n\nevent: end\ndata:\n\n");
            return false;
        });

        var result = await _cli.RunAsync("logs", "-f", "j", "--server", server.Address.ToString());

        Assert.Equal((0, "one\nt: wo\n\nfour\n", ""), (result.Exit, result.Output, result.Errors));
        Assert.Equal([null, "2"], server.Requests.Select(r => r.LastEventId));
    }

    private static WireServer Server(string status, string body, string headers = "") => new((_, stream) => WireServer.RespondAsync(stream, status, body, headers));

    private async Task<(int Exit, string Errors)> AskAsync(Uri server, params string[] more) =>
        await _cli.RunAsync(["jobs", "--server", server.ToString(), .. more]) is var (exit, _, errors) ? (exit, errors) : default;
}
