using System.Net;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>Which jobs workers are given, over HTTP, against a running host.</summary>
[Collection("calls")]
public sealed class ClaimTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task The_oldest_job_comes_first_with_all_that_its_run_needs_and_the_same_key_brings_it_again()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var (first, second) = (await here.SubmitAsync(), await here.SubmitAsync());

        var claim = await worker.ClaimedAsync("the-first-key");

        Assert.Equal((first, 1, 1, "the-first-key", null), (claim.Job.Id, claim.Attempt, claim.Run, claim.Key, claim.Stop));
        Assert.InRange(claim.Lease, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20));
        Assert.Contains("\"command\":[\"sh\",\"-c\"]", claim.Job.Snapshots!.Action, StringComparison.Ordinal);
        Assert.Contains("https://git.example.com/app.git", claim.Job.Snapshots.Source, StringComparison.Ordinal);
        Assert.Equal((new string('a', 40), "edge", "north"), (claim.Job.Commit, claim.Job.Worker, claim.Job.Cluster));
        Assert.Equal("claimed", await here.StateAsync(first));

        foreach (var again in (ClaimAnswer[])[await worker.ClaimedAsync("the-first-key"), await worker.ClaimedAsync("the-first-key")])
        {
            Assert.Equal((first, 1), (again.Job.Id, again.Attempt));
        }

        Assert.Equal(second, (await worker.ClaimedAsync("the-second-key")).Job.Id);
        await worker.StartAsync(claim);
        Assert.Equal(first, (await worker.ClaimedAsync("the-first-key")).Job.Id);
        await worker.ReportAsync(claim, ReportWords.Succeeded);
        Assert.Equal(HttpStatusCode.NoContent, (await worker.ClaimAsync("the-first-key")).Status);
    }

    [Fact]
    public async Task One_key_asked_for_many_times_at_once_is_one_job()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        for (var n = 0; n < 6; n++)
        {
            await here.SubmitAsync();
        }

        var claims = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => worker.ClaimedAsync("one-and-the-same")));

        Assert.Single(claims.Select(c => c.Job.Id).Distinct());
        Assert.Equal(1, (await here.WorkerAsync("edge")).Claimed);
    }

    [Fact]
    public async Task With_a_limit_of_5_and_20_jobs_there_are_never_more_than_5_at_once()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        for (var n = 0; n < 20; n++)
        {
            await here.SubmitAsync();
        }

        var done = 0;
        while (done < 20)
        {
            // More at once than the limit lets.
            var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => worker.ClaimAsync()));
            var claims = answers.Where(a => a.Status == HttpStatusCode.OK).Select(a => WireJson.Read<ClaimAnswer>(a.Json.ToString())).ToList();
            Assert.Equal(5, claims.Count);
            Assert.Equal(5, (await here.Place.RowsAsync(Pushcart.Storage.TableNames.Live)).Count(row => row.RowKey.StartsWith("slot|edge|000", StringComparison.Ordinal)));
            foreach (var claim in claims)
            {
                Assert.Equal(HttpStatusCode.OK, (await worker.StartAsync(claim)).Status);
                Assert.Equal(HttpStatusCode.OK, (await worker.ReportAsync(claim, ReportWords.Succeeded)).Status);
                done++;
            }
        }

        await here.UntilAsync(here.Place.IsQuietAsync);
        Assert.Equal(20, (await here.Place.HistoryAsync()).Count(f => f.Job.Outcome == Pushcart.Jobs.JobOutcome.Succeeded));
    }

    [Fact]
    public async Task Jobs_go_to_the_worker_of_their_name_or_with_their_labels_and_the_rest_to_the_built_in_one()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.ApplyAsync(
            WorkersPlace.Action("gpu", "worker: {labels: {gpu: \"true\", zone: a}}"), WorkersPlace.Action("both", "worker: {name: edge, labels: {gpu: \"true\"}}"), InstallationManifests.Action("rest"));
        var edge = await here.RegisteredAsync();
        var gpu = await here.RegisteredAsync("big", w => (w.Labels["gpu"], w.Labels["zone"]) = ("true", "a"));
        var half = await here.RegisteredAsync("half", w => w.Labels["gpu"] = "true");
        var (forGpu, forBoth, rest, forEdge) = (await here.SubmitAsync("gpu"), await here.SubmitAsync("both"), await here.SubmitAsync("rest"), await here.SubmitAsync());

        Assert.Equal(HttpStatusCode.NoContent, (await half.ClaimAsync()).Status);
        Assert.Equal(forEdge, (await edge.ClaimedAsync()).Job.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await edge.ClaimAsync()).Status);
        Assert.Equal(forGpu, (await gpu.ClaimedAsync()).Job.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await gpu.ClaimAsync()).Status);
        await here.UntilAsync(async () => (await here.JobAsync(rest)).TryGetProperty("worker", out var worker) && worker.GetString() == "builtin");
        Assert.Equal("queued", await here.StateAsync(forBoth));
        Assert.Equal("edge gpu=true", (await here.JobAsync(forBoth)).Text("forWorker"));

        // What an admin has given stands over what the worker says.
        var registration = await here.AddAsync("edge", new { name = "edge", replace = true, labels = new { gpu = "true" } });
        var again = here.New("edge");
        again.Labels["gpu"] = "false";
        await again.RegisterAsync(registration);
        Assert.Equal(forBoth, (await again.ClaimedAsync()).Job.Id);
    }

    [Fact]
    public async Task A_service_token_for_some_namespaces_gets_jobs_of_these_only()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.ApplyAsync(InstallationManifests.Source("app", "https://git.example.com/app.git", ns: "team"), WorkersPlace.Action("any", "worker: {name: pods}", "team"), WorkersPlace.Action("any", "worker: {name: pods}"));
        var pod = await here.WithServiceTokenAsync("pods/a", ["team"]);
        var other = await here.WithServiceTokenAsync("pods/b");
        var (elsewhere, there) = (await here.SubmitAsync("any"), await here.SubmitAsync("any", "team"));

        Assert.Equal(there, (await pod.ClaimedAsync()).Job.Id);
        Assert.Equal(HttpStatusCode.NoContent, (await pod.ClaimAsync()).Status);

        var claim = await other.StartedAsync();
        Assert.Equal(elsewhere, claim.Job.Id);
        Assert.Equal((409, "unknown"), (await pod.RenewAsync(claim)).Reason());
        Assert.Equal((409, "unknown"), (await pod.ReportAsync(claim, ReportWords.Succeeded)).Reason());
    }

    [Fact]
    public async Task A_group_spans_the_built_in_worker_and_registered_ones_oldest_first()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "4s"));
        await here.ApplyAsync(
            InstallationManifests.Source("app", "https://127.0.0.1:1/app.git"),
            WorkersPlace.Action("away", "worker: {name: edge}, concurrency: {group: deploy}"), WorkersPlace.Action("far", "worker: {name: west}, concurrency: {group: deploy}"),
            InstallationManifests.Action("here", more: ", concurrency: {group: deploy}"));
        var (edge, west) = (await here.RegisteredAsync(), await here.RegisteredAsync("west"));
        var (first, second, third) = (await here.SubmitAsync("away"), await here.SubmitAsync("here"), await here.SubmitAsync("far"));

        Assert.Equal(HttpStatusCode.NoContent, (await west.ClaimAsync()).Status);
        var claim = await edge.StartedAsync();
        Assert.Equal(first, claim.Job.Id);
        Assert.Contains((await here.Place.RowsAsync(Pushcart.Storage.TableNames.Live)).Select(row => row.RowKey), key => key == "slot|group:default:deploy|0000");
        Assert.Equal(HttpStatusCode.NoContent, (await west.ClaimAsync()).Status);
        Assert.Equal("queued", await here.StateAsync(second));

        // The built-in one is woken by the slot that the registered one frees; and the claim that waits by the built-in one's.
        var waiting = west.ClaimAsync(wait: TimeSpan.FromSeconds(20));
        Assert.Equal(HttpStatusCode.OK, (await edge.ReportAsync(claim, ReportWords.Succeeded)).Status);
        var next = await waiting;
        Assert.True(next.Status == HttpStatusCode.OK, $"{next.Status}\n{here.Host.Text}");
        Assert.Equal(third, WireJson.Read<ClaimAnswer>(next.Json.ToString()).Job.Id);
        Assert.NotEqual("queued", await here.StateAsync(second));
    }

    [Fact]
    public async Task Without_a_job_the_answer_is_204_and_tells_when_to_ask_again()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();

        var none = await worker.ClaimAsync();
        Assert.Equal((HttpStatusCode.NoContent, 5), (none.Status, TestWorker.RetryAfter(none)));
        var waited = await worker.ClaimAsync(wait: TimeSpan.FromMilliseconds(200));
        Assert.Equal((HttpStatusCode.NoContent, 1), (waited.Status, TestWorker.RetryAfter(waited)));

        await using var functions = await WorkersPlace.StartAsync(azurite, ("Workers__LongPoll", "false"));
        var since = TimeProvider.System.GetTimestamp();
        var atOnce = await (await functions.RegisteredAsync()).ClaimAsync(wait: TimeSpan.FromSeconds(20));
        Assert.Equal((HttpStatusCode.NoContent, 5), (atOnce.Status, TestWorker.RetryAfter(atOnce)));
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public async Task A_claim_that_waits_is_freed_by_a_submission_and_not_by_a_job_for_another()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.ApplyAsync(WorkersPlace.Action("west", "worker: {name: west}"));
        var worker = await here.RegisteredAsync();
        var waiting = worker.ClaimAsync(wait: TimeSpan.FromSeconds(20));

        await here.SubmitAsync("west");
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        Assert.False(waiting.IsCompleted);
        var since = TimeProvider.System.GetTimestamp();
        var id = await here.SubmitAsync();

        Assert.Equal(id, WireJson.Read<ClaimAnswer>((await waiting).Json.ToString()).Job.Id);
        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_claim_that_waits_does_not_hold_up_the_end_of_the_host()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        var waiting = worker.ClaimAsync(wait: TimeSpan.FromSeconds(20));
        await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System);
        var since = TimeProvider.System.GetTimestamp();

        here.Host.Terminate();
        Assert.Equal(0, await here.Host.ExitAsync());

        Assert.InRange(TimeProvider.System.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(4));
        Assert.Equal(HttpStatusCode.NoContent, (await waiting).Status);
    }

    [Fact]
    public async Task Claims_that_were_not_started_are_given_back_or_run_out_by_their_lease()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Jobs__Lease", "4s"));
        var worker = await here.RegisteredAsync();
        var (first, second) = (await here.SubmitAsync(), await here.SubmitAsync());
        var (one, two) = (await worker.ClaimedAsync(), await worker.ClaimedAsync());

        await worker.ClaimAsync(back: [new(one.Job.Id, one.Attempt), new(second, 7), new("nonsense", 1)]);
        var back = await here.JobAsync(first);
        Assert.Equal(("queued", "edge handed it back"), (back.Text("state"), back.Text("reason")));
        Assert.Equal("claimed", await here.StateAsync(second));
        Assert.Equal((409, "requeued"), (await worker.StartAsync(one)).Reason());

        // Killed after the claim: for anyone again, as another attempt.
        await here.UntilAsync(second, "queued");
        Assert.Equal((409, "requeued"), (await worker.StartAsync(two)).Reason());
        var again = await worker.ClaimedAsync(wait: TimeSpan.FromSeconds(20));
        Assert.Equal(2, again.Attempt);
    }

    [Fact]
    public async Task A_worker_that_has_not_checked_in_claims_nothing_nor_one_without_registration_where_that_is_required()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.SubmitAsync();
        var worker = here.New("edge");
        worker.Token = (await here.Host.TokenAsync("w", ["worker"])).Value;
        Assert.Equal((409, "workers.not_checked_in"), (await worker.ClaimAsync()).Error);
        Assert.Equal((409, "workers.not_checked_in"), (await worker.ReturnAsync()).Error);
        await worker.CheckInAsync();
        Assert.Equal(HttpStatusCode.OK, (await worker.ClaimAsync()).Status);

        await using var strict = await WorkersPlace.StartAsync(azurite, ("Workers__RequireRegistration", "true"));
        await strict.SubmitAsync();
        var plain = await strict.WithServiceTokenAsync("plain");
        Assert.Equal((403, "workers.registration_required"), (await plain.ClaimAsync()).Error);
        Assert.Equal((403, "workers.registration_required"), (await plain.ReturnAsync()).Error);
        Assert.Equal(HttpStatusCode.OK, (await (await strict.RegisteredAsync()).ClaimAsync()).Status);
        foreach (var scopes in (string[][])[["admin"], ["write"], ["read"], ["hook"]])
        {
            plain.Token = (await strict.Host.TokenAsync("other", scopes)).Value;
            Assert.Equal((403, "auth.forbidden"), (await plain.ClaimAsync()).Error);
        }
    }
}
