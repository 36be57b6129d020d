using Pushcart.Execution;
using Pushcart.Execution.Process;

namespace Pushcart.Tests.Unit.Execution.Process;

public sealed class RunStateTests
{
    private static readonly DateTimeOffset s_created = new(2026, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_started = s_created.AddSeconds(1);
    private static readonly DateTimeOffset s_ended = s_started.AddMinutes(3);
    private static readonly RunIdentity s_identity = new(
        "uid", "default", "build-1", "job", 1, "installation", "claim", s_created, s_created.AddSeconds(20), TimeSpan.FromMinutes(10), TimeSpan.FromDays(7));

    private static readonly RunStart s_start = new(100, 101, s_started);
    private static readonly RunEnd s_success = new(0, null, null, null, s_ended);
    private static readonly RunEnd s_failure = new(3, null, "Error", null, s_ended);
    private static readonly RunEnd s_deleted = new(null, null, RunEnd.Deleted, null, s_ended);
    private static readonly RunDeletion s_deleteActive = new("uid", "active", s_started.AddMinutes(1));
    private static readonly RunDeletion s_deleteEnded = new("uid", "ended", s_ended.AddMinutes(1));

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, true)]
    public void Without_a_start_it_is_absent_or_while_the_lock_is_held_about_to_start(bool held, bool starting)
    {
        var state = State(held);

        Assert.Null(state.View());
        Assert.Equal(starting, state.Starting);
    }

    [Fact]
    public void Started_and_held_it_is_active()
    {
        var view = State(held: true, s_start).View()!;

        Assert.Equal((RunPhase.Active, true, false, s_started, null), (view.Phase, view.Alive, view.Terminating, view.StartedAt, view.EndedAt));
        Assert.Equal(new RunKey("default", "build-1", "job", 1), view.Key);
    }

    [Fact]
    public void Started_without_an_end_and_nobody_holding_the_lock_it_is_gone()
    {
        var state = State(held: false, s_start);

        Assert.True(state.IsGone);
        Assert.Null(state.View());
    }

    [Fact]
    public void An_end_says_how_it_was()
    {
        Assert.Equal((RunPhase.Succeeded, 0, null), State(false, s_start, s_success).View() is { } good ? (good.Phase, good.ExitCode, good.Reason) : default);
        Assert.Equal((RunPhase.Failed, 3, "Error"), State(false, s_start, s_failure).View() is { } bad ? (bad.Phase, bad.ExitCode, bad.Reason) : default);
    }

    [Fact]
    public void An_end_while_something_holds_the_lock_is_not_over()
    {
        var view = State(held: true, s_start, s_success).View()!;

        Assert.Equal((RunPhase.Succeeded, true), (view.Phase, view.Alive));
    }

    [Fact]
    public void The_version_changes_with_the_end() =>
        Assert.NotEqual(State(true, s_start).View()!.Version, State(false, s_start, s_success).View()!.Version);

    [Fact]
    public void A_delete_of_the_active_run_is_void_once_it_has_ended_by_itself()
    {
        Assert.True(State(true, s_start, deletion: s_deleteActive).View()!.Terminating);

        var ended = State(false, s_start, s_success, s_deleteActive);

        Assert.False(ended.View()!.Terminating);
        Assert.False(ended.IsPastKeeping(s_ended.AddDays(1), TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_delete_of_another_uid_is_void() =>
        Assert.False(State(true, s_start, deletion: s_deleteActive with { Uid = "another" }).View()!.Terminating);

    [Fact]
    public void A_run_that_was_stopped_by_its_delete_is_active_while_anything_lives_and_then_gone()
    {
        Assert.Equal((RunPhase.Active, true), State(true, s_start, s_deleted, s_deleteActive).View() is { } view ? (view.Phase, view.Terminating) : default);

        var state = State(false, s_start, s_deleted, s_deleteActive);

        Assert.Null(state.View());
        Assert.True(state.IsPastKeeping(s_ended, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void A_deleted_end_goes_at_once_but_not_while_anything_lives()
    {
        Assert.True(State(false, s_start, s_success, s_deleteEnded).IsPastKeeping(s_ended, TimeSpan.FromHours(1)));
        Assert.False(State(true, s_start, s_success, s_deleteEnded).IsPastKeeping(s_ended, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void An_end_is_kept_for_its_ttl_counted_from_the_end()
    {
        var state = State(false, s_start, s_success);

        Assert.False(state.IsPastKeeping(s_ended.AddDays(7).AddSeconds(-1), TimeSpan.FromHours(1)));
        Assert.True(state.IsPastKeeping(s_ended.AddDays(7), TimeSpan.FromHours(1)));
        Assert.True((state with { Ttl = TimeSpan.Zero }).IsPastKeeping(s_ended, TimeSpan.FromHours(1)));
    }

    [Fact]
    public void What_never_started_is_kept_for_an_hour_and_what_is_gone_for_deadline_and_ttl()
    {
        Assert.False(State(false).IsPastKeeping(s_created.AddMinutes(59), TimeSpan.FromHours(1)));
        Assert.True(State(false).IsPastKeeping(s_created.AddMinutes(60), TimeSpan.FromHours(1)));
        Assert.False(State(false, s_start).IsPastKeeping(s_started.AddDays(7), TimeSpan.FromHours(1)));
        Assert.True(State(false, s_start).IsPastKeeping(s_started.AddDays(7).AddMinutes(10), TimeSpan.FromHours(1)));
    }

    [Fact]
    public void It_is_overdue_when_the_lock_is_held_longer_than_the_deadline_and_the_allowance()
    {
        var allowance = TimeSpan.FromSeconds(30);

        Assert.False(State(true, s_start).IsOverdue(s_started.AddMinutes(10).AddSeconds(30), allowance));
        Assert.True(State(true, s_start).IsOverdue(s_started.AddMinutes(10).AddSeconds(31), allowance));
        Assert.False(State(false, s_start).IsOverdue(s_started.AddDays(1), allowance));
        Assert.False(State(true, s_start, s_success).IsOverdue(s_started.AddDays(1), allowance));
        Assert.True(State(true).IsOverdue(s_created.AddSeconds(51), allowance));
    }

    private static RunState State(bool held, RunStart? start = null, RunEnd? end = null, RunDeletion? deletion = null) =>
        new() { Identity = s_identity, Held = held, Start = start, End = end, Deletion = deletion };
}
