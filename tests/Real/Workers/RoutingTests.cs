using System.Net;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Workers;

/// <summary>Jobs that ask for a worker which is not there, over HTTP, against a running host.</summary>
[Collection("calls")]
public sealed class RoutingTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_job_that_no_known_worker_could_take_says_so_at_once_and_ends_by_its_waiting_limit()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var applied = await here.ApplyAsync(WorkersPlace.Action("nowhere", "worker: {name: nowhere, labels: {gpu: \"true\"}}, jobWaitingTimeoutSeconds: 4"));
        Assert.Contains("no worker is known that could take it: it asks for the name nowhere and the labels gpu=true", applied.ToString(), StringComparison.Ordinal);

        var id = await here.SubmitAsync("nowhere");

        var job = await here.JobAsync(id);
        Assert.Equal(("queued", "nowhere gpu=true"), (job.Text("state"), job.Text("forWorker")));
        Assert.StartsWith("no worker is known that could take it", job.Text("reason"), StringComparison.Ordinal);
        Assert.Contains("no worker is known", (await here.Host.Client.SendAsync(HttpMethod.Get, "api/jobs")).Json.ToString(), StringComparison.Ordinal);
        await here.UntilAsync(id, "expired");
        Assert.Contains("waited longer than 00:00:04; no worker is known", (await here.JobAsync(id)).Text("reason"), StringComparison.Ordinal);

        // The built-in one has not had it, and no message was ever sent for it.
        Assert.Equal(0, (await here.JobAsync(id)).GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task Without_executor_and_worker_apply_warns_ready_says_so_and_a_job_waits_expires_and_can_be_run_again()
    {
        await using var here = await WorkersPlace.StartAsync(azurite, ("Executor", "none"));
        var applied = await here.ApplyAsync(WorkersPlace.Action("build", "jobWaitingTimeoutSeconds: 4"));
        Assert.Equal(
            $"Action default/build: {Pushcart.Execution.NoExecutor.Why}", Assert.Single(applied.GetProperty("notes").EnumerateArray().Select(n => n.GetString())));
        var (status, ready) = await here.Host.Client.SendAsync(HttpMethod.Get, "healthz/ready");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("Executor is none", ready.ToString(), StringComparison.Ordinal);

        var id = await here.SubmitAsync("build");
        await here.UntilAsync(async () => (await here.JobAsync(id)) is var job && job.Text("state") == "queued" && job.TryGetProperty("reason", out var reason) && reason.GetString()!.Contains("Executor is none", StringComparison.Ordinal));
        await here.UntilAsync(id, "expired");
        await here.UntilAsync(here.Place.IsQuietAsync);
        Assert.Equal(id, Assert.Single(await here.Place.HistoryAsync()).Job.Id);
        Assert.Equal(HttpStatusCode.Created, (await here.Host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{id}/rerun")).Status);

        // One that a registered worker takes is warned of as everywhere, and runs.
        Assert.Contains("it asks for the name edge", (await here.ApplyAsync(WorkersPlace.Action("edge", "worker: {name: edge}, retries: 1"))).ToString(), StringComparison.Ordinal);
        var worker = await here.RegisteredAsync();
        Assert.False((await here.ApplyAsync(WorkersPlace.Action("edge", "worker: {name: edge}, retries: 2"))).TryGetProperty("notes", out var notes) && notes.GetArrayLength() > 0);
        var routed = await here.SubmitAsync();
        Assert.Equal(routed, (await worker.ClaimedAsync()).Job.Id);
    }

    [Fact]
    public async Task A_job_whose_worker_is_away_says_so_and_the_explanation_of_its_trigger_too()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        await here.ApplyAsync(InstallationManifests.Trigger("app", "app", "edge", more: ", suspend: true"));
        await here.AddAsync("edge");
        Assert.Equal("it waits for edge, which is unregistered", await WorkerOfTriggerAsync());

        var worker = here.New("edge");
        worker.Interval = TimeSpan.FromSeconds(1);
        await worker.RegisterAsync(await here.AddAsync("edge"));
        var id = await here.SubmitAsync();
        await here.UntilAsync(async () => await WorkerOfTriggerAsync() == "it waits for edge, which is offline");
        Assert.Equal("it waits for edge, which is offline", (await here.JobAsync(id)).Text("reason"));

        worker.Interval = TimeSpan.FromMinutes(1);
        await worker.CheckInAsync();
        await here.UntilAsync(async () => await WorkerOfTriggerAsync() is null);
        Assert.False((await here.JobAsync(id)).TryGetProperty("reason", out _));
        Assert.Equal(id, (await worker.ClaimedAsync()).Job.Id);

        async Task<string?> WorkerOfTriggerAsync()
        {
            var (status, json) = await here.Host.Client.SendAsync(HttpMethod.Get, "api/triggers/ScheduleTrigger/default/app/explain");
            Assert.True(status == HttpStatusCode.OK, json.ToString());
            return json.TryGetProperty("worker", out var worker) ? worker.GetString() : null;
        }
    }

    [Fact]
    public async Task Jobs_for_registered_workers_get_no_message_and_do_not_hold_up_those_of_the_built_in_one()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(
            InstallationManifests.Source("app", here.Uri), WorkersPlace.Action("edge", "worker: {name: edge}"), InstallationManifests.Action("build"),
            InstallationManifests.Trigger("away", "app", "edge"), InstallationManifests.Trigger("here", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.TakeAsync(QueueNames.Jobs));

        // Nor later: not by Observe, and not by a freed slot.
        for (var n = 0; n < 10; n++)
        {
            here.Time.Advance(TimeSpan.FromSeconds(15));
            await here.ObserveAsync();
        }

        var sent = await here.TakeAsync(QueueNames.Jobs);
        Assert.NotEmpty(sent);
        Assert.DoesNotContain(sent, message => message.Contains("\"forWorker\":\"edge\"", StringComparison.Ordinal));
        await here.Process.Get<Pushcart.Jobs.Live.Claiming>().HandleAsync(Pushcart.Jobs.Live.JobMessage.Write((await here.JobsAsync()).Single(j => j.IsRouted)), default);
        Assert.Equal(Pushcart.Jobs.JobState.Queued, (await here.JobsAsync()).Single(j => j.IsRouted).State);
    }
}
