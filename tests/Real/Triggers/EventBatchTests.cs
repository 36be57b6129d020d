using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Real.Triggers.EventTests;
using static Pushcart.Tests.Real.Triggers.FailureTests;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>Several events of one source in one message of checks: one check answers them all. And manual runs among them.</summary>
[Collection("azurite")]
public sealed class EventBatchTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Several_events_of_a_remote_that_fails_are_one_question_one_failure_and_one_transaction()
    {
        await using var here = await FiredAsync(azurite);
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        await SentTogetherAsync(here, () => OweAsync(here, "push-1"), () => OweAsync(here, "push-2"), () => OweAsync(here, "push-3"));
        await here.DeliverChecksAsync();

        Assert.Equal(1, here.Process.Git.Requests);
        Assert.Equal(1, (await here.SourceAsync()).Failures);
        Assert.Equal(1, here.Process.Storage.Operations.Count(o => o is { IsWrite: true, Name: TableNames.Live }));
        var tasks = await here.TasksAsync();
        Assert.Equal(3, tasks.Count);
        Assert.Single(tasks.Select(t => t.SendAt).Distinct());
    }

    [Fact]
    public async Task Several_events_and_the_schedule_are_answered_by_one_question_one_job_and_one_transaction()
    {
        await using var here = await FiredAsync(azurite);
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        await here.CheckAgainAsync();
        var commit = here.Repository.Commit("a", "2");
        here.OnGitRequest = null;
        await SentTogetherAsync(here, () => OweAsync(here, "push-1"), () => OweAsync(here, "push-2"), () => OweAsync(here, "push-3"));
        Assert.Equal(4, (await here.TasksAsync()).Count);
        await here.DeliverChecksAsync();

        Assert.Equal(1, here.Process.Git.Requests);
        Assert.Equal(1, here.Process.Storage.Operations.Count(o => o is { IsWrite: true, Name: TableNames.Live }));
        var job = Assert.Single(await here.JobsAsync(), j => j.Commit == commit);
        Assert.Equal([(Delivery.Submitted, job.Id), (Delivery.Submitted, job.Id), (Delivery.Submitted, job.Id)], await OutcomesAsync(here));
        Assert.Empty(await here.TasksAsync());
        Assert.Equal((false, null, 0), ((await here.SourceAsync()).Owed, (await here.SourceAsync()).Error, (await here.SourceAsync()).Failures));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Each_manual_run_has_a_job_of_its_own_and_a_push_is_answered_by_the_first_of_them(bool changed)
    {
        await using var here = await FiredAsync(azurite);
        var commit = changed ? here.Repository.Commit("a", "2") : (await here.SourceAsync()).Commit;
        await SentTogetherAsync(
            here, () => OweAsync(here, "a-push"), () => OweAsync(here, "run-1", force: true, cause: "manual anna"), () => OweAsync(here, "run-2", force: true, cause: "manual otto"));
        await here.DeliverChecksAsync();

        var manual = (await here.JobsAsync()).Where(j => j.IsAskedFor).ToList();
        Assert.Equal(["manual anna", "manual otto"], manual.Select(j => j.Cause).Order());
        Assert.All(manual, j => Assert.Equal(commit, j.Commit));
        Assert.Equal(3, (await here.JobsAsync()).Count);
        var ids = manual.OrderBy(j => j.Cause).Select(j => j.Id).ToList();
        Assert.Equal([changed ? (Delivery.Submitted, ids[0]) : (Delivery.Unchanged, null), (Delivery.Submitted, ids[0]), (Delivery.Submitted, ids[1])], await OutcomesAsync(here));
        Assert.Equal(1, here.Process.Git.Requests);
    }

    [Fact]
    public async Task Events_of_a_suspended_trigger_have_their_outcome_and_the_manual_run_among_them_its_job()
    {
        await using var here = await FiredAsync(azurite);
        await here.ApplyAsync(Trigger("app", "app", "build", more: ", suspend: true"));
        await SentTogetherAsync(here, () => OweAsync(here, "a-push"), () => OweAsync(here, "run-1", force: true, cause: "manual anna"));
        await here.DeliverChecksAsync();

        Assert.Equal([Delivery.Suspended, Delivery.Submitted], (await OutcomesAsync(here)).Select(o => o.Outcome));
        Assert.Single(await here.JobsAsync(), j => j.IsAskedFor);
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task A_trigger_that_always_fires_has_a_job_for_each_event()
    {
        await using var here = await FiredAsync(azurite, "reference: {branch: main}, onChangeOnly: false");
        var before = (await here.JobsAsync()).Count;
        await SentTogetherAsync(here, () => OweAsync(here, "push-1"), () => OweAsync(here, "push-2"));
        await here.DeliverChecksAsync();

        var jobs = (await here.JobsAsync()).Where(j => j.Cause != "poll").ToList();
        Assert.Equal((before + 2, 2), ((await here.JobsAsync()).Count, jobs.Count));
        Assert.Equal(jobs.Select(j => j.Id).Order(), (await OutcomesAsync(here)).Select(o => o.Detail!).Order());
    }

    [Fact]
    public async Task Manual_runs_that_do_not_fit_one_transaction_are_done_in_another_round()
    {
        await using var here = await FiredAsync(azurite);
        await here.ApplyAsync(Action("build", "true #" + new string('x', 20_000)));
        await SentTogetherAsync(
            here, [() => OweAsync(here, "a-push"), .. Enumerable.Range(10, 25).Select(n => (Func<Task<OweAnswer>>)(() => OweAsync(here, $"run-{n}", force: true, cause: $"manual {n}")))]);
        await here.DeliverChecksAsync();

        Assert.Equal(25, (await here.JobsAsync()).Where(j => j.IsAskedFor).Select(j => j.Cause).Distinct().Count());
        Assert.Equal(26, (await OutcomesAsync(here)).Count);
        Assert.Empty(await here.TasksAsync());
        Assert.InRange(here.Process.Storage.Operations.Count(o => o is { IsWrite: true, Name: TableNames.Live }), 2, 3);
    }

    [Fact]
    public async Task A_manual_run_that_a_lagging_replica_answers_runs_what_is_shown_and_leaves_the_commit_on_record()
    {
        await using var here = await FiredAsync(azurite);
        var older = (await here.SourceAsync()).Commit!;
        var newer = here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        here.Repository.SetBranch("main", older);
        await OweAsync(here, "run-1", force: true, cause: "manual anna");
        await here.DeliverChecksAsync();

        Assert.Equal(older, Assert.Single(await here.JobsAsync(), j => j.IsAskedFor).Commit);
        Assert.Equal((newer, older), ((await here.SourceAsync()).Commit, (await here.SourceAsync()).Previous));

        here.Repository.SetBranch("main", newer);
        await here.CheckAgainAsync();
        Assert.Equal(3, (await here.JobsAsync()).Count);
    }

    [Fact]
    public async Task An_event_that_a_lagging_replica_answers_is_looked_at_again_also_where_it_is_old_and_names_the_older_commit()
    {
        await using var here = await FiredAsync(azurite);
        var older = (await here.SourceAsync()).Commit!;
        await OweAsync(here, "push-1", announced: older);
        await here.TakeAsync(QueueNames.Checks);
        here.Time.Advance(TimeSpan.FromMinutes(10));
        var newer = here.Repository.Commit("a", "2");
        await here.PollAsync();
        await here.DeliverChecksAsync();
        here.Repository.SetBranch("main", older);
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        Assert.Equal((2, 1), ((await here.JobsAsync()).Count, (await here.TasksAsync()).Count));

        // It still stands at the second look: somebody pushed it back.
        Assert.Equal(newer, (await here.SourceAsync()).Commit);
        await here.WaitAsync(async () => await here.DeliverChecksAsync() > 0);
        Assert.Equal(older, (await here.SourceAsync()).Commit);
        Assert.Equal(Delivery.Submitted, Assert.Single(await OutcomesAsync(here)).Outcome);
    }

    [Fact]
    public async Task The_first_message_of_an_event_carries_its_checks_which_saves_reading_them()
    {
        await using var here = await FiredAsync(azurite);
        here.Repository.Commit("a", "2");
        await OweAsync(here, "push-1");
        here.Process.Storage.Clear();
        await here.DeliverChecksAsync();

        var live = here.Process.Storage.Operations.Where(o => o.Name == TableNames.Live).ToList();
        Assert.True(live.Count(o => o.IsRead) == 1 && live.Count(o => o.IsWrite) == 1, here.Process.Storage.Describe());
    }

    [Fact]
    public async Task Triggers_that_are_gone_ask_for_the_resources_once_a_message()
    {
        await using var here = await FiredAsync(azurite);
        await here.Process.Get<Owing>().OweAsync(new("push-1", "webhook", [.. Enumerable.Range(0, 32).Select(n => new EventCheck($"no trigger {n}", "app"))]), default);
        here.Process.Storage.Clear();
        await here.DeliverChecksAsync();

        Assert.Equal(32, (await OutcomesAsync(here)).Count);
        Assert.InRange(here.Process.Storage.Operations.Count(o => o is { IsRead: true, Name: TableNames.Resources }), 0, 2);
    }

    [Fact]
    public async Task An_answer_of_git_that_is_older_than_20_seconds_when_it_is_acted_on_is_asked_for_again()
    {
        // A, then B, then A again: the check that saw B is slow, and another one that finds nothing changed leaves no trace that would stop it.
        await using var here = await FiredAsync(azurite);
        await here.ApplyAsync(Trigger("other", "app", "build"));
        await here.DeliverChecksAsync();
        var first = (await here.JobsAsync())[0].Commit;
        var slow = here.NewProcess(services => services.AddSingleton<ILogger<Answering>>(new OnLine(() =>
        {
            here.Time.Advance(TimeSpan.FromSeconds(21));
            here.Repository.SetBranch("main", first);
        })));
        here.Repository.Commit("a", "2");
        here.Time.Advance(TimeSpan.FromMinutes(10));
        await here.PollAsync();
        var message = Assert.Single(await here.TakeAsync(QueueNames.Checks));

        await slow.Get<Checking>().HandleAsync(message, default);

        // One trigger fired before the branch went back, the other one did not: it saw the branch as it is.
        Assert.Equal(3, (await here.JobsAsync()).Count);
    }

    // Events that are accepted each for itself, and sent together by Observe.
    private static async Task SentTogetherAsync(InstallationOnAzurite here, params Func<Task<OweAnswer>>[] events)
    {
        foreach (var owe in events)
        {
            await owe();
        }

        await here.TakeAsync(QueueNames.Checks);
        here.Time.Advance(TimeSpan.FromMinutes(1));
        await here.ObserveAsync();
        here.Process.Storage.Clear();
        here.Process.Git.Clear();
    }

    private sealed class OnLine(Action line) : ILogger<Answering>
    {
        private bool _done;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (!_done)
            {
                _done = true;
                line();
            }
        }
    }
}
