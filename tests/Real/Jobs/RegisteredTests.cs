using Microsoft.Extensions.DependencyInjection;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Jobs.Views;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>Jobs of registered workers: their slots, and what Observe does for them and leaves alone. The test is the worker; its run exists nowhere.</summary>
[Collection("azurite")]
public sealed class RegisteredTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan s_pass = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_lease = new JobSettings().Lease;

    [Fact]
    public async Task Another_pod_that_takes_over_has_a_slot_of_its_own_and_the_groups_slot_bears_its_attempt()
    {
        await using var here = await StartedAsync(", concurrency: {group: deploy}");
        here.Time.Advance(s_lease);

        var (result, job) = await ApplyAsync(here, Return(here, "edge/b", slot: 900));

        Assert.Equal((Applied.Changed, JobState.Running, 2, "edge/b", 1), (result, job!.State, job.Attempt, job.Worker, job.Run));
        Assert.Equal(
            [("slot|edge:b|0900", job.Id, 2), ("slot|group:default:deploy|0000", job.Id, 2)],
            await SlotRowsAsync(here));
        Assert.Equal(job, await here.JobAsync());

        // The one that was silent is fenced; the other ends the job, and every slot is free.
        Assert.Equal(Applied.Nothing, (await ApplyAsync(here, Succeeded(here, job, attempt: 1))).Result);
        Assert.Equal(Applied.Changed, (await ApplyAsync(here, Succeeded(here, job, attempt: 2))).Result);
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task A_worker_that_returns_keeps_its_slot_which_bears_the_new_attempt()
    {
        await using var here = await StartedAsync();

        var (result, job) = await ApplyAsync(here, Return(here, "edge/a", slot: 5));

        Assert.Equal((Applied.Changed, 2, "returned edge/a"), (result, job!.Attempt, job.ClaimKey));
        Assert.Equal([("slot|edge:a|0000", job.Id, 2)], await SlotRowsAsync(here));
    }

    [Fact]
    public async Task A_slot_that_another_job_of_the_new_worker_holds_is_told_and_nothing_changes()
    {
        await using var here = await StartedAsync();
        var before = await here.JobAsync();
        await here.ApplyAsync(Trigger("other", "app", "build"));
        await here.DeliverChecksAsync();
        var other = Assert.Single(await here.JobsAsync(), j => j.State == JobState.Queued);
        await Store(here).ApplyAsync(other, new Claim(here.Time.GetUtcNow(), "k", "edge/b", "kubernetes", 0, null, "north"), null, default);
        here.Time.Advance(s_lease);

        Assert.Equal(Applied.SlotTaken, (await ApplyAsync(here, Return(here, "edge/b", slot: 0), before.Id)).Result);
        Assert.Equal(before, (await here.JobsAsync()).Single(j => j.Id == before.Id));
        Assert.Equal(2, (await here.SlotsAsync()).Count);

        Assert.Equal(Applied.Changed, (await ApplyAsync(here, Return(here, "edge/b", slot: 1), before.Id)).Result);
        Assert.Equal(["slot|edge:b|0000", "slot|edge:b|0001"], (await here.SlotsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Of_two_pods_that_take_over_at_once_one_does()
    {
        await using var here = await StartedAsync();
        here.Time.Advance(s_lease);
        var seen = await here.JobAsync();

        var first = await Store(here).ApplyAsync(seen, Return(here, "edge/b", slot: 0), null, default);
        var second = await Store(here).ApplyAsync(seen, Return(here, "edge/c", slot: 0), null, default);

        Assert.Equal((Applied.Changed, Applied.Nothing, "edge/b"), (first.Result, second.Result, second.Job!.Worker));
        Assert.Equal(["slot|edge:b|0000"], await here.SlotsAsync());
    }

    [Fact]
    public async Task A_takeover_whose_answer_is_lost_is_one_attempt_and_one_slot()
    {
        await using var here = await StartedAsync();
        here.Time.Advance(s_lease);
        here.Process.Storage.After = operation =>
        {
            if (!operation.IsWrite)
            {
                return Task.CompletedTask;
            }

            here.Process.Storage.After = null;
            throw new HttpRequestException("the answer is lost");
        };

        var answer = ApplyAsync(here, Return(here, "edge/b", slot: 3));
        await here.WaitAsync(() =>
        {
            here.Time.Advance(StorageSettings.RetryDelay);
            return Task.FromResult(answer.IsCompleted);
        });

        Assert.Equal((Applied.Changed, 2), ((await answer).Result, (await here.JobAsync()).Attempt));
        Assert.Equal([("slot|edge:b|0003", (await here.JobAsync()).Id, 2)], await SlotRowsAsync(here));
    }

    [Fact]
    public async Task A_job_refused_after_its_start_is_queued_without_anything_of_the_start()
    {
        await using var here = await StartedAsync();
        await ApplyAsync(here, new Renewed(here.Time.GetUtcNow(), 1, "cloning"));
        Assert.Equal("cloning", JobView.Of(await here.JobAsync()).Progress);

        await ApplyAsync(here, new CreateBusy(here.Time.GetUtcNow(), 1, "too many"));

        var job = await here.JobAsync();
        Assert.Equal((JobState.Queued, null, null, null, null, null), (job.State, job.StartedAt, job.Takeover, job.Cluster, job.Progress, job.Lease));
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task Observe_does_not_miss_the_run_of_a_registered_worker_nor_ask_for_it()
    {
        var executor = new NoExecutor();
        await using var here = await StartedAsync(change: s => s.AddSingleton<IExecutor>(executor));
        var started = await here.JobAsync();

        // Silent beyond its lease, while Observe is up, with whole lists that lack its run; then with one of its name that has ended.
        await ObserveAsync(here, TimeSpan.FromMinutes(3));
        executor.Runs = [Ended(here, started)];
        await ObserveAsync(here, s_pass);
        Assert.Equal(started, await here.JobAsync());
        Assert.Single(await here.SlotsAsync());

        // Its worker may be in the server's own cluster: the run is stopped by that worker all the same.
        executor.Runs = [Ended(here, started) with { Phase = RunPhase.Active }];
        await ApplyAsync(here, new Cancel(here.Time.GetUtcNow(), "anna"));
        await ObserveAsync(here, s_pass);
        Assert.Equal((JobState.Running, JobStop.Cancel), ((await here.JobAsync()).State, (await here.JobAsync()).Stop));
    }

    [Fact]
    public async Task A_claim_that_was_not_started_is_queued_again_when_its_lease_is_past_whatever_the_lists_are()
    {
        var executor = new NoExecutor();
        await using var here = await ClaimedAsync(change: s => s.AddSingleton<IExecutor>(executor));
        await here.ApplyAsync(Trigger("other", "app", "build"));
        await here.DeliverChecksAsync();
        var ours = Assert.Single(await here.JobsAsync(), j => j.State == JobState.Queued);
        await Store(here).ApplyAsync(ours, new Claim(here.Time.GetUtcNow(), "k", Claiming.Worker, "process", 0, null), null, default);
        var theirs = (await here.JobsAsync()).Single(j => j.IsRegistered);
        executor.Whole = false;

        await ObserveAsync(here, s_lease - s_pass);
        Assert.Equal(theirs, (await here.JobsAsync()).Single(j => j.Id == theirs.Id));
        await ObserveAsync(here, TimeSpan.FromSeconds(30));

        var jobs = await here.JobsAsync();
        var again = jobs.Single(j => j.Id == theirs.Id);
        Assert.Equal((JobState.Queued, 1, null), (again.State, again.LostClaims, again.Cluster));

        // The built-in worker's claim waits for a list that is whole.
        Assert.Equal(JobState.Claimed, jobs.Single(j => j.Id == ours.Id).State);
        Assert.Equal(["slot|builtin|0000"], await here.SlotsAsync());
    }

    [Theory]
    [InlineData("report")]
    [InlineData("retry")]
    [InlineData("report", true)]
    public async Task A_started_job_stays_its_workers_until_its_deadline_and_a_minute_are_past(string onLost, bool cancelled = false)
    {
        // This executor would fail whatever it is asked but lists: nothing of a registered worker's run is looked for here.
        await using var here = await StartedAsync($", activeDeadlineSeconds: 120, retries: 1, onLost: {onLost}", s => s.AddSingleton<IExecutor>(new NoExecutor()));
        var started = await here.JobAsync();
        Assert.Equal(started.StartedAt!.Value.AddSeconds(180), started.Takeover);
        if (cancelled)
        {
            await ApplyAsync(here, new Cancel(here.Time.GetUtcNow(), "anna"));
        }

        await ObserveAsync(here, TimeSpan.FromSeconds(165));
        Assert.Equal((JobState.Running, 1), ((await here.JobAsync()).State, (await here.JobAsync()).Attempt));
        await here.TakeAsync(QueueNames.Jobs);
        await ObserveAsync(here, s_pass);

        Assert.Empty(await here.SlotsAsync());
        if (onLost == "retry")
        {
            var next = await here.JobAsync();
            Assert.Equal((JobState.Queued, 2, "lost", null, null), (next.State, next.Run, next.Reason, next.Cluster, next.Takeover));
            return;
        }

        var finished = Assert.Single(await here.FinishedAsync());
        Assert.Equal(
            cancelled ? (JobOutcome.Cancelled, "may still be running") : (JobOutcome.Lost, "edge/a did not return before its run's deadline"),
            (finished.Job.Outcome!.Value, finished.Job.Reason));
        Assert.Equal(("edge/a", "north", null), (finished.Job.Worker, finished.Job.Cluster, finished.Log));
        Assert.Empty(await here.JobsAsync());
    }

    private async Task<InstallationOnAzurite> ClaimedAsync(string more = "", Action<IServiceCollection>? change = null)
    {
        var here = await InstallationOnAzurite.StartAsync(azurite, change: change);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", more: more), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        await here.TakeAsync(QueueNames.Jobs);
        var job = await here.JobAsync();
        var claim = new Claim(here.Time.GetUtcNow(), "key", "edge/a", "kubernetes", 0, job.Group is null ? null : 0, "north");
        Assert.Equal(Applied.Changed, (await ApplyAsync(here, claim)).Result);
        return here;
    }

    private async Task<InstallationOnAzurite> StartedAsync(string more = "", Action<IServiceCollection>? change = null)
    {
        var here = await ClaimedAsync(more, change);
        Assert.Equal(Applied.Changed, (await ApplyAsync(here, new StartAsked(here.Time.GetUtcNow(), 1, "key", Anew: false))).Result);
        return here;
    }

    // A pass at once, and one every 15 s until so much time is over.
    private static async Task ObserveAsync(InstallationOnAzurite here, TimeSpan time)
    {
        await here.ObserveAsync();
        for (var passed = TimeSpan.Zero; passed < time; passed += s_pass)
        {
            here.Time.Advance(s_pass);
            await here.ObserveAsync();
        }
    }

    private static JobStore Store(InstallationOnAzurite here) => here.Process.Get<JobStore>();

    private static async Task<ApplyAnswer> ApplyAsync(InstallationOnAzurite here, JobEvent happened, string? id = null) =>
        await Store(here).ApplyAsync(id is null ? await here.JobAsync() : (await here.JobsAsync()).Single(j => j.Id == id), happened, null, default);

    private static Returned Return(InstallationOnAzurite here, string worker, int slot) => new(here.Time.GetUtcNow(), worker, "north", $"returned {worker}", slot);

    private static RunSucceeded Succeeded(InstallationOnAzurite here, Job job, int attempt) => new(here.Time.GetUtcNow(), Ended(here, job), attempt);

    private static RunView Ended(InstallationOnAzurite here, Job job) =>
        new() { Key = RunNames.Of(job), Uid = "u", Version = "1", Phase = RunPhase.Succeeded, CreatedAt = here.Time.GetUtcNow() };

    private static async Task<IReadOnlyList<(string Key, string JobId, int Attempt)>> SlotRowsAsync(InstallationOnAzurite here)
    {
        var rows = await here.Live.RangeAsync(JobRow.Partition, Slot.Prefix, select: null, filter: null, default);
        return [.. rows.Select(r => (r.RowKey, r.GetRequired("job"), r.GetInt32("attempt")!.Value))];
    }

    private sealed class NoExecutor : IExecutor
    {
        public bool Whole { get; set; } = true;

        public IReadOnlyList<RunView> Runs { get; set; } = [];

        public string Name => "process";

        public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => Task.FromResult(new RunList(Whole, Runs));

        public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation) => throw new InvalidOperationException("nothing is created here");

        public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => throw new InvalidOperationException("nothing is looked for here");

        public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) => throw new InvalidOperationException("nothing is deleted here");

        public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => throw new InvalidOperationException("no TTL is set here");

        public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => throw new InvalidOperationException("no log is read here");
    }
}
