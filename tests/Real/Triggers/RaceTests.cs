using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>Checks that meet each other, or the death of their process.</summary>
[Collection("azurite")]
public sealed class RaceTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Two_triggers_of_one_remote_and_one_credential_are_one_request()
    {
        await using var here = await InstallationOnAzurite.StartAsync(
            azurite, [("Secrets:default:login:token", "Bearer x"), ("Secrets:default:other:token", "Bearer y")]);
        here.Repository.Commit("a", "1");
        const string Login = ", authConfig: {type: token, secretRef: {name: login}}";
        await here.ApplyAsync(
            Source("app", here.Uri, Login),
            Source("same", here.Uri, Login),
            Source("other", here.Uri, Login.Replace("login", "other", StringComparison.Ordinal)),
            Action("build"),
            Trigger("one", "app", "build"),
            Trigger("two", "same", "build", "reference: {branch: main}, onChangeOnly: false"));
        await here.DeliverChecksAsync();
        Assert.Equal((1, 2), (here.Process.Git.Requests, (await here.JobsAsync()).Count));

        await here.ApplyAsync(Trigger("three", "other", "build"));
        await here.TakeAsync(QueueNames.Checks);
        here.Process.Git.Clear();
        await here.CheckAgainAsync();
        Assert.Equal(2, here.Process.Git.Requests);
    }

    [Fact]
    public async Task Two_triggers_of_one_source_with_different_actions_are_one_request_and_two_jobs()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(
            Source("app", here.Uri), Action("build"), Action("test"), Trigger("build", "app", "build"), Trigger("test", "app", "test"));

        await here.DeliverChecksAsync();

        Assert.Equal(1, here.Process.Git.Requests);
        Assert.Equal(["build", "test"], (await here.JobsAsync()).Select(j => j.ActionName).Order());
        await here.DeliverJobsAsync();
        Assert.Equal(2, (await here.SlotsAsync()).Count);
        Assert.All((await here.FinishAsync()), f => Assert.Equal(JobOutcome.Succeeded, f.Job.Outcome));
    }

    [Fact]
    public async Task Two_checks_of_one_source_at_the_same_time_are_one_job()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build"));
        var message = Assert.Single(await here.TakeAsync(QueueNames.Checks));
        var (one, other) = (here.Process, here.NewProcess());

        // Both have git's answer before either writes.
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        one.Git.After = other.Git.After = () =>
        {
            if (Interlocked.Increment(ref waiting) == 2)
            {
                met.SetResult();
            }

            return met.Task;
        };
        await Task.WhenAll(one.Get<Checking>().HandleAsync(message, default), other.Get<Checking>().HandleAsync(message, default));

        Assert.Single(await here.JobsAsync());
        Assert.Equal(0, await here.LengthAsync(QueueNames.Checks));
    }

    [Fact]
    public async Task An_older_answer_of_git_that_arrives_last_does_not_fire()
    {
        await using var here = await FailureTests.FiredAsync(azurite);
        var newest = here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();
        var message = Assert.Single(await here.TakeAsync(QueueNames.Checks));
        here.Repository.SetBranch("main", (await here.SourceAsync()).Commit!);

        // The slow one is answered while the branch has the older commit, and held back until another check has seen the newest and the one after.
        var (asked, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        var slow = here.NewProcess();
        slow.Git.After = () =>
        {
            slow.Git.After = null;
            asked.SetResult();
            return goOn.Task;
        };
        here.Repository.SetBranch("main", newest);
        var late = slow.Get<Checking>().HandleAsync(message, default);
        await asked.Task;
        var later = here.Repository.Commit("a", "3");
        await here.Process.Get<Checking>().HandleAsync(message, default);
        goOn.SetResult();
        await late;

        Assert.Equal(later, (await here.JobsAsync())[^1].Commit);
        Assert.Equal(2, (await here.JobsAsync()).Count);
        Assert.Equal(later, (await here.SourceAsync()).Commit);
    }

    [Theory]
    [InlineData("write", TableNames.Live, false)]
    [InlineData("write", TableNames.Live, true)]
    [InlineData("send", QueueNames.Jobs, false)]
    [InlineData("send", QueueNames.Jobs, true)]
    public async Task A_process_that_dies_between_the_commit_and_the_job_runs_it_once(string kind, string name, bool done)
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", "echo ran"), Trigger("app", "app", "build"));
        here.Process.Storage.DieAt(kind, name, done);
        await Assert.ThrowsAsync<ProcessDiedException>(() => here.DeliverChecksAsync());

        // The message comes back to another process.
        var heir = here.NewProcess();
        await here.DeliverChecksAsync(heir);
        await here.UntilAsync(async () => (await here.JobsAsync()).Count == 0, TimeSpan.FromSeconds(10), heir);

        Assert.Equal(JobOutcome.Succeeded, Assert.Single(await here.FinishedAsync()).Job.Outcome);
    }

    [Fact]
    public async Task An_answer_of_storage_that_is_lost_is_told_from_a_conflict()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build"));
        here.Process.Storage.After = operation =>
        {
            if (operation is not { Kind: "write", Name: TableNames.Live })
            {
                return Task.CompletedTask;
            }

            here.Process.Storage.After = null;
            throw new HttpRequestException("the connection was cut");
        };

        var delivered = here.DeliverChecksAsync();
        await here.WaitAsync(() =>
        {
            here.Time.Advance(TimeSpan.FromMilliseconds(100));
            return Task.FromResult(delivered.IsCompleted);
        });
        await delivered;

        var job = await here.JobAsync();
        Assert.Equal(job.Id, (await here.SourceAsync()).LastJob);
        Assert.Equal(JobOutcome.Succeeded, Assert.Single(await here.FinishAsync()).Job.Outcome);
    }
}
