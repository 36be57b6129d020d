using System.Net;
using Pushcart.Tests.Support;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Real.Workers;

/// <summary>What a new process of a worker is given, over HTTP by a running host.</summary>
[Collection("calls")]
public sealed class ReturnTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_new_process_of_the_name_goes_on_with_its_started_jobs_in_its_cluster()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync();
        for (var n = 0; n < 3; n++)
        {
            await here.SubmitAsync();
        }

        var (one, two, three) = (await worker.StartedAsync(), await worker.StartedAsync(), await worker.ClaimedAsync());
        worker.Cluster = "south";
        Assert.Empty(await TestWorker.JobsOf(worker.ReturnAsync()));
        worker.Cluster = "north";

        foreach (var mine in (IReadOnlyList<ClaimAnswer>[])[await TestWorker.JobsOf(worker.ReturnAsync("the-new-process")), await TestWorker.JobsOf(worker.ReturnAsync("the-new-process"))])
        {
            Assert.Equal([(one.Job.Id, 2), (two.Job.Id, 2)], mine.Select(c => (c.Job.Id, c.Attempt)).Order());
            Assert.All(mine, c => Assert.Equal("the-new-process", c.Key));
            Assert.All(mine, c => Assert.NotNull(c.Job.Snapshots));
        }

        Assert.Equal((409, "taken_over"), (await worker.RenewAsync(one)).Reason());
        var again = one with { Attempt = 2, Key = "the-new-process" };
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(again)).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.ReportAsync(again, ReportWords.Succeeded)).Status);
        Assert.Equal(HttpStatusCode.OK, (await worker.StartAsync(three)).Status);
    }

    [Fact]
    public async Task A_return_that_arrives_late_takes_no_job_from_the_process_that_has_come_since_nor_from_the_one_that_asked()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        var worker = await here.RegisteredAsync(with: w => w.Process = "process-one");
        await worker.CheckInAsync();
        var id = await here.SubmitAsync();
        await worker.StartedAsync("process-one--1");
        Assert.Empty(await TestWorker.JobsOf(worker.ReturnAsync("process-one--2")));

        worker.Process = "process-two";
        await worker.CheckInAsync();
        Assert.Equal((409, "workers.not_checked_in"), (await worker.ReturnAsync("process-one--3")).Error);
        var mine = Assert.Single(await TestWorker.JobsOf(worker.ReturnAsync("process-two--1")));

        Assert.Equal((id, 2), (mine.Job.Id, mine.Attempt));
        Assert.Equal((409, "workers.not_checked_in"), (await worker.ReturnAsync("process-one--4")).Error);
        Assert.Empty(await TestWorker.JobsOf(worker.ReturnAsync("process-two--2")));
        Assert.Equal(HttpStatusCode.OK, (await worker.RenewAsync(mine)).Status);
    }

    [Fact]
    public async Task It_is_told_the_namespaces_of_the_actions_that_ask_for_it_and_of_the_triggers_of_shared_ones_and_no_others()
    {
        await using var here = await WorkersPlace.StartAsync(azurite);
        const string Shared = "{apiVersion: pushcart.dev/v1, kind: ClusterAction, metadata: {name: any}, spec: {actionJob: {actionImage: busybox, command: [sh], worker: {labels: {zone: a} } } } }";
        await here.ApplyAsync(
            Shared,
            WorkersPlace.Action("named", "worker: {name: edge}", "named"),
            WorkersPlace.Action("labelled", "worker: {labels: {zone: b}}", "labelled"),
            WorkersPlace.Action("other", "worker: {name: other}", "other"),
            WorkersPlace.Action("here", "retries: 1", "here"),
            InstallationManifests.Source("app", "https://git.example.com/app.git", ns: "triggered"),
            InstallationManifests.Trigger("app", "app", "any", more: ", suspend: true", ns: "triggered").Replace("kind: Action,", "kind: ClusterAction,", StringComparison.Ordinal));
        var (edge, other) = (await here.RegisteredAsync(), await here.RegisteredAsync("other"));
        var some = await here.WithServiceTokenAsync("pod/a", ["labelled", "here"]);

        Assert.Equal(["default", "labelled", "named", "triggered"], await NamespacesAsync(edge));
        Assert.Equal(["labelled", "other", "triggered"], await NamespacesAsync(other));
        Assert.Equal(["labelled"], await NamespacesAsync(some));

        // A pod that asks again for the jobs of silent ones, as it does all the time, costs no more for that.
        Assert.Null(WireJson.Read<ReturnAnswer>((await edge.ReturnAsync()).Json.ToString()).Namespaces);

        static async Task<IEnumerable<string>?> NamespacesAsync(TestWorker worker) => WireJson.Read<ReturnAnswer>((await worker.ReturnAsync(namespaces: true)).Json.ToString()).Namespaces;
    }
}
