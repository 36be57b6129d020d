using System.Net;
using Pushcart.Storage;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>How workers are let in, over HTTP, against a running host.</summary>
[Collection("calls")]
public sealed class RegistrationTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_worker_trades_its_registration_token_for_one_that_it_drew_and_no_value_is_stored_or_logged()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var added = await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers", new { name = "edge", labels = new { gpu = "true" } });
        Assert.Equal(HttpStatusCode.Created, added.Status);
        Assert.Equal("no-store", added.Headers.CacheControl!.ToString());
        Assert.Equal(["name", "registrationToken", "expiresAt"], added.Json.EnumerateObject().Select(p => p.Name));
        var registration = added.Text("registrationToken")!;
        Assert.Matches("^pcr_[0-9a-f]{64}$", registration);
        Assert.Equal(("unregistered", false), ((await here.WorkerAsync("edge")).State, (await here.WorkerAsync("edge")).Registered));

        var worker = here.New("edge");
        var answer = await worker.RegisterAsync(registration);

        Assert.True(answer.Status == HttpStatusCode.OK, answer.Json.ToString());
        Assert.Equal(("PT20M", "PT1M", "PT20S"), (answer.Text("tokenLife"), answer.Text("checkInInterval"), answer.Text("leaseDuration")));
        Assert.Matches("^[0-9a-f]{32}$", answer.Text("installation"));
        var view = await here.WorkerAsync("edge");
        Assert.Equal(("idle", true, "kubernetes", "north", 5, worker.Instance), (view.State, view.Registered, view.Executor, view.Cluster, view.MaxParallelJobs, view.Instance));
        Assert.Equal("true", view.Labels["gpu"]);
        Assert.Equal(HttpStatusCode.NoContent, (await worker.ClaimAsync()).Status);

        var stored = await here.Place.StoredAsync();
        foreach (var value in (string[])[registration, worker.Token!])
        {
            Assert.Contains(TokenValue.HashOf(value), stored, StringComparison.Ordinal);
            Assert.DoesNotContain(value[4..], stored, StringComparison.Ordinal);
            Assert.DoesNotContain(value[4..], here.Host.Text, StringComparison.Ordinal);
            Assert.DoesNotContain(value[4..], (await here.Host.AskAsync(here.Host.AdminToken, "GET", "api/workers")).Json.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_registration_token_is_good_once_for_its_own_name_and_the_same_again_is_a_lost_answer()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var registration = await here.AddAsync("edge");
        var (worker, thief) = (here.New("edge"), here.New("edge"));

        Assert.Equal((403, "workers.other_name"), (await here.New("other").RegisterAsync(registration)).Error);
        var token = TestWorker.NewToken();
        Assert.Equal(HttpStatusCode.OK, (await worker.RegisterAsync(registration, token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.RegisterAsync(registration, token)).Status);
        Assert.Equal((401, "workers.token_used"), (await thief.RegisterAsync(registration)).Error);
        Assert.Equal((401, "workers.token_used"), (await worker.RegisterAsync(registration)).Error);
        worker.Token = token;
        Assert.Equal(HttpStatusCode.OK, (await worker.CheckInAsync()).Status);

        // It registers, and does nothing else; nor does anything else register.
        Assert.Equal((403, "auth.forbidden"), (await worker.AskAsync("claim", "{}", registration)).Error);
        Assert.Equal((403, "auth.forbidden"), (await here.New("x").RegisterAsync(here.Host.AdminToken)).Error);
        Assert.Equal((403, "auth.forbidden"), (await here.New("x").RegisterAsync(token)).Error);
        foreach (var path in (string[])["api/jobs", "api/workers", "api/tokens"])
        {
            Assert.Equal((403, "auth.forbidden"), (await here.Host.AskAsync(token, "GET", path)).Error);
            Assert.Equal((403, "auth.forbidden"), (await here.Host.AskAsync(registration, "GET", path)).Error);
        }
    }

    [Fact]
    public async Task A_registration_token_that_has_expired_is_refused_and_a_new_one_voids_the_one_before()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Workers__RegistrationLife", "1s"));
        var expired = await here.AddAsync("edge");
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System);
        Assert.Equal((401, "auth.invalid_token"), (await here.New("edge").RegisterAsync(expired)).Error);

        await using var other = await WorkersPlace.StartAsync(azurite);
        var first = await other.AddAsync("edge");
        var second = await other.AddAsync("edge");
        Assert.Equal((401, "auth.invalid_token"), (await other.New("edge").RegisterAsync(first)).Error);
        Assert.Equal(HttpStatusCode.OK, (await other.New("edge").RegisterAsync(second)).Status);
    }

    [Fact]
    public async Task A_registered_worker_is_added_again_only_to_replace_it_and_keeps_its_jobs()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        Assert.Equal((409, "workers.exists"), (await here.Host.AskAsync(here.Host.AdminToken, "POST", "api/workers", new { name = "edge" })).Error);

        var registration = await here.AddAsync("edge", new { name = "edge", replace = true });

        Assert.Equal((401, "auth.invalid_token"), (await worker.RenewAsync(claim)).Error);
        Assert.Equal((401, "workers.rejoin_refused"), (await worker.RejoinAsync(TestWorker.NewToken())).Error);
        var successor = here.New("edge");
        Assert.Equal(HttpStatusCode.OK, (await successor.RegisterAsync(registration)).Status);
        var mine = Assert.Single(await TestWorker.JobsOf(successor.ReturnAsync()));
        Assert.Equal((claim.Job.Id, 2), (mine.Job.Id, mine.Attempt));
        Assert.Equal(HttpStatusCode.OK, (await successor.RenewAsync(mine)).Status);
    }

    [Fact]
    public async Task A_worker_that_was_away_for_longer_than_its_token_comes_back_by_its_key()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Workers__TokenLife", "10s"));
        var worker = await here.RegisteredAsync(with: w => w.Interval = TimeSpan.FromSeconds(5));
        await here.SubmitAsync();
        var claim = await worker.StartedAsync();
        await here.UntilAsync(async () => (await worker.RenewAsync(claim)).Status == HttpStatusCode.Unauthorized);

        var next = TestWorker.NewToken();
        Assert.Equal((401, "workers.rejoin_refused"), (await worker.RejoinAsync(next, by: here.New("edge"))).Error);
        Assert.Equal((401, "workers.rejoin_refused"), (await worker.RejoinAsync(next, TimeProvider.System.GetUtcNow().AddMinutes(-6))).Error);
        Assert.Equal((401, "workers.rejoin_refused"), (await worker.RejoinAsync(next, TimeProvider.System.GetUtcNow().AddMinutes(6))).Error);
        Assert.Equal((401, "workers.rejoin_refused"), (await here.New("nobody").RejoinAsync(next)).Error);
        var stranger = here.New("edge");
        Assert.Equal((401, "workers.rejoin_refused"), (await stranger.RejoinAsync(next, by: worker)).Error);

        var at = TimeProvider.System.GetUtcNow();
        Assert.Equal(HttpStatusCode.OK, (await worker.RejoinAsync(next, at)).Status);
        var until = await ExpiryAsync(here, next);
        Assert.Equal(HttpStatusCode.OK, (await worker.RejoinAsync(next, at)).Status);
        Assert.Equal(until, await ExpiryAsync(here, next));
        worker.Token = next;
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(claim)).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.ReportAsync(claim, ReportWords.Succeeded)).Status);
    }

    [Fact]
    public async Task A_worker_that_was_away_for_longer_than_the_setting_allows_waits_for_an_admin()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Workers__Rejoin", "1s"));
        var worker = await here.RegisteredAsync();
        await Task.Delay(TimeSpan.FromSeconds(1.1), TimeProvider.System);

        var refused = await worker.RejoinAsync(TestWorker.NewToken());

        Assert.Equal((401, "workers.rejoin_refused"), refused.Error);
        Assert.Contains("Workers:Rejoin", refused.Text("message"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_interval_that_is_not_shorter_than_the_tokens_life_is_refused_with_both_numbers()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var registration = await here.AddAsync("edge");
        var worker = here.New("edge");
        worker.Interval = TimeSpan.FromMinutes(20);

        var refused = await worker.RegisterAsync(registration);

        Assert.Equal((400, "body.invalid"), refused.Error);
        Assert.Contains("00:20:00 is not shorter than the life of a worker token, 00:20:00", refused.Text("message"), StringComparison.Ordinal);
        worker.Interval = TimeSpan.FromMinutes(19);
        Assert.Equal(HttpStatusCode.OK, (await worker.RegisterAsync(registration)).Status);
        worker.Interval = TimeSpan.FromMinutes(25);
        Assert.Equal((400, "body.invalid"), (await worker.CheckInAsync()).Error);
    }

    [Fact]
    public async Task A_worker_acts_as_nobody_else_and_a_service_token_not_as_a_registered_one()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var edge = await here.RegisteredAsync();
        var other = await here.RegisteredAsync("other");
        await here.SubmitAsync();
        var claim = await edge.StartedAsync();
        var service = (await here.Host.TokenAsync("a service token", ["worker"])).Value;
        var own = edge.Token;
        foreach (var call in (Func<Task<Reply>>[])
        [
            () => edge.CheckInAsync(), () => edge.ClaimAsync(), () => edge.ReturnAsync(), () => edge.StartAsync(claim), () => edge.RenewAsync(claim),
            () => edge.ReportAsync(claim, ReportWords.Succeeded), () => edge.LogAsync(claim, 0, "x"),
        ])
        {
            edge.Token = other.Token;
            Assert.Equal((403, "workers.other_name"), (await call()).Error);
            edge.Token = service;
            Assert.Equal((403, "workers.registered_name"), (await call()).Error);
        }

        edge.Token = own;
        Assert.Equal(HttpStatusCode.OK, (await edge.RenewAsync(claim)).Status);
        var pod = here.New("edge/pod");
        pod.Token = service;
        Assert.Equal((403, "workers.registered_name"), (await pod.CheckInAsync()).Error);
    }

    private static async Task<object> ExpiryAsync(WorkersPlace here, string token) =>
        (await here.Place.RowsAsync(TableNames.Workers)).Single(row => row.RowKey.EndsWith(TokenValue.HashOf(token), StringComparison.Ordinal))["expiresAt"];
}
