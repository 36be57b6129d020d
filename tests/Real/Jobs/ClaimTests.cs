using Microsoft.Extensions.DependencyInjection;
using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Jobs;
using Pushcart.Jobs.Live;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>From the message to the run, also where a process dies in between.</summary>
[Collection("azurite")]
public sealed class ClaimTests(AzuriteFixture azurite)
{
    private static readonly TimeSpan s_pass = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_job_claimed_by_two_at_once_is_claimed_by_one_and_runs_once()
    {
        await using var here = await SubmittedAsync();
        var message = Assert.Single(await here.TakeAsync(QueueNames.Jobs));
        var other = here.NewProcess();
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        Task MeetAsync(StorageOperation operation)
        {
            if (operation is { IsWrite: true, Name: TableNames.Live } && !met.Task.IsCompleted && Interlocked.Increment(ref waiting) == 2)
            {
                met.SetResult();
            }

            return operation is { IsWrite: true, Name: TableNames.Live } ? met.Task : Task.CompletedTask;
        }

        (here.Process.Storage.Before, other.Storage.Before) = (MeetAsync, MeetAsync);
        await Task.WhenAll(here.Process.Get<Claiming>().HandleAsync(message, default), other.Get<Claiming>().HandleAsync(message, default));

        Assert.Equal(1, (await here.JobAsync()).Attempt);
        Assert.Single(await here.SlotsAsync());
        var finished = Assert.Single(await here.FinishAsync());
        Assert.Equal((1, 1, "ran\n"), (finished.Job.Attempt, finished.Job.Run, finished.Log));
        Assert.Empty(await here.SlotsAsync());
    }

    [Fact]
    public async Task A_claimer_that_dies_before_the_create_is_followed_by_attempt_2_of_the_same_run()
    {
        await using var here = await SubmittedAsync();
        here.Process.Storage.DieAt("write", TableNames.Live, done: true);
        await Assert.ThrowsAsync<ProcessDiedException>(() => here.DeliverJobsAsync());
        var claimed = await here.JobAsync();
        Assert.Equal((JobState.Claimed, 1), (claimed.State, claimed.Attempt));

        var heir = here.NewProcess();
        await here.UntilAsync(async () => (await here.JobAsync()).State == JobState.Queued, s_pass, heir);
        Assert.True(here.Time.GetUtcNow() >= claimed.Lease);
        Assert.Empty(await here.SlotsAsync());
        await here.UntilAsync(async () => (await here.JobsAsync()).Count == 0, s_pass, heir);

        var finished = Assert.Single(await here.FinishedAsync());
        Assert.Equal((JobOutcome.Succeeded, 2, 1, "ran\n"), (finished.Job.Outcome, finished.Job.Attempt, finished.Job.Run, finished.Log));
        Assert.Equal([finished.RunName], here.RunDirectories());
    }

    [Fact]
    public async Task A_claimer_that_dies_after_the_create_has_its_run_adopted()
    {
        await using var here = await SubmittedAsync(s => s.AddSingleton<IExecutor>(
            p => new OtherExecutor(p.GetRequiredService<ProcessExecutor>()) { AfterCreate = () => throw new ProcessDiedException() }));
        await Assert.ThrowsAsync<ProcessDiedException>(() => here.DeliverJobsAsync());

        var heir = here.NewProcess();
        await here.UntilAsync(async () => (await here.JobsAsync()).Count == 0, s_pass, heir);

        var finished = Assert.Single(await here.FinishedAsync());
        Assert.Equal((JobOutcome.Succeeded, 1, 1, "ran\n"), (finished.Job.Outcome, finished.Job.Attempt, finished.Job.Run, finished.Log));
        Assert.Single(here.RunDirectories());
    }

    [Fact]
    public async Task Six_claims_lost_without_a_start_fail_the_job_with_what_create_answered_last()
    {
        var claims = new List<DateTimeOffset>();
        var time = TimeProvider.System;
        await using var here = await SubmittedAsync(s =>
        {
            time = (TimeProvider)s.Single(d => d.ServiceType == typeof(TimeProvider)).ImplementationInstance!;
            s.AddSingleton<IExecutor>(p => new OtherExecutor(p.GetRequiredService<ProcessExecutor>())
            {
                InsteadOfCreate = () =>
                {
                    claims.Add(time.GetUtcNow());
                    return new(CreateResult.Unknown, "the disk is on fire");
                },
            });
        });

        var finished = Assert.Single(await here.FinishAsync(s_pass)).Job;

        Assert.Equal((JobOutcome.Failed, 6, 1), (finished.Outcome, finished.Attempt, finished.Run));
        Assert.Equal("never started: the disk is on fire", finished.Reason);
        var waits = claims.Zip(claims.Skip(1), (a, b) => b - a - TimeSpan.FromSeconds(60)).ToList();
        foreach (var (wait, least) in waits.Zip([0, 1, 2, 4, 8]))
        {
            Assert.InRange(wait, TimeSpan.FromMinutes(least), TimeSpan.FromMinutes(least) + (4 * s_pass));
        }

        Assert.Equal(5, waits.Count);
        Assert.Empty(here.RunDirectories());
    }

    [Fact]
    public async Task A_message_that_is_late_or_doubled_changes_nothing()
    {
        await using var here = await SubmittedAsync();
        var message = Assert.Single(await here.TakeAsync(QueueNames.Jobs));
        var claiming = here.Process.Get<Claiming>();
        await claiming.HandleAsync(message, default);
        var claimed = await here.JobAsync();

        await claiming.HandleAsync(message, default);
        Assert.Equal(claimed, await here.JobAsync());
        Assert.Single(await here.SlotsAsync());
        await here.FinishAsync();
        await claiming.HandleAsync(message, default);

        Assert.Empty(await here.JobsAsync());
        Assert.Empty(await here.SlotsAsync());
        Assert.Single(await here.FinishedAsync());
        Assert.Equal(0, await here.LengthAsync(QueueNames.Jobs));
    }

    [Fact]
    public async Task A_message_of_an_older_attempt_does_not_start_the_next_run_before_its_time()
    {
        await using var here = await SubmittedAsync(more: ", retries: 1", script: "exit 1");
        var message = Assert.Single(await here.TakeAsync(QueueNames.Jobs));
        await here.Process.Get<Claiming>().HandleAsync(message, default);
        await here.UntilAsync(async () => (await here.JobAsync()).Run == 2);

        await here.Process.Get<Claiming>().HandleAsync(message, default);

        var job = await here.JobAsync();
        Assert.Equal((JobState.Queued, 1, 2), (job.State, job.Attempt, job.Run));
        Assert.Equal(TimeSpan.FromSeconds(10), job.NotBefore - here.Time.GetUtcNow());
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{\"v\":1,\"id\":\"short\"}")]
    public async Task A_message_that_cannot_be_read_ends_as_a_dead_row_with_its_text(string text)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await Assert.ThrowsAsync<InvalidDataException>(() => here.Process.Get<Claiming>().HandleAsync(text, default));

        await here.Process.Get<PoisonJobs>().HandleAsync(text, default);

        var dead = Assert.Single(await here.DeadAsync(QueueNames.Jobs));
        Assert.Equal(text, dead.GetText("text"));
        Assert.Contains("queue 'jobs'", dead.GetText("reason"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_message_is_sent_again_within_a_minute_and_a_pass()
    {
        await using var here = await SubmittedAsync();
        await here.TakeAsync(QueueNames.Jobs);
        for (var passed = TimeSpan.Zero; passed < TimeSpan.FromMinutes(1); passed += s_pass)
        {
            await here.ObserveAsync();
            Assert.Equal(0, await here.LengthAsync(QueueNames.Jobs));
            here.Time.Advance(s_pass);
        }

        await here.ObserveAsync();
        Assert.Equal(1, await here.LengthAsync(QueueNames.Jobs));
        await here.ObserveAsync();
        Assert.Equal(1, await here.LengthAsync(QueueNames.Jobs));
        Assert.Single(await here.FinishAsync());
    }

    [Fact]
    public async Task A_missing_secret_of_the_clone_fails_the_job_and_names_it()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, [("Secrets:default:login:token", "Bearer x")]);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(
            Source("app", here.Uri, ", authConfig: {type: token, secretRef: {name: login}}"), Action("build"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        here.Process.Set("Secrets:default:login:token", null);

        var finished = Assert.Single(await here.FinishAsync()).Job;

        Assert.Equal((JobOutcome.Failed, 1), (finished.Outcome, finished.Attempt));
        Assert.Contains("default/login", finished.Reason, StringComparison.Ordinal);
        Assert.Empty(await here.SlotsAsync());
    }

    private async Task<InstallationOnAzurite> SubmittedAsync(Action<IServiceCollection>? change = null, string script = "echo ran", string more = "")
    {
        var here = await InstallationOnAzurite.StartAsync(azurite, change: change);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", script, more), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Equal(JobState.Queued, (await here.JobAsync()).State);
        return here;
    }

    private sealed class OtherExecutor(IExecutor inner) : IExecutor
    {
        public Func<CreateAnswer>? InsteadOfCreate { get; init; }

        public Action? AfterCreate { get; init; }

        public string Name => inner.Name;

        public async Task<CreateAnswer> CreateAsync(RunSpec spec, CancellationToken cancellation)
        {
            if (InsteadOfCreate is { } instead)
            {
                return instead();
            }

            var answer = await inner.CreateAsync(spec, cancellation);
            AfterCreate?.Invoke();
            return answer;
        }

        public Task<RunList> ListAsync(IReadOnlyCollection<string> namespaces, CancellationToken cancellation) => inner.ListAsync(namespaces, cancellation);

        public Task<FindAnswer> FindAsync(RunKey key, CancellationToken cancellation) => inner.FindAsync(key, cancellation);

        public Task<DeleteAnswer> DeleteAsync(RunView seen, CancellationToken cancellation) => inner.DeleteAsync(seen, cancellation);

        public Task<SetTtlAnswer> SetTtlAsync(RunKey key, TimeSpan ttl, CancellationToken cancellation) => inner.SetTtlAsync(key, ttl, cancellation);

        public Task<string?> ReadLogTailAsync(RunKey key, int bytes, CancellationToken cancellation) => inner.ReadLogTailAsync(key, bytes, cancellation);
    }
}
