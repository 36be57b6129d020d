using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Real.Triggers.FailureTests;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>Checks that are owed to an event: what webhooks and manual runs will call.</summary>
[Collection("azurite")]
public sealed class EventTests(AzuriteFixture azurite)
{
    private static readonly string s_unseen = new('f', 40);

    [Fact]
    public async Task An_event_owes_a_check_whose_job_and_outcome_name_each_other()
    {
        await using var here = await FiredAsync(azurite);
        var commit = here.Repository.Commit("a", "2");

        Assert.Equal(OweAnswer.Accepted, await OweAsync(here, "push-1", announced: commit));
        Assert.Single(await here.TasksAsync());
        await here.DeliverChecksAsync();

        var job = (await here.JobsAsync()).Single(j => j.Commit == commit);
        Assert.Equal("webhook push-1", job.Cause);
        Assert.Equal((Delivery.Submitted, job.Id), await OutcomeAsync(here));
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task The_same_event_twice_is_a_duplicate_and_one_check()
    {
        await using var here = await FiredAsync(azurite);
        here.Repository.Commit("a", "2");
        await OweAsync(here, "push-1");

        Assert.Equal(OweAnswer.Duplicate, await OweAsync(here, "push-1"));
        await here.DeliverChecksAsync();
        Assert.Equal(OweAnswer.Duplicate, await OweAsync(here, "push-1"));

        Assert.Equal(0, await here.DeliverChecksAsync());
        Assert.Equal(2, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task An_event_whose_answer_is_lost_is_accepted_and_no_duplicate_of_itself()
    {
        await using var here = await FiredAsync(azurite);
        here.Process.Storage.After = operation =>
        {
            if (!operation.IsWrite)
            {
                return Task.CompletedTask;
            }

            here.Process.Storage.After = null;
            throw new HttpRequestException("the answer is lost");
        };

        var answer = OweAsync(here, "push-1");
        await here.WaitAsync(() =>
        {
            // The client's next try waits for time to pass.
            here.Time.Advance(StorageSettings.RetryDelay);
            return Task.FromResult(answer.IsCompleted);
        });

        Assert.Equal(OweAnswer.Accepted, await answer);
        await here.DeliverChecksAsync();
        Assert.Equal((Delivery.Unchanged, null), await OutcomeAsync(here));
    }

    [Theory]
    [InlineData("write", TableNames.Live, false)]
    [InlineData("write", TableNames.Live, true)]
    [InlineData("send", QueueNames.Checks, false)]
    public async Task A_process_that_dies_while_it_accepts_an_event_loses_nothing_and_blocks_nothing(string kind, string name, bool done)
    {
        await using var here = await FiredAsync(azurite);
        var commit = here.Repository.Commit("a", "2");
        here.Process.Storage.DieAt(kind, name, done);
        await Assert.ThrowsAsync<ProcessDiedException>(() => OweAsync(here, "push-1"));

        var again = await OweAsync(here, "push-1", process: here.NewProcess());
        Assert.Equal(kind == "write" && !done ? OweAnswer.Accepted : OweAnswer.Duplicate, again);
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();

        Assert.Single(await here.JobsAsync(), j => j.Commit == commit);
        Assert.Equal(Delivery.Submitted, (await OutcomeAsync(here)).Outcome);
    }

    [Fact]
    public async Task An_announced_commit_that_is_not_there_yet_is_looked_for_and_fires_when_it_comes()
    {
        await using var here = await FiredAsync(azurite);
        var before = (await here.SourceAsync()).Commit!;
        var between = here.Repository.Commit("a", "1.5");
        var commit = here.Repository.Commit("a", "2");
        here.Repository.SetBranch("main", before);
        await OweAsync(here, "push-1", announced: commit);
        await here.DeliverChecksAsync();
        Assert.Single(await here.TasksAsync());

        // An older one than that comes first: it fires too, and is no answer.
        here.Repository.SetBranch("main", between);
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync(), j => j.Commit == between);
        Assert.Single(await here.TasksAsync());

        here.Repository.SetBranch("main", commit);
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();

        Assert.Single(await here.JobsAsync(), j => j.Commit == commit);
        Assert.Equal(Delivery.Submitted, (await OutcomeAsync(here)).Outcome);
    }

    [Fact]
    public async Task An_announced_commit_that_never_comes_is_unchanged_after_two_minutes()
    {
        await using var here = await FiredAsync(azurite);
        await OweAsync(here, "push-1", announced: s_unseen);
        await here.DeliverChecksAsync();
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();

        Assert.Equal((Delivery.Unchanged, null), await OutcomeAsync(here));
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task A_manual_run_fires_though_nothing_changed_also_where_the_trigger_is_suspended()
    {
        await using var here = await FiredAsync(azurite);
        await OweAsync(here, "run-1", force: true, cause: "manual anna");
        await here.DeliverChecksAsync();
        Assert.Equal(["manual anna", "poll"], (await here.JobsAsync()).Select(j => j.Cause).Order());

        await here.ApplyAsync(Trigger("app", "app", "build", more: ", suspend: true"));
        await OweAsync(here, "run-2", force: true, cause: "manual anna");
        await OweAsync(here, "push-2");
        await here.DeliverChecksAsync();

        Assert.Equal(3, (await here.JobsAsync()).Count);
        Assert.Equal([Delivery.Suspended, Delivery.Submitted, Delivery.Submitted], (await OutcomesAsync(here)).Select(o => o.Outcome));
    }

    [Fact]
    public async Task A_check_that_fails_stays_owed_to_its_event_and_ignores_the_back_off_unless_credentials_were_refused()
    {
        await using var here = await FiredAsync(azurite);
        var status = 503;
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = status == 0 ? 200 : status;
            return Task.FromResult(status != 0);
        };
        await OweAsync(here, "push-1");
        await here.DeliverChecksAsync();
        Assert.Single(await here.TasksAsync());
        Assert.Equal((1, false), ((await here.SourceAsync()).Failures, (await here.SourceAsync()).Owed));

        // Another event does not wait for the source's next attempt.
        var asked = here.Process.Git.Requests;
        status = 401;
        await OweAsync(here, "push-2");
        await here.DeliverChecksAsync();
        Assert.Equal(asked + 1, here.Process.Git.Requests);

        // Refused credentials are tried no sooner, whoever asks.
        await OweAsync(here, "push-3");
        await here.DeliverChecksAsync();
        Assert.Equal(asked + 1, here.Process.Git.Requests);

        status = 0;
        here.Time.Advance(TimeSpan.FromMinutes(5));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        Assert.Empty(await here.TasksAsync());
        Assert.Equal([Delivery.Unchanged, Delivery.Unchanged, Delivery.Unchanged], (await OutcomesAsync(here)).Select(o => o.Outcome));
        Assert.Null((await here.SourceAsync()).Error);
    }

    [Fact]
    public async Task A_check_that_is_never_answered_is_given_up_after_three_days()
    {
        await using var here = await FiredAsync(azurite);
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        await OweAsync(here, "push-1");
        await here.DeliverChecksAsync();
        here.Time.Advance(TimeSpan.FromDays(3) + TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();

        var (outcome, detail) = await OutcomeAsync(here);
        Assert.Equal(Delivery.GivenUp, outcome);
        Assert.Contains("503", detail, StringComparison.Ordinal);
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task Where_the_trigger_is_gone_the_outcome_says_so()
    {
        await using var here = await FiredAsync(azurite);
        await OweAsync(here, "push-1");
        await here.ApplyAsync(prune: true, Source("app", here.Uri));
        await here.DeliverChecksAsync();

        Assert.Equal((Delivery.TriggerDeleted, null), await OutcomeAsync(here));
        Assert.Empty(await here.TasksAsync());
    }

    [Theory]
    [InlineData(98)]
    [InlineData(99)]
    [InlineData(250)]
    public async Task An_event_of_many_checks_has_one_outcome_for_each_also_after_a_death_in_between(int checks)
    {
        await using var here = await FiredAsync(azurite);
        var what = new CheckEvent("push-1", "webhook push-1", [.. Enumerable.Range(0, checks).Select(n => new EventCheck($"no trigger {n}", "app"))]);
        await here.Process.Get<Owing>().OweAsync(what, default);
        Assert.Equal(checks <= 98 ? checks : 1, (await here.TasksAsync()).Count);
        if (checks > 98)
        {
            // It dies after the first step; the rest is owed still.
            here.Process.Storage.DieAt("write", TableNames.Live, done: true);
            await Assert.ThrowsAsync<ProcessDiedException>(() => here.DeliverChecksAsync());
            await here.TakeAsync(QueueNames.Checks);
        }

        for (var minutes = 0; minutes < 5 && (await here.TasksAsync()).Count > 0; minutes++)
        {
            here.Time.Advance(TimeSpan.FromMinutes(2));
            await here.ObserveAsync();
            await here.DeliverChecksAsync();
        }

        var outcomes = await OutcomesAsync(here);
        Assert.Equal(checks, outcomes.Count);
        Assert.All(outcomes, o => Assert.Equal(Delivery.TriggerDeleted, o.Outcome));
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task An_event_is_forgotten_three_days_after_its_last_outcome_and_not_before()
    {
        await using var here = await FiredAsync(azurite);
        await OweAsync(here, "push-1");
        await here.DeliverChecksAsync();
        await OweAsync(here, "push-2");

        here.Time.Advance(TimeSpan.FromDays(3) - TimeSpan.FromMinutes(1));
        await here.Process.Get<DeliveryCleaning>().CleanAsync(default);
        Assert.Equal(3, (await new LiveSources(here.Live).DeliveriesAsync(default)).Count);
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.Process.Get<DeliveryCleaning>().CleanAsync(default);

        // The one whose check is owed still stays.
        Assert.Equal("delivery|push-2", Assert.Single(await new LiveSources(here.Live).DeliveriesAsync(default)).RowKey);
    }

    internal static async Task<OweAnswer> OweAsync(
        InstallationOnAzurite here, string id, string? announced = null, bool force = false, string? cause = null, InstallationProcess? process = null)
    {
        var trigger = (await here.SourceAsync()).TriggerUid;
        return await (process ?? here.Process).Get<Owing>().OweAsync(new(id, cause ?? $"webhook {id}", [new(trigger, "app", announced, force)]), default);
    }

    private static async Task<(string Outcome, string? Detail)> OutcomeAsync(InstallationOnAzurite here) => Assert.Single(await OutcomesAsync(here));

    internal static async Task<IReadOnlyList<(string Outcome, string? Detail)>> OutcomesAsync(InstallationOnAzurite here) =>
        [.. (await new LiveSources(here.Live).DeliveriesAsync(default)).Where(r => r.GetString("outcome") is not null).Select(r => (r.GetString("outcome")!, r.GetText("detail")))];
}
