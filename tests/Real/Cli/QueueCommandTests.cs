using Azure.Storage.Queues;
using Pushcart.Storage;
using Pushcart.Tests.Real.Execution.Kubernetes.Client;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary><c>pushcart queues</c> and <c>pushcart dead</c> against a real host.</summary>
[Collection("hosts")]
public sealed class QueueCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_message_that_cannot_be_read_is_seen_with_its_reason_sent_again_and_deleted()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["AzureFunctionsJobHost__extensions__queues__maxDequeueCount"] = "1";
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        Assert.Equal((0, "", "there are none\n"), await cli.RunAsync("dead", "list") is var (exit, output, errors) ? (exit, output, errors) : default);

        await new QueueClient(azurite.ConnectionString, place.Prefix + QueueNames.Jobs).SendMessageAsync("not a job");
        var id = await DeadAsync(cli, not: null);
        var row = (await cli.RunAsync("dead", "list")).Lines[1];
        Assert.StartsWith($"{id}   jobs    ", row, StringComparison.Ordinal);
        Assert.Contains("a message of the queue 'jobs' cannot be read", row, StringComparison.Ordinal);
        Assert.Contains("text:    not a job\n", (await cli.RunAsync("dead", "get", id)).Ok, StringComparison.Ordinal);

        Assert.Contains("cannot read it", (await cli.RunAsync("dead", "send", id)).Ok, StringComparison.Ordinal);
        var again = await DeadAsync(cli, not: id);
        Assert.Equal($"{again} deleted\n", (await cli.RunAsync("dead", "delete", again)).Ok);
        foreach (var verb in (string[])["get", "send", "delete"])
        {
            Assert.Equal(5, (await cli.RunAsync("dead", verb, again)).Exit);
        }
    }

    [Fact]
    public async Task Queues_are_listed_and_their_messages_shown_and_left_there()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        var queues = await cli.RunAsync("queues");
        Assert.Equal(["NAME", "checks", "jobs", "checks-poison", "jobs-poison"], queues.Lines.Select(line => line.Split(' ')[0]));
        Assert.Equal(4, (await cli.RunAsync("queues", "-o", "json")).Json.GetProperty("queues").GetArrayLength());
        Assert.Equal((0, "", "there are none\n"), await cli.RunAsync("queues", "peek", "jobs") is var (exit, output, errors) ? (exit, output, errors) : default);
        Assert.Equal(5, (await cli.RunAsync("queues", "peek", "nope")).Exit);
        Assert.Equal(1, (await cli.RunAsync("queues", "peek", "jobs", "--max", "33")).Exit);
        Assert.Equal(2, (await cli.RunAsync("queues", "peek", "jobs", "--max", "many")).Exit);
    }

    [Fact]
    public async Task Each_message_is_one_line_as_JSON_or_as_its_text()
    {
        await using var server = new WireServer((_, stream) => WireServer.RespondAsync(stream, "200 OK", """
            {"messages":[
              {"id":"1","insertedAt":"2030-01-31T00:00:00.000Z","expiresAt":null,"dequeueCount":2,"body":{"v":1,"job":"j"},"text":null},
              {"id":"2","insertedAt":"2030-01-31T00:00:00.000Z","expiresAt":null,"dequeueCount":0,"body":null,"text":"no\nJSON"}]}
            """));
        using var cli = new PushcartCli(server.Address);

        Assert.Equal(
            """
            ID   INSERTED                   DEQUEUED   MESSAGE
            1    2030-01-31T00:00:00.000Z   2          {"v":1,"job":"j"}
            2    2030-01-31T00:00:00.000Z   0          no JSON

            """,
            (await cli.RunAsync("queues", "peek", "jobs", "--max", "2")).Ok);
        Assert.Equal("/api/queues/jobs/messages?max=2", Assert.Single(server.Requests).Path);
    }

    private static async Task<string> DeadAsync(PushcartCli cli, string? not)
    {
        var id = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var dead = (await cli.RunAsync("dead", "list", "--all", "-o", "json")).Json.GetProperty("dead").EnumerateArray().ToList();
                id = dead is [var one] ? one.GetProperty("id").GetString()! : "";
                return id.Length > 0 && id != not;
            },
            "it is a dead letter");
        return id;
    }
}
