using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;
using Pushcart.Triggers.Steering;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>Jobs without a check: re-runs, and jobs that somebody asks for.</summary>
[Collection("azurite")]
public sealed class RequestTests(AzuriteFixture azurite)
{
    private static readonly ResourceName s_action = new(ResourceKind.Action, "default", "build");
    private static readonly ResourceName s_source = new(ResourceKind.GitRepo, "default", "app");

    [Fact]
    public async Task A_rerun_of_a_finished_job_is_a_new_job_of_the_same_commit_with_the_action_as_it_is_now()
    {
        await using var here = await FinishedAsync();
        var first = Assert.Single(await here.FinishedAsync()).Job;
        here.Repository.Commit("a", "2");
        await here.ApplyAsync(Action("build", "echo now by $ACTION_JOB_TRIGGER_NAME"));

        var created = New(await RequestAsync(here, JobRequest.Rerun("key-1", "body", first, "anna")));

        var finished = (await here.FinishAsync())[^1];
        Assert.Equal((created.Id, first.Id, first.Commit, JobOutcome.Succeeded), (finished.Job.Id, finished.Job.RerunOf, finished.Job.Commit, finished.Job.Outcome));
        Assert.Equal($"re-run of {first.Id} by anna", finished.Job.Cause);
        Assert.Equal("now by app\n", finished.Log);
        Assert.Equal(2, (await here.FinishedAsync()).Count);
    }

    [Fact]
    public async Task A_job_without_a_trigger_runs_at_the_commit_that_its_reference_has_now()
    {
        await using var here = await FinishedAsync("env | grep -c ACTION_JOB_TRIGGER_NAME || true");
        var commit = here.Repository.Commit("a", "2");

        var created = New(await RequestAsync(here, Asked("key-1")));

        var finished = (await here.FinishAsync())[^1];
        Assert.Equal((created.Id, commit, null, null, "anna"), (finished.Job.Id, finished.Job.Commit, finished.Job.TriggerKind, finished.Job.RerunOf, finished.Job.Cause));
        Assert.Equal("0\n", finished.Log);
    }

    [Fact]
    public async Task The_same_request_twice_is_one_job_also_when_that_has_ended_and_its_action_is_gone()
    {
        await using var here = await FinishedAsync();
        var created = New(await RequestAsync(here, Asked("key-1")));

        Assert.Equal(new(created.Id), (await RequestAsync(here, Asked("key-1"))).Value);
        await here.FinishAsync();
        await here.ApplyAsync(prune: true, Source("app", here.Uri));
        Assert.Equal(new(created.Id), (await RequestAsync(here, Asked("key-1"))).Value);

        Assert.Empty(await here.JobsAsync());
        Assert.Equal(2, (await here.FinishedAsync()).Count);
    }

    [Fact]
    public async Task The_same_request_twice_at_once_is_one_job()
    {
        await using var here = await FinishedAsync();
        var other = here.NewProcess();
        var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = 0;
        Task MeetAsync(StorageOperation operation)
        {
            if (operation is { IsWrite: true, Name: TableNames.Live } && Interlocked.Increment(ref waiting) == 2)
            {
                met.SetResult();
            }

            return operation is { IsWrite: true, Name: TableNames.Live } ? met.Task : Task.CompletedTask;
        }

        (here.Process.Storage.Before, other.Storage.Before) = (MeetAsync, MeetAsync);
        var answers = await Task.WhenAll(RequestAsync(here, Asked("key-1")), RequestAsync(here, Asked("key-1"), other));

        var job = await here.JobAsync();
        Assert.Equal([new(job.Id), new(job.Id) { IsNew = true }], answers.Select(answer => answer.Value!).OrderBy(answer => answer.IsNew));
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_told_and_writes_nothing()
    {
        await using var here = await FinishedAsync();
        await RequestAsync(here, Asked("key-1"));

        Assert.Equal(RefusalCodes.OtherRequest, (await RequestAsync(here, Asked("key-1") with { BodyHash = "other", Commit = new string('a', 40) })).Refusal!.Code);

        await here.JobAsync();
        Assert.Single(await new LiveSources(here.Live).DeliveriesAsync(default));
    }

    [Fact]
    public async Task A_request_whose_own_answer_is_lost_is_created_and_runs()
    {
        await using var here = await FinishedAsync();
        here.Process.Storage.After = operation =>
        {
            if (!operation.IsWrite)
            {
                return Task.CompletedTask;
            }

            here.Process.Storage.After = null;
            throw new HttpRequestException("the answer is lost");
        };

        var answer = RequestAsync(here, Asked("key-1"));
        await here.WaitAsync(() =>
        {
            here.Time.Advance(StorageSettings.RetryDelay);
            return Task.FromResult(answer.IsCompleted);
        });

        Assert.Equal((await here.JobAsync()).Id, New(await answer).Id);
        await here.DeliverJobsAsync();
        Assert.Equal(JobState.Claimed, (await here.JobAsync()).State);
    }

    [Theory]
    [InlineData("write", TableNames.Live, false)]
    [InlineData("write", TableNames.Live, true)]
    [InlineData("send", QueueNames.Jobs, false)]
    public async Task A_process_that_dies_while_it_is_asked_leaves_one_job_once_it_is_asked_again(string kind, string name, bool done)
    {
        await using var here = await FinishedAsync();
        here.Process.Storage.DieAt(kind, name, done);
        await Assert.ThrowsAsync<ProcessDiedException>(() => RequestAsync(here, Asked("key-1")));

        var again = await RequestAsync(here, Asked("key-1"), here.NewProcess());

        var job = await here.JobAsync();
        Assert.Equal(new(job.Id) { IsNew = kind == "write" && !done }, again.Value);
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        Assert.True(await here.LengthAsync(QueueNames.Jobs) > 0);
        Assert.Equal(2, (await here.FinishAsync()).Count);
    }

    [Fact]
    public async Task A_message_that_cannot_be_sent_follows_from_the_row()
    {
        await using var here = await FinishedAsync();
        here.Process.Storage.Before = operation => operation is { Kind: "send" } ? throw new HttpRequestException("no queue") : Task.CompletedTask;

        var answer = RequestAsync(here, Asked("key-1"));
        await here.WaitAsync(() =>
        {
            here.Time.Advance(StorageSettings.RetryDelay);
            return Task.FromResult(answer.IsCompleted);
        });

        New(await answer);
        here.Process.Storage.Before = null;
        Assert.Equal(0, await here.LengthAsync(QueueNames.Jobs));
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        Assert.Equal(1, await here.LengthAsync(QueueNames.Jobs));
    }

    [Fact]
    public async Task What_is_gone_is_named_and_nothing_is_written()
    {
        await using var here = await FinishedAsync();
        var first = Assert.Single(await here.FinishedAsync()).Job;
        await here.ApplyAsync(prune: true, Source("app", here.Uri));

        Assert.Equal(new Refusal(RefusalCodes.ActionMissing, "Action default/build does not exist"), (await RequestAsync(here, JobRequest.Rerun("key-1", "body", first, "anna"))).Refusal);

        await here.ApplyAsync(prune: true, Action("build"));
        Assert.Equal(new Refusal(RefusalCodes.SourceMissing, "GitRepo default/app does not exist"), (await RequestAsync(here, Asked("key-1"))).Refusal);
        Assert.Empty(await here.JobsAsync());
        Assert.Empty(await new LiveSources(here.Live).DeliveriesAsync(default));
    }

    [Fact]
    public async Task Where_git_does_not_answer_nothing_is_written_and_a_rerun_needs_no_git()
    {
        await using var here = await FinishedAsync();
        var first = Assert.Single(await here.FinishedAsync()).Job;
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };

        Assert.Contains("503", Unreachable(await RequestAsync(here, Asked("key-1"))), StringComparison.Ordinal);
        Assert.Empty(await here.JobsAsync());
        Assert.Empty(await new LiveSources(here.Live).DeliveriesAsync(default));

        New(await RequestAsync(here, JobRequest.Rerun("key-1", "body", first, "anna")));
    }

    [Fact]
    public async Task Git_that_hangs_is_waited_for_15_s()
    {
        await using var here = await FinishedAsync();
        var asked = new TaskCompletionSource();
        here.OnGitRequest = async (_, stop) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return true;
        };

        var answer = RequestAsync(here, Asked("key-1"));
        await asked.Task;
        here.Time.Advance(TimeSpan.FromSeconds(15));

        Assert.Contains("default/app", Unreachable(await answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_source_that_the_action_clones_instead_is_resolved_too()
    {
        await using var here = await FinishedAsync();
        var tools = here.NewRepository("tools");
        var commit = tools.Commit("b", "1");
        await here.ApplyAsync(
            Source("tools", here.Git.UriOf(tools.Name)),
            """
            apiVersion: pushcart.dev/v1
            kind: Action
            metadata: { name: build, namespace: default }
            spec: {actionJob: {command: [cat, b]}, sourceOverride: {kind: GitRepo, name: tools, reference: {branch: main} } }
            """);

        await RequestAsync(here, Asked("key-1"));

        var job = await here.Process.Get<JobStore>().FindAsync((await here.JobAsync()).Id, default);
        Assert.Equal((commit, here.Repository.Tip("main")), (job!.Snapshots!.OverrideCommit, job.Commit));
        Assert.NotNull(job.Snapshots.Override);
    }

    [Fact]
    public async Task A_rerun_neither_supersedes_nor_is_superseded()
    {
        await using var here = await FinishedAsync(more: ", concurrency: {cancelSuperseded: true}");
        var first = Assert.Single(await here.FinishedAsync()).Job;
        await RequestAsync(here, JobRequest.Rerun("key-1", "body", first, "anna"));
        here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        await RequestAsync(here, JobRequest.Rerun("key-2", "body", first, "anna"));

        Assert.Equal([JobState.Queued, JobState.Queued, JobState.Queued], (await here.JobsAsync()).Select(j => j.State));
    }

    [Fact]
    public async Task A_request_is_forgotten_after_three_days_and_not_before()
    {
        await using var here = await FinishedAsync();
        await RequestAsync(here, Asked("key-1"));

        here.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        await here.Process.Get<DeliveryCleaning>().CleanAsync(default);
        Assert.Single(await new LiveSources(here.Live).DeliveriesAsync(default));
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.Process.Get<DeliveryCleaning>().CleanAsync(default);

        Assert.Empty(await new LiveSources(here.Live).DeliveriesAsync(default));
    }

    private static JobRequest Asked(string key) => new(key, "body", "default", s_action, s_source, new(ReferenceType.Branch, "main"), null, "anna");

    private static RequestedJob New(Answer<RequestedJob> answer)
    {
        Assert.True(answer.Value is { IsNew: true }, answer.ToString());
        return answer.Value;
    }

    private static string Unreachable(Answer<RequestedJob> answer)
    {
        Assert.Equal(RefusalCodes.GitUnreachable, answer.Refusal?.Code);
        return answer.Refusal!.Message;
    }

    private static Task<Answer<RequestedJob>> RequestAsync(InstallationOnAzurite here, JobRequest what, InstallationProcess? process = null) =>
        (process ?? here.Process).Get<Requesting>().RequestAsync(what, default);

    // A job of the trigger "app" has run to its end.
    private async Task<InstallationOnAzurite> FinishedAsync(string script = "true", string more = "")
    {
        var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build", script, more), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.FinishAsync());
        return here;
    }
}
