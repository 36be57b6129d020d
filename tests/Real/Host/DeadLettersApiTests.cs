using System.Net;
using System.Text;
using System.Text.Json;
using Azure.Data.Tables;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;

namespace Pushcart.Tests.Real.Host;

/// <summary>Dead letters over HTTP: why they are there, sent again, deleted.</summary>
[Collection("hosts")]
public sealed class DeadLettersApiTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_message_that_cannot_be_read_is_a_dead_letter_with_its_reason_and_comes_back_where_it_is_sent_again_as_it_is()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["AzureFunctionsJobHost__extensions__queues__maxDequeueCount"] = "1";
        var host = await place.StartLiveAsync();
        await SendAsync(place, QueueNames.Jobs, "not a job <&>");
        var job = (await DeadAsync(host, 1))[0];
        await SendAsync(place, QueueNames.Checks, """{"v":1,"checks":[{"source":"app"}]}""");
        var both = await DeadAsync(host, 2);

        // Newest first.
        Assert.Equal(["checks", "jobs"], both.Select(letter => letter.Text("queue")));
        Assert.Equal(job.Text("id"), both[1].Text("id"));
        Assert.Equal(("not a job <&>", JsonValueKind.Null), (job.Text("text"), job.GetProperty("body").ValueKind));
        Assert.Contains("a message of the queue 'jobs' cannot be read", job.Text("reason"), StringComparison.Ordinal);
        Assert.Contains("a check without trigger or source", both[0].Text("reason"), StringComparison.Ordinal);
        Assert.Equal("app", both[0].GetProperty("body").GetProperty("checks")[0].Text("source"));
        Assert.All(both, letter => Assert.False(letter.GetProperty("readable").GetBoolean()));
        Assert.All(both, letter => Assert.Contains($"pushcart dead delete {letter.Text("id")}", letter.Text("advice"), StringComparison.Ordinal));
        Assert.Contains(host.Lines, line => line.Contains($"pushcart dead get {job.Text("id")}", StringComparison.Ordinal));
        Assert.Equal(job.GetRawText(), (await host.JsonAsync($"api/dead/{job.Text("id")}")).GetRawText());

        var (status, sent) = await host.Client.SendAsync(HttpMethod.Post, $"api/dead/{job.Text("id")}/send");
        Assert.Equal((HttpStatusCode.Accepted, job.Text("id"), "jobs"), (status, sent.Text("id"), sent.Text("queue")));
        Assert.Contains("cannot read it", sent.Text("message"), StringComparison.Ordinal);
        JsonElement back = default;
        await Eventually.TrueAsync(
            async () => (back = (await DeadAsync(host, 1)).FirstOrDefault(letter => letter.Text("queue") == "jobs")).ValueKind == JsonValueKind.Object && back.Text("id") != job.Text("id"), "it is dead again");
        Assert.Equal(("not a job <&>", 2), (back.Text("text"), (await DeadAsync(host, 2)).Count));

        using (var deleted = await host.Client.DeleteAsync($"api/dead/{back.Text("id")}"))
        {
            Assert.Equal((HttpStatusCode.NoContent, ""), (deleted.StatusCode, await deleted.Content.ReadAsStringAsync()));
        }

        Assert.Equal("checks", Assert.Single(await DeadAsync(host, 1)).Text("queue"));
        foreach (var id in (string[])[job.Text("id")!, back.Text("id")!, "nope", "%27%20or%20true", new string('9', 13) + "-" + new string('0', 32)])
        {
            foreach (var (method, path) in new[] { (HttpMethod.Get, id), (HttpMethod.Delete, id), (HttpMethod.Post, $"{id}/send") })
            {
                (status, var refused) = await host.Client.SendAsync(method, $"api/dead/{path}");
                Assert.Equal((HttpStatusCode.NotFound, "dead.not_found"), (status, refused.Text("code")));
            }
        }

        // The audit tells who steered.
        var audit = host.Lines.Where(line => line.Contains($"/api/dead/{job.Text("id")}/send", StringComparison.Ordinal) || line.Contains($"DELETE /api/dead/{back.Text("id")}", StringComparison.Ordinal)).ToList();
        Assert.Contains(audit, line => line.Contains("first admin", StringComparison.Ordinal) && line.EndsWith("send: 202", StringComparison.Ordinal));
        Assert.Contains(audit, line => line.Contains("first admin", StringComparison.Ordinal) && line.EndsWith(": 204", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_dead_letter_that_can_be_read_now_is_sent_again_and_what_it_asks_for_is_done()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        app.Place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
        app.Place.Settings["Jobs__SendAgain"] = app.Place.Settings["Jobs__SendAgainMost"] = "1h";
        var go = Path.Combine(app.Place.Folder, "go");
        var host = await app.StartAsync($"{app.Noting}; until [ -e {go} ]; do sleep 0.05; done");

        // A check that nobody else makes: the trigger looked once when it was applied, and no tick comes.
        await host.UntilAsync(() => app.Worked.Count == 1, "the first commit is at work");
        var second = app.Repository.Commit("a", "2");
        var live = new TableClient(azurite.ConnectionString, app.Place.Prefix + TableNames.Live);
        var seen = (await app.Place.RowsAsync(TableNames.Live)).Single(row => row.RowKey.StartsWith(JobRow.Prefix, StringComparison.Ordinal));
        var uid = seen.GetString("triggerUid")!;
        var check = new CheckMessage(Rows.Version, 0, [new(uid, "app", TimeProvider.System.GetUtcNow())]).Write();

        // A job that nobody else starts: its message is lost, and Observe would send it in an hour.
        var first = JobRow.Read(seen);
        var now = TimeProvider.System.GetUtcNow();
        var waiting = first with
        {
            Id = JobId.New(now, Chance.System),
            State = JobState.Queued,
            Attempt = 0,
            ClaimKey = null,
            Worker = null,
            Slot = null,
            ClaimedAt = null,
            StartedAt = null,
            Lease = null,
            WaitingSince = now,
            NotBefore = now.AddMinutes(-1),
            SendAt = now.AddHours(1),
            TriggerUid = null,
        };
        await live.AddEntityAsync(JobRow.New(waiting));
        await File.WriteAllTextAsync(go, "");

        using var transport = new SocketsHttpHandler();
        var storage = new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = app.Place.Prefix }, TimeProvider.System, transport, []);
        var kept = new DeadLetters(storage.Table(TableNames.Dead), TimeProvider.System, Chance.System, NullLogger<DeadLetters>.Instance);
        await kept.KeepAsync(QueueNames.Checks, Convert.ToBase64String(Encoding.UTF8.GetBytes(check)), "the version before could not read it", CancellationToken.None);
        await kept.KeepAsync(QueueNames.Jobs, JobMessage.Write(waiting), "the version before could not read it", CancellationToken.None);

        foreach (var letter in await DeadAsync(host, 2))
        {
            Assert.True(letter.GetProperty("readable").GetBoolean());
            Assert.Equal(JsonValueKind.Object, letter.GetProperty("body").ValueKind);
            Assert.Contains("send it again", letter.Text("advice"), StringComparison.Ordinal);
            var (status, _) = await host.Client.SendAsync(HttpMethod.Post, $"api/dead/{letter.Text("id")}/send");
            Assert.Equal(HttpStatusCode.Accepted, status);
        }

        var finished = await app.Place.FinishedAsync(host, 3);
        Assert.Equal([first.Id, waiting.Id], finished.Take(2).Select(job => job.Job.Id));
        Assert.Equal([app.First, app.First, second], finished.Select(job => job.Job.Commit));
        Assert.Empty((await host.JsonAsync("api/dead")).GetProperty("dead").EnumerateArray());
    }

    [Fact]
    public async Task Pages_of_dead_letters_follow_each_other_without_a_gap_and_a_token_that_was_tampered_with_is_refused()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var transport = new SocketsHttpHandler();
        var time = new ManualTime(TimeProvider.System.GetUtcNow());
        var storage = new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = place.Prefix }, TimeProvider.System, transport, []);
        var kept = new DeadLetters(storage.Table(TableNames.Dead), time, Chance.System, NullLogger<DeadLetters>.Instance);
        var large = "x" + new string('é', 30_000);
        for (var i = 0; i < 110; i++)
        {
            await kept.KeepAsync(i % 3 == 0 ? QueueNames.Checks : QueueNames.Jobs, i == 0 ? large : $"no {i}", $"reason {i}", CancellationToken.None);
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        foreach (var (limit, pages) in new[] { ("", 3), ("&limit=100", 2), ("&limit=1", 110), ("&limit=55", 2) })
        {
            var reasons = new List<string?>();
            var (next, count) = ((string?)"", 0);
            for (; next is not null; count++)
            {
                var page = await host.JsonAsync($"api/dead?next={next}{limit}");
                reasons.AddRange(page.GetProperty("dead").EnumerateArray().Select(letter => letter.Text("reason")));
                next = page.TryGetProperty("next", out var token) ? token.GetString() : null;
            }

            Assert.Equal(Enumerable.Range(0, 110).Reverse().Select(i => $"reason {i}"), reasons);
            Assert.Equal(pages, count);
        }

        // A list shows the beginning of a text, one letter the whole.
        var last = (await host.JsonAsync("api/dead?limit=100&next=" + (await host.JsonAsync("api/dead?limit=100")).Text("next"))).GetProperty("dead").EnumerateArray().Last();
        Assert.Equal((2_000, true), (last.Text("text")!.Length, last.GetProperty("cut").GetBoolean()));
        var whole = await host.JsonAsync($"api/dead/{last.Text("id")}");
        Assert.Equal((large, false), (whole.Text("text"), whole.GetProperty("cut").GetBoolean()));

        var right = (await host.JsonAsync("api/dead")).Text("next")!;
        foreach (var wrong in (string[])[right[..^1], right[..^1] + (right[^1] == '0' ? '1' : '0'), (right[1] == '0' ? "31" : "30") + right[2..], "zz", "00", new string('a', 4_000), "%27"])
        {
            var (status, refused) = await host.Client.SendAsync(HttpMethod.Get, $"api/dead?next={wrong}");
            Assert.Equal((HttpStatusCode.BadRequest, "dead.invalid_next"), (status, refused.Text("code")));
        }

        foreach (var limit in (string[])["0", "101", "-1", "x"])
        {
            var (status, refused) = await host.Client.SendAsync(HttpMethod.Get, $"api/dead?limit={limit}");
            Assert.Equal((HttpStatusCode.BadRequest, "query.invalid"), (status, refused.Text("code")));
        }
    }

    private async Task SendAsync(HostPlace place, string queue, string text) => await new QueueClient(azurite.ConnectionString, place.Prefix + queue).SendMessageAsync(text);

    private static async Task<List<JsonElement>> DeadAsync(HostProcess host, int count)
    {
        List<JsonElement> letters = [];
        await Eventually.TrueAsync(async () => (letters = [.. (await host.JsonAsync("api/dead")).GetProperty("dead").EnumerateArray()]).Count >= count, $"{count} dead letters");
        return letters;
    }
}
