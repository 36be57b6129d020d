using Pushcart.Execution;
using Pushcart.Execution.Process;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Jobs;

/// <summary>What is kept of jobs, and for how long.</summary>
[Collection("azurite")]
public sealed class HistoryTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_history_row_tells_all_about_its_job()
    {
        await using var here = await EndTests.SubmittedAsync(azurite, "echo $ACTION_JOB_TRIGGER_SOURCE_COMMIT; env | grep -c ^ACTION_JOB_");
        var previous = (await here.JobAsync()).Commit;
        await here.FinishAsync();
        var commit = here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        var submitted = here.Time.GetUtcNow();
        await here.FinishAsync();

        var (job, run, log) = (await here.FinishedAsync())[^1];
        Assert.Equal((1, 1, "poll", JobOutcome.Succeeded, 0), (job.Run, job.Attempt, job.Cause, job.Outcome, job.ExitCode));
        Assert.Equal((ResourceKind.ScheduleTrigger, "default", "app"), (job.TriggerKind, job.Namespace, job.TriggerName));
        Assert.Equal((ResourceKind.GitRepo, "app", ResourceKind.Action, "build"), (job.SourceKind, job.SourceName, job.ActionKind, job.ActionName));
        Assert.Equal((ReferenceType.Branch, "main", commit, previous), (job.ReferenceType, job.ReferenceName, job.Commit, job.PreviousCommit));
        Assert.Equal(("builtin", "process", $"build-{job.Id}-1"), (job.Worker, job.Executor, run));
        Assert.InRange(submitted - job.SubmittedAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.True(job.ClaimedAt >= job.SubmittedAt && job.EndedAt >= job.ClaimedAt);
        Assert.NotNull(job.StartedAt);
        Assert.Equal($"{commit}\n11\n", log);

        var view = await here.Process.Get<JobQueries>().FindAsync(job.Id, AllowedNamespaces.All, default);
        Assert.Equal(("succeeded", "GitRepo default/app", "branch main", log), (view!.State, view.Source, view.Reference, view.Log));
        Assert.Equal(job.Id, (await here.Process.Get<JobQueries>().PageAsync(new(null, null, null, null, null, null), null, AllowedNamespaces.All, default)).Value!.Jobs[0].Id);
    }

    [Fact]
    public async Task An_action_edited_or_deleted_while_a_job_waits_runs_as_it_was_submitted()
    {
        await using var here = await EndTests.SubmittedAsync(azurite, "echo as submitted");
        await here.ApplyAsync(Action("build", "echo edited"));
        await here.ApplyAsync(prune: true, Source("other", here.Uri));

        var finished = Assert.Single(await here.FinishAsync());

        Assert.Equal((JobOutcome.Succeeded, "as submitted\n"), (finished.Job.Outcome, finished.Log));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_archive_that_dies_before_or_after_the_last_delete_leaves_one_history_row(bool done)
    {
        await using var here = await EndTests.SubmittedAsync(azurite, "echo once");
        await here.DeliverJobsAsync();
        var executor = here.Process.Get<ProcessExecutor>();
        await here.WaitAsync(async () => (await executor.ListAsync(["default"], default)).Runs is [{ Phase: RunPhase.Succeeded, Alive: false }]);

        // After the end and the history row, the delete is the next write of a live row.
        var written = false;
        Task DieAsync(StorageOperation operation)
        {
            written |= operation is { IsWrite: true, Name: TableNames.History };
            return written && operation is { IsWrite: true, Name: TableNames.Live } ? throw new ProcessDiedException() : Task.CompletedTask;
        }

        here.Process.Storage.Before = done ? null : DieAsync;
        here.Process.Storage.After = done ? DieAsync : null;
        await Assert.ThrowsAsync<ProcessDiedException>(() => here.ObserveAsync());
        (here.Process.Storage.Before, here.Process.Storage.After) = (null, null);
        Assert.Equal((done ? 0 : 1, 1), ((await here.JobsAsync()).Count, (await here.FinishedAsync()).Count));
        await here.FinishAsync();

        Assert.Empty(await here.JobsAsync());
        var finished = Assert.Single(await here.FinishedAsync());
        Assert.Equal((JobOutcome.Succeeded, "once\n"), (finished.Job.Outcome, finished.Log));
    }

    [Theory]
    [InlineData("0", 3650.0, true)]
    [InlineData("30s", 0.0003, true)]
    [InlineData("30s", 0.0004, false)]
    [InlineData("24h", 0.9, true)]
    [InlineData("24h", 1.1, false)]
    [InlineData(null, 29.9, true)]
    [InlineData(null, 30.1, false)]
    public async Task History_is_kept_for_its_expiration_counted_from_the_end(string? expiration, double daysAfterEnd, bool kept)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, [("History:Expiration", expiration)]);
        var ended = here.Time.GetUtcNow() - TimeSpan.FromDays(daysAfterEnd);

        // It ran for an hour: its submission alone says nothing about its end.
        await here.History.InsertAsync([(Ended(ended - TimeSpan.FromHours(1), ended), "log")], default);

        await here.Process.Get<HistoryCleaning>().CleanAsync(default);

        Assert.Equal(kept ? 1 : 0, (await here.FinishedAsync()).Count);
    }

    [Fact]
    public async Task History_whose_live_row_is_still_there_is_left()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var ended = here.Time.GetUtcNow() - TimeSpan.FromDays(40);
        var job = Ended(ended, ended);
        await here.History.InsertAsync([(job, null), (Ended(ended, ended), null)], default);
        await here.Live.WriteAsync([Change.Insert(JobRow.New(job))], default);

        await here.Process.Get<HistoryCleaning>().CleanAsync(default);

        Assert.Equal(job.Id, Assert.Single(await here.FinishedAsync()).Job.Id);
    }

    [Fact]
    public async Task A_clean_up_that_meets_another_one_deletes_the_rest()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var ended = here.Time.GetUtcNow() - TimeSpan.FromDays(40);
        await here.History.InsertAsync([.. Enumerable.Range(0, 30).Select(n => (Ended(ended.AddSeconds(n), ended.AddSeconds(n)), (string?)null))], default);
        var other = here.NewProcess();

        await Task.WhenAll(here.Process.Get<HistoryCleaning>().CleanAsync(default), other.Get<HistoryCleaning>().CleanAsync(default));

        Assert.Empty(await here.FinishedAsync());
    }

    internal static Job Ended(DateTimeOffset submitted, DateTimeOffset ended)
    {
        var id = JobId.New(submitted, Chance.System);
        return new()
        {
            Id = id,
            State = JobState.Ended,
            Outcome = JobOutcome.Succeeded,
            SubmittedAt = JobId.SubmittedAt(id),
            WaitingSince = submitted,
            NotBefore = submitted,
            SendAt = submitted,
            EndedAt = ended,
            Namespace = "default",
            SourceKind = ResourceKind.GitRepo,
            SourceName = "app",
            ReferenceType = ReferenceType.Branch,
            ReferenceName = "main",
            Commit = new('a', 40),
            Cause = "poll",
            ActionKind = ResourceKind.Action,
            ActionName = "build",
        };
    }
}
