using System.Net;
using System.Text;
using System.Text.Json;
using System.Xml;
using Azure.Storage.Queues;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>Queues over HTTP: what waits, and for how long.</summary>
[Collection("hosts")]
public sealed class QueuesApiTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Queues_tell_visible_and_hidden_messages_and_the_age_of_the_oldest_and_show_them_decoded_without_taking_any()
    {
        // A host that has its hands full with one message, whose repository does not answer: all others stay where they are.
        using var go = new CancellationTokenSource();
        await using var app = new WatchedApp(azurite.ConnectionString, new() { Intercept = (_, stop) => BlockAsync(go.Token, stop) });
        app.Place.Settings["AzureFunctionsJobHost__extensions__queues__batchSize"] = "1";
        app.Place.Settings["AzureFunctionsJobHost__extensions__queues__newBatchThreshold"] = "0";
        app.Place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
        var host = await app.StartAsync();
        await Eventually.TrueAsync(async () => await ChecksAsync(host) is (1, 0, 1, null), "the first check is at work");
        foreach (var other in (await host.JsonAsync("api/queues")).GetProperty("queues").EnumerateArray().Skip(1))
        {
            Assert.Equal((0, 0, 0), (other.GetProperty("messages").GetInt32(), other.GetProperty("visible").GetInt32(), other.GetProperty("hidden").GetInt32()));
        }

        var queue = new QueueClient(azurite.ConnectionString, app.Place.Prefix + QueueNames.Checks);
        const string message = """{"v":1,"generation":1,"checks":[]}""";
        string[] texts =
        [
            message, Convert.ToBase64String(Encoding.UTF8.GetBytes(message)), "no <JSON> & \"such\"", """{"half": "\ud800"}""", new string('x', 5_000),
            string.Concat(Enumerable.Repeat("[", 60)) + string.Concat(Enumerable.Repeat("]", 60)),
        ];
        foreach (var text in texts)
        {
            await queue.SendMessageAsync(text);
        }

        await queue.SendMessageAsync(message, visibilityTimeout: TimeSpan.FromHours(1));
        Assert.Equal((8, 6, 2), (await ChecksAsync(host)) is var (all, visible, hidden, _) ? (all, visible, hidden) : default);
        var first = (await queue.PeekMessagesAsync(1)).Value[0];
        await Eventually.TrueAsync(async () => (await ChecksAsync(host)).Age >= TimeSpan.FromSeconds(1), "the oldest is a second old");
        Assert.InRange((await ChecksAsync(host)).Age!.Value, TimeSpan.Zero, TimeProvider.System.GetUtcNow() - first.InsertedOn!.Value);

        var shown = (await host.JsonAsync("api/queues/checks/messages")).GetProperty("messages").EnumerateArray().ToList();
        Assert.Equal(texts.Length, shown.Count);
        Assert.All(shown.Take(2), m => Assert.Equal(message, m.GetProperty("body").GetRawText()));
        Assert.All(shown.Take(2), m => Assert.Equal(JsonValueKind.Null, m.GetProperty("text").ValueKind));
        Assert.All(shown.Skip(2), m => Assert.Equal(JsonValueKind.Null, m.GetProperty("body").ValueKind));
        Assert.Equal(texts[2..4], shown.Skip(2).Take(2).Select(m => m.Text("text")));
        Assert.Equal((new string('x', 2_000), true), (shown[4].Text("text"), shown[4].GetProperty("cut").GetBoolean()));
        Assert.Equal(texts[5], shown[5].Text("text"));
        Assert.All(shown, m => Assert.Equal(0, m.GetProperty("dequeueCount").GetInt32()));
        Assert.Equal((first.MessageId, Rfc3339.Text(first.InsertedOn), Rfc3339.Text(first.ExpiresOn)), (shown[0].Text("id"), shown[0].Text("insertedAt"), shown[0].Text("expiresAt")));

        for (var i = 0; i < 30; i++)
        {
            await queue.SendMessageAsync(message);
        }

        // 32 is as far as storage shows: of the rest nobody can tell visible from hidden.
        var many = (await host.JsonAsync("api/queues")).GetProperty("queues")[0];
        Assert.Equal((38, 32, true), (many.GetProperty("messages").GetInt32(), many.GetProperty("visible").GetInt32(), many.GetProperty("visibleAtLeast").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, many.GetProperty("hidden").ValueKind);
        Assert.Equal(32, (await host.JsonAsync("api/queues/checks/messages")).GetProperty("messages").GetArrayLength());
        Assert.Equal(5, (await host.JsonAsync("api/queues/checks/messages?max=5")).GetProperty("messages").GetArrayLength());
        await queue.ClearMessagesAsync();
        await go.CancelAsync();
    }

    [Fact]
    public async Task An_unknown_queue_and_a_number_out_of_range_are_refused()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        Assert.Equal(["checks", "jobs", "checks-poison", "jobs-poison"], (await host.JsonAsync("api/queues")).GetProperty("queues").EnumerateArray().Select(q => q.Text("name")));
        foreach (var name in (string[])["nope", "Checks", "checks%20", place.Prefix + "checks", new string('q', 500)])
        {
            var (status, refused) = await host.Client.SendAsync(HttpMethod.Get, $"api/queues/{name}/messages");
            Assert.Equal((HttpStatusCode.NotFound, "queues.unknown"), (status, refused.Text("code")));
            Assert.Contains("checks, jobs, checks-poison, jobs-poison", refused.Text("message"), StringComparison.Ordinal);
            Assert.True(refused.Text("message")!.Length < 300, refused.Text("message"));
        }

        foreach (var max in (string[])["0", "33", "-1", "1.5", "many", "99999999999999", "%20"])
        {
            var (status, refused) = await host.Client.SendAsync(HttpMethod.Get, $"api/queues/jobs/messages?max={max}");
            Assert.Equal((HttpStatusCode.BadRequest, "query.invalid"), (status, refused.Text("code")));
        }
    }

    [Fact]
    public async Task Queues_and_dead_letters_take_a_token_of_the_cluster_with_the_scope()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (_, read) = await host.TokenAsync("reader", ["read"]);
        var (_, hook) = await host.TokenAsync("hook", ["hook"]);
        var (_, some) = await host.TokenAsync("admin of default", ["admin"], ["default"]);

        foreach (var (method, path, writes) in new[]
        {
            ("GET", "api/queues", false), ("GET", "api/queues/jobs/messages", false), ("GET", "api/queues/nope/messages", false), ("GET", "api/dead", false), ("GET", "api/dead/x", false),
            ("POST", "api/dead/x/send", true), ("DELETE", "api/dead/x", true),
        })
        {
            Assert.Equal((401, "auth.no_authorization"), (await host.AskAsync(null, method, path)).Error);
            Assert.Equal((401, "auth.invalid_token"), (await host.AskAsync("pct_" + new string('0', 64), method, path)).Error);
            Assert.Equal((403, "auth.forbidden"), (await host.AskAsync(hook, method, path)).Error);
            Assert.Equal((404, "auth.not_found"), (await host.AskAsync(some, method, path)).Error);
            Assert.Equal(writes, (await host.AskAsync(read, method, path)).Error == (403, "auth.forbidden"));
        }
    }

    private static async Task<bool> BlockAsync(CancellationToken go, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(go, stop);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        return false;
    }

    private static async Task<(int Messages, int Visible, int? Hidden, TimeSpan? Age)> ChecksAsync(HostProcess host)
    {
        var checks = (await host.JsonAsync("api/queues")).GetProperty("queues").EnumerateArray().Single(q => q.Text("name") == QueueNames.Checks);
        Assert.EndsWith(QueueNames.Checks, checks.Text("queue"), StringComparison.Ordinal);
        return (checks.GetProperty("messages").GetInt32(), checks.GetProperty("visible").GetInt32(), checks.GetProperty("hidden").Deserialize<int?>(),
            checks.Text("oldestAge") is { } age ? XmlConvert.ToTimeSpan(age) : null);
    }
}
