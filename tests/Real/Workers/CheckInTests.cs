using System.Net;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>Signs of life of workers, what admins see of them and do with them, over HTTP, against a running host.</summary>
[Collection("calls")]
public sealed class CheckInTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_next_token_is_good_at_once_and_the_one_before_is_too()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Workers__TokenLife", "10s"));
        var worker = await here.RegisteredAsync(with: w => w.Interval = TimeSpan.FromSeconds(5));
        var (first, second) = (worker.Token, TestWorker.NewToken());
        await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);

        var answer = await worker.CheckInAsync(second);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        Assert.True(answer.Json.GetProperty("nextTokenAccepted").GetBoolean());
        Assert.False(answer.Json.GetProperty("drain").GetBoolean());

        // The answer was lost: the same is told again, by either token.
        foreach (var token in (string?[])[first, second, first])
        {
            worker.Token = token;
            Assert.True((await worker.CheckInAsync(second)).Json.GetProperty("nextTokenAccepted").GetBoolean());
        }

        // One in so short a time is enough; another is not taken, and the worker keeps what it has.
        var soon = await worker.CheckInAsync(TestWorker.NewToken());
        Assert.False(soon.Json.GetProperty("nextTokenAccepted").GetBoolean() && (await worker.CheckInAsync(TestWorker.NewToken())).Json.GetProperty("nextTokenAccepted").GetBoolean());

        // Each to its own end.
        worker.Token = first;
        await here.UntilAsync(async () => (await worker.CheckInAsync()).Status == HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task A_second_live_process_of_a_name_is_refused_until_the_first_is_offline()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        foreach (var worker in (TestWorker[])[await here.RegisteredAsync(with: Often), await here.WithServiceTokenAsync("plain", with: Often)])
        {
            var second = here.New(worker.Name);
            (second.Token, second.Interval) = (worker.Token, worker.Interval);
            await worker.CheckInAsync();

            var refused = await second.CheckInAsync();
            Assert.Equal((409, "workers.in_use"), refused.Error);
            Assert.Equal((409, "in_use"), refused.Reason());
            Assert.Equal((409, "in_use"), (await second.ClaimAsync()).Reason());
            Assert.Equal((409, "in_use"), (await second.ReturnAsync()).Reason());

            // A restart is the same process: its instance is in its state.
            Assert.Equal(HttpStatusCode.OK, (await worker.CheckInAsync()).Status);
            await here.UntilAsync(async () => (await second.CheckInAsync()).Status == HttpStatusCode.OK);
            Assert.Equal((409, "in_use"), (await worker.CheckInAsync()).Reason());
        }

        static void Often(TestWorker worker) => worker.Interval = TimeSpan.FromSeconds(1);
    }

    [Fact]
    public async Task The_states_are_told_and_offline_is_computed_when_it_is_read()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        foreach (var state in (string[])["available", "busy", "draining", "idle"])
        {
            await worker.CheckInAsync(state: state);
            Assert.Equal(state, (await here.WorkerAsync("edge")).State);
        }

        await worker.CheckInAsync(state: "error", error: "the cluster does not answer");
        Assert.Equal(("error", "the cluster does not answer"), ((await here.WorkerAsync("edge")).State, (await here.WorkerAsync("edge")).Error));
        foreach (var state in (string[])["offline", "unregistered", "tired", ""])
        {
            Assert.Equal((400, "body.invalid"), (await worker.CheckInAsync(state: state)).Error);
        }

        worker.Interval = TimeSpan.FromSeconds(1);
        await worker.CheckInAsync();
        await here.UntilAsync(async () => (await here.WorkerAsync("edge")).State == "offline");
        Assert.DoesNotContain("offline", await here.Place.StoredAsync(), StringComparison.Ordinal);
        await worker.CheckInAsync();
        Assert.Equal("idle", (await here.WorkerAsync("edge")).State);
    }

    [Fact]
    public async Task The_list_tells_all_workers_with_what_they_have()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.AddAsync("added");
        var edge = await here.RegisteredAsync();
        var pod = await here.WithServiceTokenAsync("many/pod-1", ["default"]);
        await here.SubmitAsync();
        await here.SubmitAsync();
        await edge.StartedAsync();
        await edge.ClaimedAsync();

        var list = WireJson.Read<WorkerList>((await here.Host.AskAsync(here.Host.AdminToken, "GET", "api/workers")).Json.ToString()).Workers;

        Assert.Equal([("added", "unregistered", 0, 0), ("edge", "idle", 1, 1), ("many/pod-1", "idle", 0, 0)], list.Select(w => (w.Name, w.State, w.Running, w.Claimed)));
        Assert.Equal([null, null, "default"], list.Select(w => w.Namespaces is null ? null : string.Join(',', w.Namespaces)));
        Assert.Equal((1, 1), ((await here.WorkerAsync("edge")).Running, (await here.WorkerAsync("edge")).Claimed));
        Assert.Equal("many/pod-1", (await here.WorkerAsync("many/pod-1")).Name);
        Assert.Equal(pod.Instance, (await here.WorkerAsync("many/pod-1")).Instance);

        // They are the cluster's: a token for some namespaces does not see them.
        var some = (await here.Host.TokenAsync("some", ["read"], ["default"])).Value;
        Assert.Equal((404, "auth.not_found"), (await here.Host.AskAsync(some, "GET", "api/workers")).Error);
        foreach (var (method, path) in ((string, string)[])[("GET", "nobody"), ("DELETE", "nobody"), ("POST", "nobody/drain"), ("POST", "no/body/resume"), ("GET", "edge/pod"), ("GET", "%20")])
        {
            Assert.Equal((404, "workers.not_found"), (await here.Host.AskAsync(here.Host.AdminToken, method, $"api/workers/{path}")).Error);
        }
    }

    [Fact]
    public async Task A_drained_worker_is_told_and_claims_nothing_until_it_is_resumed()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        var waiting = await here.SubmitAsync();

        Assert.Equal(HttpStatusCode.OK, (await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers/edge/drain")).Status);

        Assert.Equal("draining", (await here.WorkerAsync("edge")).State);
        Assert.True((await worker.RenewAsync(claim)).Json.GetProperty("drain").GetBoolean());
        Assert.True((await worker.CheckInAsync()).Json.GetProperty("drain").GetBoolean());
        Assert.Equal(HttpStatusCode.NoContent, (await worker.ClaimAsync()).Status);
        await here.UntilAsync(async () => (await here.JobAsync(waiting)).TryGetProperty("reason", out var reason) && reason.GetString()!.Contains("drained", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.OK, (await worker.ReportAsync(claim, ReportWords.Succeeded)).Status);

        Assert.Equal(HttpStatusCode.OK, (await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers/edge/resume")).Status);
        Assert.False((await worker.CheckInAsync()).Json.GetProperty("drain").GetBoolean());
        Assert.Equal(waiting, (await worker.ClaimedAsync()).Job.Id);
    }

    [Fact]
    public async Task A_deleted_worker_is_refused_at_its_next_call()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        await worker.CheckInAsync(TestWorker.NewToken());

        Assert.Equal(HttpStatusCode.NoContent, (await here.Host.AskAsync(here.Host.AdminToken, "DELETE", "api/workers/edge")).Status);

        foreach (var call in (Func<Task<Reply>>[])[() => worker.CheckInAsync(), () => worker.ClaimAsync(), () => worker.RenewAsync(claim), () => worker.ReportAsync(claim, ReportWords.Succeeded)])
        {
            Assert.Equal((401, "auth.invalid_token"), (await call()).Error);
        }

        Assert.Equal((401, "workers.rejoin_refused"), (await worker.RejoinAsync(TestWorker.NewToken())).Error);
        Assert.Equal((404, "workers.not_found"), (await here.Host.AskAsync(here.Host.AdminToken, "GET", "api/workers/edge")).Error);
        Assert.Empty(await here.Place.RowsAsync(Pushcart.Storage.TableNames.Workers));

        // The name is free again.
        Assert.Equal(HttpStatusCode.OK, (await here.New("edge").RegisterAsync(await here.AddAsync("edge"))).Status);
    }

    [Fact]
    public async Task The_audit_tells_what_admins_do_and_who_was_refused_and_not_each_call_of_a_worker()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        await worker.CheckInAsync();
        await worker.ClaimAsync();
        await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers/edge/drain");
        await here.Host.AskAsync(here.Host.AdminToken, "DELETE", "api/workers/edge");
        await worker.ClaimAsync();
        await here.Host.LineAsync("POST /api/workers/claim: refused");

        var told = here.Host.Lines.Where(line => line.Contains("Pushcart.Audit", StringComparison.Ordinal) && line.Contains("/api/workers", StringComparison.Ordinal)).Select(line => line.Split("Pushcart.Audit[0] ")[1]).ToList();

        Assert.Collection(
            told,
            line => Assert.Matches(@"^first admin \(token [0-9a-f]{24}\) from 127\.0\.0\.1: POST /api/workers: 201, worker edge$", line),
            line => Assert.Equal("registration of worker edge from 127.0.0.1: POST /api/workers/register: 200", line),
            line => Assert.EndsWith("POST /api/workers/edge/drain: 200", line, StringComparison.Ordinal),
            line => Assert.EndsWith("DELETE /api/workers/edge: 204", line, StringComparison.Ordinal),
            line => Assert.Equal("nobody from 127.0.0.1: POST /api/workers/claim: refused, auth.invalid_token", line));
    }

    [Fact]
    public async Task Bad_bodies_are_refused_and_name_the_field()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var checkIn = WireJson.Write(new CheckInRequest("edge", worker.Instance, worker.About, "idle", []));
        var claim = WireJson.Write(new ClaimRequest("edge", worker.Instance, "north", "kubernetes", "12345678", 5));
        foreach (var (path, body, part) in new (string, string, string)[]
        {
            ("check-in", "", "no JSON object"),
            ("check-in", "null", "no JSON object"),
            ("check-in", "[]", "no JSON object"),
            ("check-in", "{", "no JSON object"),
            ("check-in", "\u0000", "no JSON object"),
            ("check-in", checkIn.Replace("\"state\"", "\"status\"", StringComparison.Ordinal), "the fields are worker, instance"),
            ("check-in", checkIn.Replace("\"worker\":\"edge\"", "\"worker\":\"edge\",\"worker\":\"other\"", StringComparison.Ordinal), "doubled"),
            ("check-in", checkIn.Replace("\"worker\":\"edge\",", "", StringComparison.Ordinal), "missing"),
            ("check-in", checkIn.Replace("\"edge\"", "null", StringComparison.Ordinal), "of another form"),
            ("check-in", checkIn.Replace("\"edge\"", "\"\\ud800\"", StringComparison.Ordinal), ""),
            ("check-in", checkIn.Replace("\"edge\"", "\"Edge\"", StringComparison.Ordinal), "worker: "),
            ("check-in", checkIn.Replace("\"edge\"", "\"a/b/c\"", StringComparison.Ordinal), "worker: "),
            ("check-in", checkIn.Replace("\"edge\"", "\"../x\"", StringComparison.Ordinal), "worker: "),
            ("check-in", checkIn.Replace("PT1M", "1m", StringComparison.Ordinal), "of another form"),
            ("check-in", checkIn.Replace("PT1M", "PT0S", StringComparison.Ordinal), "about.checkInInterval: "),
            ("check-in", checkIn.Replace("\"maxParallelJobs\":5", "\"maxParallelJobs\":101", StringComparison.Ordinal), "maxParallelJobs: 101"),
            ("check-in", checkIn.Replace("\"maxParallelJobs\":5", "\"maxParallelJobs\":\"5\"", StringComparison.Ordinal), "of another form"),
            ("check-in", checkIn.Replace("\"north\"", "\"" + new string('x', 129) + "\"", StringComparison.Ordinal), "cluster: it has 129"),
            ("check-in", checkIn.Replace("\"labels\":{}", "\"labels\":{\"a\":\"b c\"}", StringComparison.Ordinal), "labels: "),
            ("check-in", checkIn[..^1] + ",\"nextTokenHash\":\"abc\"}", "nextTokenHash: "),
            ("claim", claim.Replace("12345678", "short", StringComparison.Ordinal), "key: "),
            ("claim", claim.Replace("12345678", "a key of words", StringComparison.Ordinal), "key: "),
            ("claim", claim[..^1] + ",\"wait\":\"-PT1S\"}", "wait: "),
            ("claim", claim[..^1] + ",\"wait\":\"P9999999999D\"}", "of another form"),
            ("return", WireJson.Write(new ReturnRequest("edge", "x", "north", "12345678")), "instance: "),
        })
        {
            var answer = await worker.AskAsync(path, body);
            Assert.True(answer.Error == (400, "body.invalid"), $"{path} {body}: {answer.Status} {answer.Json}");
            Assert.Contains(part, answer.Text("message"), StringComparison.Ordinal);
            Assert.DoesNotContain("Pushcart.", answer.Text("message"), StringComparison.Ordinal);
        }

        Assert.Equal((413, "body.too_large"), (await worker.AskAsync("check-in", new string('x', 300_000))).Error);
        foreach (var name in (string[])["Edge", "a/b", "", "-a", new string('a', 64)])
        {
            Assert.Equal((400, "body.invalid"), (await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers", new { name })).Error);
        }

        Assert.Equal((400, "body.invalid"), (await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers", new { name = "a", token = "x" })).Error);
        var added = await here.AddAsync("keys");
        foreach (var key in (string[])["", "AAAA", "not base64", new string('A', 400)])
        {
            var request = WireJson.Write(new RegisterRequest("keys", worker.Instance, new string('a', 64), key, worker.About));
            Assert.Equal((400, "body.invalid"), (await worker.AskAsync("register", request, added)).Error);
        }

        Assert.Equal((400, "body.invalid"), (await here.Host.AskAsync(null, "POST", "api/workers/rejoin", "{}")).Error);
    }
}
