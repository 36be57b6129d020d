using System.Net;
using Pushcart.Storage;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>What workers ask and tell of the jobs that they have, over HTTP, against a running host.</summary>
[Collection("calls")]
public sealed class RunTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_start_is_allowed_once_and_again_only_after_no_run_can_come_of_the_first()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var id = await here.SubmitAsync();
        var claim = await worker.ClaimedAsync();

        Assert.Equal((409, "requeued"), (await worker.StartAsync(claim, key: "another-key")).Reason());
        Assert.Equal((409, "not_now"), (await worker.RenewAsync(claim)).Reason());
        var yes = await worker.StartAsync(claim);
        Assert.Equal((HttpStatusCode.OK, "PT20S", "PT1.5S"), (yes.Status, yes.Text("lease"), yes.Text("createWithin")));
        Assert.Equal("running", await here.StateAsync(id));

        Assert.Equal((409, "started"), (await worker.StartAsync(claim)).Reason());
        Assert.Equal((409, "started"), (await worker.StartAsync(claim, anew: true)).Reason());
        Assert.Equal((409, "workers.claim_conflict"), (await worker.StartAsync(claim, anew: true)).Error);

        // Jobs:CreateWithin and Jobs:CreateTimeout later.
        await here.UntilAsync(async () => (await worker.StartAsync(claim, anew: true)).Status == HttpStatusCode.OK);
        Assert.Equal((409, "started"), (await worker.StartAsync(claim, anew: true)).Reason());
    }

    [Fact]
    public async Task A_job_that_is_to_be_stopped_is_not_started_and_a_stop_travels_in_the_answer_to_renew()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var (first, second) = (await here.SubmitAsync(), await here.SubmitAsync());
        var (one, two) = (await worker.ClaimedAsync("key-of-one"), await worker.StartedAsync());
        foreach (var id in (string[])[first, second])
        {
            Assert.Equal(HttpStatusCode.OK, (await here.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{id}/cancel")).Status);
        }

        Assert.Equal((409, "stopped"), (await worker.StartAsync(one)).Reason());
        Assert.Equal("cancel", (await worker.ClaimedAsync("key-of-one")).Stop);
        Assert.Equal("cancel", (await worker.RenewAsync(two)).Text("stop"));

        Assert.Equal(("ended", "cancelled"), Told(await worker.ReportAsync(one, ReportWords.HandedBack)));
        Assert.Equal(("ended", "cancelled"), Told(await worker.ReportAsync(two, ReportWords.Failed, r => r with { Reason = "stopped" })));
        Assert.Equal((409, "ended"), (await worker.RenewAsync(two)).Reason());
        await here.UntilAsync(here.Place.IsQuietAsync);
        Assert.Equal((409, "unknown"), (await worker.RenewAsync(two)).Reason());
    }

    [Fact]
    public async Task A_refusal_says_why()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "4s"));
        await here.ApplyAsync(WorkersPlace.Action("many", "worker: {name: many}, retries: 1"));
        var (a, b) = (await here.WithServiceTokenAsync("many/a", with: Often), await here.WithServiceTokenAsync("many/b", with: Often));
        var stranger = await here.RegisteredAsync();
        await here.SubmitAsync("many");
        var claim = await a.StartedAsync();

        Assert.Equal((409, "other_worker"), (await stranger.RenewAsync(claim)).Reason());
        Assert.Equal((409, "other_worker"), (await stranger.ReportAsync(claim, ReportWords.Succeeded)).Reason());
        Assert.Equal((409, "other_worker"), (await b.LogAsync(claim, 0, "x")).Reason());
        foreach (var id in (string[])["nonsense", "00000000000000000000"])
        {
            Assert.Equal((409, "unknown"), (await a.AskAsync($"jobs/{id}/renew", new RenewRequest(a.Name, a.Instance, 1))).Reason());
        }

        // Not while the pod that has it is there, though it has not renewed the job for longer than its lease.
        a.Interval = TimeSpan.FromMinutes(1);
        await a.CheckInAsync();
        await Task.Delay(TimeSpan.FromSeconds(4.5), TimeProvider.System);
        Assert.Empty(await TestWorker.JobsOf(b.ReturnAsync()));

        // Silent: the other pod of its name and cluster takes over, and the first one lets go.
        a.Interval = TimeSpan.FromSeconds(1);
        await a.CheckInAsync();
        ClaimAnswer? taken = null;
        await here.UntilAsync(async () => (taken = (await TestWorker.JobsOf(b.ReturnAsync("key-of-b"))).SingleOrDefault()) is not null);
        Assert.Equal((claim.Job.Id, 2, 1), (taken!.Job.Id, taken.Attempt, taken.Run));
        Assert.Equal((409, "taken_over"), (await a.RenewAsync(claim)).Reason());
        Assert.Equal((409, "taken_over"), (await a.ReportAsync(claim, ReportWords.Succeeded)).Reason());
        Assert.Equal((409, "taken_over"), (await a.StartAsync(claim, anew: true)).Reason());

        // Its first run has failed, and the job goes on with the second: what the older process has is no run of it any more.
        Assert.Equal(("queued", null), Told(await b.ReportAsync(taken, ReportWords.Failed, r => r with { ExitCode = 3 })));
        Assert.Equal(("queued", null), Told(await b.ReportAsync(taken, ReportWords.Failed, r => r with { ExitCode = 3 })));
        Assert.Equal((409, "requeued"), (await a.RenewAsync(claim)).Reason());
        Assert.Equal((409, "requeued"), (await b.RenewAsync(taken)).Reason());
        var second = await b.ClaimedAsync(wait: TimeSpan.FromSeconds(10));
        Assert.Equal((claim.Job.Id, 3, 2), (second.Job.Id, second.Attempt, second.Run));
        await b.StartAsync(second);
        Assert.Equal((409, "requeued"), (await b.RenewAsync(taken)).Reason());
        Assert.Equal((409, "other_worker"), (await a.RenewAsync(claim)).Reason());
        Assert.Equal((409, "requeued"), (await b.ReportAsync(taken, ReportWords.Succeeded)).Reason());

        static void Often(TestWorker worker) => worker.Interval = TimeSpan.FromSeconds(1);
    }

    [Fact]
    public async Task A_report_ends_the_job_with_code_reason_and_the_tail_of_its_output_and_repeated_it_is_answered_again()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var id = await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        var tail = new string('é', 16_000) + " the end";
        Task<Reply> ReportAsync() => worker.ReportAsync(
            claim, ReportWords.Failed, r => r with { ExitCode = 137, Reason = "OOMKilled", Message = "out of memory", Pods = 2, RunUid = "uid-1", LogTail = tail, StartedAt = TimeProvider.System.GetUtcNow() });

        Assert.Equal((409, "requeued"), (await worker.AskAsync($"jobs/{id}/report", new ReportRequest("edge", worker.Instance, 1, 2, ReportWords.Succeeded))).Reason());
        Assert.Equal(("ended", "failed"), Told(await ReportAsync()));
        Assert.Equal(("ended", "failed"), Told(await ReportAsync()));
        Assert.Equal((409, "ended"), (await worker.ReportAsync(claim, ReportWords.Succeeded)).Reason());
        await here.UntilAsync(here.Place.IsQuietAsync);
        Assert.Equal(("ended", "failed"), Told(await ReportAsync()));
        Assert.Equal((409, "ended"), (await worker.ReportAsync(claim, ReportWords.Succeeded)).Reason());

        var job = await here.JobAsync(id);
        Assert.Equal(("failed", "OOMKilled: out of memory", 137, "edge", tail), (job.Text("state"), job.Text("reason"), job.GetProperty("exitCode").GetInt32(), job.Text("worker"), job.Text("log")));
        Assert.Equal(tail, await here.Host.Client.GetStringAsync($"api/jobs/{id}/log"));
        Assert.DoesNotContain("slot|", await here.Place.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Each_report_moves_the_job_by_its_line()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.ApplyAsync(WorkersPlace.Action("again", "worker: {name: edge}, retries: 1, onLost: retry"));
        var worker = await here.RegisteredAsync();
        foreach (var (action, what, expected) in new (string, string, (string, string?))[]
        {
            ("edge", ReportWords.Succeeded, ("ended", "succeeded")),
            ("edge", ReportWords.Failed, ("ended", "failed")),
            ("edge", ReportWords.Refused, ("ended", "failed")),
            ("edge", ReportWords.Gone, ("ended", "lost")),
            ("again", ReportWords.Gone, ("queued", null)),
            ("again", ReportWords.Failed, ("queued", null)),
            ("edge", ReportWords.Seen, ("running", null)),
            ("edge", ReportWords.ImagesMissing, ("running", null)),
        })
        {
            var id = await here.SubmitAsync(action);
            var claim = await worker.StartedAsync();
            Assert.Equal(id, claim.Job.Id);
            for (var times = what == ReportWords.Seen ? 1 : 2; times > 0; times--)
            {
                Assert.Equal((what, expected), (what, Told(await worker.ReportAsync(claim, what, r => r with { Message = "so it is" }))));
            }

            if (what == ReportWords.ImagesMissing)
            {
                Assert.Equal("pendingLimit", (await worker.RenewAsync(claim)).Text("stop"));
            }

            await here.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{id}/cancel");
            if (expected.Item1 == "running")
            {
                Assert.Equal(("ended", "cancelled"), Told(await worker.ReportAsync(claim, ReportWords.Gone)));
            }
        }

        // A create that is refused for now, after its start: queued again, for later.
        var busy = await here.SubmitAsync();
        var one = await worker.StartedAsync();
        Assert.Equal(("queued", null), Told(await worker.ReportAsync(one, ReportWords.Busy, r => r with { Message = "429" })));
        Assert.Equal(("queued", null), Told(await worker.ReportAsync(one, ReportWords.Busy, r => r with { Message = "429" })));
        Assert.Equal("429", (await here.JobAsync(busy)).Text("reason"));
        var two = await worker.ClaimedAsync(wait: TimeSpan.FromSeconds(10));
        Assert.Equal((409, "not_now"), (await worker.ReportAsync(two, ReportWords.Seen)).Reason());
        Assert.Equal(("queued", null), Told(await worker.ReportAsync(two, ReportWords.HandedBack)));

        // Deleted by somebody: the worker saw it a moment before.
        var deleted = await worker.ClaimedAsync(wait: TimeSpan.FromSeconds(10));
        await worker.StartAsync(deleted);
        Assert.Equal(("ended", "cancelled"), Told(await worker.ReportAsync(deleted, ReportWords.Gone, r => r with { JustSeen = true })));
        await here.UntilAsync(async () => (await here.JobAsync(busy)).Text("reason") == "deleted in the cluster");
    }

    [Fact]
    public async Task Output_is_kept_in_order_once_and_bounded_and_goes_with_the_history()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("History__Expiration", "3s"), ("CleanHistory__Schedule", "* * * * * *"));
        var worker = await here.RegisteredAsync();
        var id = await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        Assert.Contains("has sent nothing", (await here.Host.Client.SendAsync(HttpMethod.Get, $"api/jobs/{id}/log")).Json.Text("message"), StringComparison.Ordinal);

        foreach (var (number, text) in new[] { (0, "one\n"), (2, "three\n"), (1, "two\n"), (1, "another two\n"), (3, "") })
        {
            var kept = await worker.LogAsync(claim, number, text);
            Assert.Equal((HttpStatusCode.OK, false), (kept.Status, kept.Json.GetProperty("full").GetBoolean()));
        }

        Assert.Equal("one\ntwo\nthree\n", await here.Host.Client.GetStringAsync($"api/jobs/{id}/log"));
        var piece = new string('x', 32 * 1024);
        var full = false;
        for (var number = 4; number < 20; number++)
        {
            full = (await worker.LogAsync(claim, number, piece)).Json.GetProperty("full").GetBoolean();
        }

        Assert.True(full);
        Assert.InRange((await here.Host.Client.GetStringAsync($"api/jobs/{id}/log")).Length, 7 * 32 * 1024, 256 * 1024);
        foreach (var (number, text, part) in new[] { (4, piece + "x", "32769 bytes"), (4, new string('é', 16_385), "32770 bytes"), (-1, "x", "-1 is no number") })
        {
            var refused = await worker.LogAsync(claim, number, text);
            Assert.Equal((400, "body.invalid"), refused.Error);
            Assert.Contains(part, refused.Text("message"), StringComparison.Ordinal);
        }

        Assert.Equal((409, "requeued"), (await worker.LogAsync(claim with { Run = 2 }, 0, "x")).Reason());
        await worker.ReportAsync(claim, ReportWords.Succeeded, r => r with { LogTail = "the tail" });
        await here.UntilAsync(async () => (await here.Place.RowsAsync(TableNames.History)).Count == 0 && (await here.Place.RowsAsync(TableNames.Live)).All(row => !row.RowKey.StartsWith("job|", StringComparison.Ordinal)));
        Assert.Empty(await here.Place.RowsAsync(TableNames.Logs));
    }

    [Fact]
    public async Task Whatever_a_report_holds_beyond_its_bounds_is_refused()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        foreach (var (with, part) in new (Func<ReportRequest, ReportRequest>, string)[]
        {
            (r => r with { What = "vanished" }, "what: "),
            (r => r with { Message = new string('x', 2_001) }, "message: "),
            (r => r with { Reason = new string('x', 1_001) }, "reason: "),
            (r => r with { LogTail = new string('x', 32_769) }, "logTail: "),
            (r => r with { Pods = -1 }, "pods: "),
            (r => r with { RunUid = new string('x', 129) }, "runUid: "),
            (r => r with { Instance = "x" }, "instance: "),
        })
        {
            var refused = await worker.ReportAsync(claim, ReportWords.Succeeded, with);
            Assert.Equal((400, "body.invalid"), refused.Error);
            Assert.StartsWith(part, refused.Text("message"), StringComparison.Ordinal);
        }

        Assert.Equal("running", await here.StateAsync(claim.Job.Id));
    }

    private static (string? State, string? Outcome) Told(Reply answer)
    {
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status}: {answer.Json}");
        return (answer.Text("state"), answer.Json.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null);
    }
}
