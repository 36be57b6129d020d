using Microsoft.Extensions.DependencyInjection;
using Pushcart.Execution;
using Pushcart.Jobs;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>Runs that do not begin: one that waits for its credentials, and one that never starts.</summary>
[Collection("azurite")]
public sealed class WaitingRunTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Who_observes_a_run_that_waits_for_credentials_gives_them_until_it_begins()
    {
        var cluster = new WaitingCluster { AwaitsCredentials = true };
        await using var here = await SubmittedAsync(cluster);

        await here.ObserveAsync();
        await here.ObserveAsync();
        Assert.Equal(2, cluster.Given.Count);
        var job = await here.JobAsync();
        Assert.All(cluster.Given, spec => Assert.Equal((RunNames.Of(job).Name, job.ClaimKey, job.Commit), (spec.Key.Name, spec.ClaimKey, spec.Checkout.Commit)));

        cluster.AwaitsCredentials = false;
        await here.ObserveAsync();
        Assert.Equal(2, cluster.Given.Count);
    }

    [Fact]
    public async Task A_run_that_never_starts_is_stopped_a_minute_after_its_deadline_with_the_clusters_words()
    {
        var cluster = new WaitingCluster();
        await using var here = await SubmittedAsync(cluster);
        await here.ObserveAsync();

        here.Time.Advance(TimeSpan.FromSeconds(30 + 60));
        await here.ObserveAsync();
        Assert.Equal((JobState.Running, JobStop.None, 0), ((await here.JobAsync()).State, (await here.JobAsync()).Stop, cluster.Deleted));

        here.Time.Advance(TimeSpan.FromSeconds(1));
        await here.ObserveAsync();
        Assert.Equal((JobStop.PendingLimit, "pods are forbidden", 1), ((await here.JobAsync()).Stop, (await here.JobAsync()).Reason, cluster.Deleted));

        cluster.View = null;
        await here.ObserveAsync();
        var ended = Assert.Single(await here.FinishedAsync()).Job;
        Assert.Equal((JobOutcome.Failed, "pods are forbidden"), (ended.Outcome, ended.Reason));
        Assert.Empty(await here.SlotsAsync());
    }

    private async Task<InstallationOnAzurite> SubmittedAsync(WaitingCluster cluster)
    {
        var here = await InstallationOnAzurite.StartAsync(azurite, change: s => s.AddSingleton<IExecutor>(cluster));
        cluster.Time = here.Time;
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", "true", ", activeDeadlineSeconds: 30"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        await here.DeliverJobsAsync();
        return here;
    }

    private sealed class WaitingCluster : IExecutor
    {
        public TimeProvider Time { get; set; } = TimeProvider.System;

        public RunView? View { get; set; }

        public bool AwaitsCredentials { get; set; }

        public List<RunSpec> Given { get; } = [];

        public int Deleted { get; private set; }

        public string Name => "waiting";

        public Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
        {
            View = new() { Key = spec.Key, Uid = "u", Version = "1", Phase = RunPhase.Active, CreatedAt = Time.GetUtcNow(), Reason = "FailedCreate", Message = "pods are forbidden" };
            return Task.FromResult(new CreateAnswer(CreateResult.Created));
        }

        public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => Task.FromResult(new RunList(true, View is null ? [] : [Now(View)]));

        public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => Task.FromResult(new FindAnswer(true, View is null ? null : Now(View)));

        public Task<string?> EnsureCredentialsAsync(RunSpec spec, RunView seen, CancellationToken cancellation)
        {
            Given.Add(spec);
            return Task.FromResult<string?>(null);
        }

        public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation)
        {
            Deleted++;
            return Task.FromResult(new DeleteAnswer(true));
        }

        public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => Task.FromResult(new SetTtlAnswer(true));

        public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => Task.FromResult<string?>(null);

        private RunView Now(RunView view) => view with { AwaitsCredentials = AwaitsCredentials };
    }
}
