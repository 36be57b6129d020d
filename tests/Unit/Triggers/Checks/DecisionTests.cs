using Pushcart.Git;
using Pushcart.Resources;
using Pushcart.Triggers;
using Pushcart.Triggers.Checks;
using Pushcart.Triggers.Owed;
using static Pushcart.Tests.Unit.Triggers.GivenTrigger;

namespace Pushcart.Tests.Unit.Triggers.Checks;

/// <summary>What a check decides, before git is asked and after.</summary>
public sealed class DecisionTests
{
    private const string A = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string B = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
    private const string C = "cccccccccccccccccccccccccccccccccccccccc";
    private const string Main = "refs/heads/main";
    private static readonly DateTimeOffset s_now = Start.AddMinutes(10);
    private static readonly Resource s_change = Trigger();
    private static readonly Resource s_always = Trigger(onChangeOnly: false);
    private static readonly Resource s_commit = Trigger(reference: $"\"commit\":\"{A}\"");

    [Fact]
    public void The_first_check_of_a_source_fires()
    {
        var read = Read(s_change);

        Assert.IsType<Decision.Ask>(Before(read));
        Assert.Equal(new Decision.Fire(A), After(read, A));
    }

    [Fact]
    public void A_source_of_a_webhook_trigger_is_looked_at_by_itself_only_where_a_provider_tells_of_pushes()
    {
        var hooked = Webhook();
        var managed = Of(App.Name, """{"repoUri":"https://git.example.org/app.git","webhook":{"manage":true}}""");

        Assert.IsType<Decision.Nothing>(Before(Read(hooked)));
        Assert.IsType<Decision.Nothing>(Before(Read(hooked, s => s with { Commit = A })));
        Assert.IsType<Decision.Ask>(Before(Read(hooked, s => s with { Commit = A, Pushed = true })));
        Assert.IsType<Decision.Ask>(Decision.BeforeAsking(Read(hooked), new Catalog(1, [managed, Build, hooked]), s_now));
        Assert.IsType<Decision.Nothing>(Before(Read(Webhook(onChangeOnly: false), s => s with { Commit = A, Pushed = true })));

        // An event, and what a look by itself left owed, are looked at whatever stands there.
        Assert.IsType<Decision.Ask>(Before(Read(hooked) with { Events = [Event("push-1")] }));
        Assert.IsType<Decision.Ask>(Before(Owed(hooked, Start)));
    }

    [Fact]
    public void The_same_commit_writes_nothing() => Assert.IsType<Decision.Nothing>(After(Read(s_change, s => s with { Commit = A }), A));

    [Fact]
    public void A_new_commit_fires_also_one_of_a_force_push()
    {
        var read = Read(s_change, s => s with { Commit = A, Previous = B, ChangedAt = s_now.AddHours(-1) });

        Assert.Equal(new Decision.Fire(C), After(read, C));
        Assert.Equal(new Decision.Fire(B), After(read, B));
    }

    [Fact]
    public void What_always_fires_fires_once_for_each_due_instant()
    {
        var read = Read(s_always, s => s with { Commit = A, Due = Start.AddHours(-1) });
        Assert.IsType<Decision.Ask>(Before(read));
        Assert.Equal(new Decision.Fire(A), After(read, A));

        // A tick sent twice: the message ends before git is asked.
        Assert.IsType<Decision.Nothing>(Before(Read(s_always, s => s with { Due = Start })));
        Assert.IsType<Decision.Nothing>(Before(Read(s_always, s => s with { Due = Start.AddMinutes(1) })));
    }

    [Fact]
    public void What_always_fires_fires_while_it_is_owed_whatever_instant_the_message_has() =>
        Assert.IsType<Decision.Ask>(Before(Owed(s_always, due: Start, s => s with { Due = Start })));

    [Theory]
    [InlineData(0)]
    [InlineData(119)]
    public void The_commit_before_is_looked_at_twice_soon_after_a_change(int seconds)
    {
        SourceState Changed(SourceState state) => state with { Commit = B, Previous = A, ChangedAt = s_now.AddSeconds(-seconds) };

        Assert.Equal(new Decision.Confirm(A), After(Read(s_change, Changed), A));
        Assert.Equal(new Decision.Fire(A), After(Read(s_change, Changed, confirm: $"{B}..{A}"), A));
        Assert.IsType<Decision.Nothing>(After(Read(s_change, Changed, confirm: $"{B}..{A}"), B));
        Assert.Equal(new Decision.Confirm(A), After(Read(s_change, Changed, confirm: $"{B}..{C}"), A));

        // A first look at what stood before the last change tells nothing.
        Assert.Equal(new Decision.Confirm(A), After(Read(s_change, Changed, confirm: $"{C}..{A}"), A));
    }

    [Theory]
    [InlineData(19, true)]
    [InlineData(20, false)]
    public void Any_other_commit_is_looked_at_twice_for_as_long_as_a_replica_may_lag_and_clocks_are_apart(int seconds, bool twice)
    {
        // C was skipped, or seen and not fired: a replica that shows it now may be showing what was before B.
        SourceState Changed(SourceState state) => state with { Commit = B, Previous = A, ChangedAt = s_now.AddSeconds(-seconds) };

        Assert.Equal(twice ? new Decision.Confirm(C) : new Decision.Fire(C), After(Read(s_change, Changed), C));
        Assert.Equal(new Decision.Fire(C), After(Read(s_change, Changed, confirm: $"{B}..{C}"), C));
    }

    [Fact]
    public void A_manual_run_takes_what_is_shown_and_moves_nothing_that_a_second_look_has_to_decide()
    {
        SourceState Changed(SourceState state) => state with { Commit = B, Previous = A, ChangedAt = s_now.AddMinutes(-1) };
        var push = Event("push-1");
        var read = Read(s_change, Changed) with { Events = [push, Event("run-1", force: true)] };

        var fire = Assert.IsType<Decision.Fire>(After(read, A));
        Assert.Equal((A, false), (fire.Commit, fire.Moves));
        Assert.Equal([push], fire.Waiting);

        fire = Assert.IsType<Decision.Fire>(After(read, C));
        Assert.Equal((C, true, 0), (fire.Commit, fire.Moves, fire.Waiting.Count));
    }

    [Fact]
    public void What_is_shown_fires_while_the_announced_commit_is_looked_for_unless_that_was_seen_before()
    {
        SourceState Changed(SourceState state) => state with { Commit = A, Previous = B, ChangedAt = s_now.AddHours(-1) };
        Decision Announced(string commit) => After(Read(s_change, Changed) with { Events = [Event("push-1", commit)] }, C);

        Assert.Empty(Announced(A).Waiting);
        Assert.Empty(Announced(B).Waiting);
        Assert.Empty(Announced(C).Waiting);
        var other = Announced(new('d', 40));
        Assert.IsType<Decision.Fire>(other);
        Assert.Single(other.Waiting);

        // A trigger that always fires looks for it too, and fires nothing else meanwhile.
        Assert.IsType<Decision.LookAgain>(After(Read(s_always, Changed) with { Events = [Event("push-1", new('d', 40))], Item = Item(s_always) with { Due = null } }, A));
    }

    [Fact]
    public void Events_of_a_suspended_trigger_are_settled_and_the_manual_runs_are_left()
    {
        var run = Event("run-1", force: true);

        var settle = Assert.IsType<Decision.Settle>(Before(Read(Trigger(suspend: true)) with { Events = [Event("push-1"), run] }));

        Assert.Equal((Delivery.Suspended, run), (settle.Outcome, Assert.Single(settle.Left)));
        Assert.IsType<Decision.Ask>(Before(Read(Trigger(suspend: true)) with { Events = [run] }));
    }

    [Fact]
    public void Two_minutes_after_a_change_a_push_back_fires_at_once()
    {
        SourceState Changed(SourceState state) => state with { Commit = B, Previous = A, ChangedAt = s_now.AddMinutes(-2) };

        Assert.Equal(new Decision.Fire(A), After(Read(s_change, Changed), A));
        Assert.Equal(new Decision.Fire(A), Decision.AfterAsking(Read(s_change, s => Changed(s) with { ChangedAt = s_now }), Refs((Main, A)), s_now, new() { Confirm = TimeSpan.Zero }));
    }

    [Fact]
    public void A_branch_that_is_not_there_is_a_failure_with_back_off()
    {
        var fail = Assert.IsType<Decision.Fail>(After(Read(s_change, s => s with { Commit = A }), Refs(("refs/tags/main", B))));

        Assert.Equal(("GitRepo team/app: there is no branch main", true), (fail.Error, fail.BackOff));
    }

    [Fact]
    public void Branch_or_tag_of_one_name_is_decided_by_the_trigger()
    {
        var refs = Refs((Main, A), ("refs/tags/main", B));

        Assert.Equal(new Decision.Fire(A), After(Read(s_change), refs));
        Assert.Equal(new Decision.Fire(B), After(Read(Trigger(reference: "\"tag\":\"main\"")), refs));
    }

    [Theory]
    [InlineData(GitFailureKind.TimedOut, false)]
    [InlineData(GitFailureKind.Unauthorized, true)]
    [InlineData(GitFailureKind.Forbidden, true)]
    [InlineData(GitFailureKind.ServerError, false)]
    public void A_remote_that_fails_is_a_failure_with_back_off_which_tells_refused_credentials(GitFailureKind kind, bool denied) =>
        Assert.Equal(new Decision.Fail("what went wrong", BackOff: true, denied), After(Read(s_always), new GitFailure(kind, "what went wrong")));

    [Fact]
    public void A_source_that_backs_off_is_not_asked_and_the_check_is_owed()
    {
        SourceState BacksOff(SourceState state) => state with { NextAttempt = s_now.AddTicks(1), Failures = 2, Error = "away" };

        Assert.IsType<Decision.Postpone>(Before(Read(s_change, BacksOff)));
        Assert.IsType<Decision.Postpone>(Before(Owed(s_change, due: Start.AddTicks(-1), BacksOff)));
        Assert.IsType<Decision.Nothing>(Before(Owed(s_change, due: Start, BacksOff)));
        Assert.IsType<Decision.Ask>(Before(Owed(s_change, due: Start, s => BacksOff(s) with { NextAttempt = s_now })));
    }

    [Fact]
    public void An_answer_settles_what_was_owed_or_wrong_and_writes_what_the_remote_speaks()
    {
        Assert.IsType<Decision.Settle>(After(Owed(s_change, Start, s => s with { Commit = A }), A));
        Assert.IsType<Decision.Settle>(After(Read(s_change, s => s with { Commit = A, Error = "away" }), A));
        Assert.IsType<Decision.Settle>(After(Read(s_change, s => s with { Commit = A }), Refs(new GitDialect(0), (Main, A))));
        Assert.IsType<Decision.Nothing>(After(Read(s_change, s => s with { Commit = A, Dialect = new(0) }), Refs(new GitDialect(0), (Main, A))));
    }

    [Fact]
    public void A_task_that_is_answered_already_does_nothing()
    {
        Assert.IsType<Decision.Nothing>(Before(Read(s_change, task: "task|s-x|0")));
        Assert.IsType<Decision.Nothing>(Before(Read(s_always, task: "task|s-x|0")));
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void A_due_instant_of_the_future_is_not_acted_on(int seconds, bool acted)
    {
        var decision = Before(new(Item(s_change, s_now.AddSeconds(seconds)), Item(s_change).NewState(), null, []));

        Assert.Equal(acted, decision is Decision.Ask);
        Assert.Equal(!acted, decision is Decision.Nothing);
    }

    [Fact]
    public void A_suspended_trigger_drops_what_is_due_and_ends_what_is_owed()
    {
        var suspended = Trigger(suspend: true);

        Assert.IsType<Decision.Nothing>(Before(Read(suspended)));
        Assert.IsType<Decision.Settle>(Before(Owed(suspended, Start)));
    }

    [Fact]
    public void A_commit_needs_no_request_and_fires_once()
    {
        Assert.Equal(new Decision.Fire(A), Before(Read(s_commit)));
        Assert.IsType<Decision.Nothing>(Before(Read(s_commit, s => s with { Commit = A })));
        Assert.IsType<Decision.Settle>(Before(Owed(s_commit, Start, s => s with { Commit = A })));
    }

    [Fact]
    public void A_commit_of_a_trigger_that_always_fires_fires_at_every_run()
    {
        var always = Trigger(reference: $"\"commit\":\"{A}\"", onChangeOnly: false);

        Assert.Equal(new Decision.Fire(A), Before(Read(always, s => s with { Commit = A, Due = Start.AddHours(-1) })));
        Assert.IsType<Decision.Nothing>(Before(Read(always, s => s with { Commit = A, Due = Start })));
    }

    [Fact]
    public void A_missing_action_is_a_wrong_configuration_without_back_off()
    {
        var read = Read(s_change);

        var fail = Assert.IsType<Decision.Fail>(Decision.BeforeAsking(read, new Catalog(1, [App, s_change]), s_now));

        Assert.Equal(("WrongConfig: Action team/build does not exist", false), (fail.Error, fail.BackOff));
        Assert.IsType<Decision.Ask>(Before(read));
    }

    [Fact]
    public void An_action_or_source_that_cannot_be_used_says_why()
    {
        var broken = Build with { Spec = null, Error = "spec.actionJob: is no object" };
        var unknown = App with { Spec = null, Error = "it was written by a later version of Pushcart" };

        Assert.Equal(
            new Decision.Fail("WrongConfig: Action team/build cannot be used: spec.actionJob: is no object", false),
            Decision.BeforeAsking(Read(s_change), new Catalog(1, [App, broken]), s_now));
        Assert.Equal(
            new Decision.Fail("WrongConfig: GitRepo team/app cannot be used: it was written by a later version of Pushcart", false),
            Decision.BeforeAsking(Read(s_change), new Catalog(1, [unknown, Build]), s_now));
        Assert.Equal(
            new Decision.Fail("WrongConfig: GitRepo team/app does not exist", false),
            Decision.BeforeAsking(Read(s_change), new Catalog(1, [Build]), s_now));
    }

    [Fact]
    public void A_source_to_clone_instead_must_be_there_too()
    {
        var action = Of(Build.Name, """{"sourceOverride":{"kind":"GitRepo","name":"other","reference":{"branch":"main"}}}""");

        Assert.Equal(
            new Decision.Fail("WrongConfig: GitRepo team/other does not exist", false),
            Decision.BeforeAsking(Read(s_change), new Catalog(1, [App, action]), s_now));
        Assert.IsType<Decision.Ask>(Decision.BeforeAsking(Read(s_change), new Catalog(1, [App, action, Source("other", "https://x")]), s_now));
    }

    [Fact]
    public void The_latest_instant_of_message_and_task_is_answered()
    {
        Assert.Equal(Start, Read(s_change).DueBy(s_now));
        Assert.Equal(Start.AddMinutes(5), Owed(s_change, Start.AddMinutes(5)).DueBy(s_now));
        Assert.Equal(Start, Owed(s_change, Start.AddHours(-1)).DueBy(s_now));
        Assert.Null(Read(s_always, s => s with { Due = Start }).DueBy(s_now));
        Assert.Null((Read(s_change) with { Item = Item(s_change) with { Due = null } }).DueBy(s_now));
    }

    private static OwedTask Event(string id, string? announced = null, bool force = false) => new()
    {
        Key = OwedTask.KeyOf(id, "00000"),
        TriggerUid = "uid",
        Source = "app",
        Action = "Action|team|build",
        CreatedAt = s_now.AddSeconds(-5),
        Event = id,
        Announced = announced,
        Force = force,
    };

    private static Decision Before(ReadItem read) => Decision.BeforeAsking(read, Catalog(), s_now);

    private static Decision After(ReadItem read, string commit) => After(read, Refs((Main, commit)));

    private static Decision After(ReadItem read, GitAnswer<GitRefs> answer) => Decision.AfterAsking(read, answer, s_now, new());

    private static GitRefs Refs(params (string Name, string Commit)[] refs) => Refs(new GitDialect(), refs);

    private static GitRefs Refs(GitDialect dialect, params (string Name, string Commit)[] refs) => new(refs.ToDictionary(r => r.Name, r => r.Commit), dialect);

    private static ReadItem Read(Resource trigger, Func<SourceState, SourceState>? state = null, string? task = null, string? confirm = null)
    {
        var item = Item(trigger, task: task, confirm: confirm);
        return new(item, state?.Invoke(item.NewState()) ?? item.NewState(), null, []);
    }

    private static ReadItem Owed(Resource trigger, DateTimeOffset due, Func<SourceState, SourceState>? state = null)
    {
        var read = Read(trigger, state);
        var task = new OwedTask { Key = read.State.TaskKey, TriggerUid = trigger.Uid, Source = "app", Action = "Action|team|build", Due = due };
        return read with { State = read.State with { Owed = true }, Task = task, Item = read.Item with { TaskKey = task.Key } };
    }
}
