using Pushcart.Jobs;
using Pushcart.Tokens;
using Pushcart.Workers.Wire;

namespace Pushcart.Tests.Unit.Workers.Working;

/// <summary>Registration, tokens, and when a worker is paused.</summary>
public sealed class StandingTests
{
    [Fact]
    public void Paused_it_claims_nothing_though_work_waits_says_so_and_ends_when_it_is_asked_to()
    {
        using var given = new GivenWorker(registers: true);
        given.Server.Submit();
        given.Start().Advance(300);

        Assert.Empty(given.Server.Calls);
        Assert.False(given.Parts.Standing.IsMember);
        Assert.Equal(WorkerStates.Unregistered, given.Parts.Standing.State);
        Assert.Single(given.Log.Lines, l => l.Text.Contains("paused: not registered; an admin runs: pushcart workers add edge", StringComparison.Ordinal));
        given.Terminate();
        given.Advance(1);
        Assert.True(given.Work.IsCompletedSuccessfully);
    }

    [Fact]
    public void A_registration_token_that_comes_later_is_traded_in_at_once_and_never_the_same_twice()
    {
        using var given = new GivenWorker(registers: true);
        given.Start().Advance(60);
        given.Add();
        given.Advance(3);

        Assert.True(given.Parts.Standing.IsMember);
        Assert.Equal(1, given.Server.Count("register"));
        Assert.True(given.State.State!.Registered);
        Assert.DoesNotContain("pcr_", given.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("pcw_", string.Concat(given.Server.Calls.Select(c => c.Body)) + given.Log.Text, StringComparison.Ordinal);
        given.Kill();
        given.Start().Advance(3);
        Assert.Equal(1, given.Server.Count("register"));
        Assert.True(given.Parts.Standing.IsMember);
    }

    [Fact]
    public void A_lost_answer_to_register_is_asked_for_again_with_the_same_request_also_by_the_next_process()
    {
        using var given = new GivenWorker(registers: true);
        given.Add();
        given.Server.OnTheWay = c => c == "register" ? Way.AnswerLost : Way.Open;
        given.Start().Advance(10);
        given.Kill();
        given.Server.OnTheWay = _ => Way.Open;
        given.Start().Advance(10);

        Assert.True(given.Parts.Standing.IsMember);
        Assert.Single(given.Server.Calls.Where(c => c.Call == "register").Select(c => c.Body).Distinct());
    }

    [Fact]
    public void A_registration_token_that_was_used_is_not_shown_again_and_a_new_one_is()
    {
        using var given = new GivenWorker(registers: true);
        var token = given.Add();
        given.Server.Registrations.Remove(token);
        given.Start().Advance(120);
        Assert.Equal(1, given.Server.Count("register"));
        Assert.Contains("401", given.Parts.Standing.Paused, StringComparison.Ordinal);

        given.Add("3");
        given.Advance(3);
        Assert.True(given.Parts.Standing.IsMember);
    }

    [Fact]
    public void A_check_in_interval_that_is_not_shorter_than_the_tokens_life_is_refused_at_the_start_with_both_numbers()
    {
        using var given = new GivenWorker(registers: true);
        given.Add();
        given.Settings = given.Settings with { CheckInInterval = TimeSpan.FromMinutes(20) };
        given.Start().Advance(5);

        Assert.True(given.Work.IsCompletedSuccessfully);
        Assert.Contains("00:20:00 is not shorter than 00:20:00", given.Result, StringComparison.Ordinal);
    }

    [Fact]
    public void Its_token_is_a_new_one_at_each_check_in_and_a_restart_goes_on_with_either()
    {
        using var given = new GivenWorker(registers: true);
        given.Add();
        given.Start().Advance(200);
        var hashes = given.Server.Calls.Where(c => c.Call == "check-in").Select(c => WireJson.Read<CheckInRequest>(c.Body).NextTokenHash).ToList();
        Assert.Equal((4, 4), (hashes.Count, hashes.Distinct().Count()));

        // Drawn and kept, and never told: the one before is good.
        given.Kill();
        given.State.State = given.State.State! with { Token = given.State.State.NextToken, NextToken = TokenValue.New(TokenValue.Worker, Chance.System) };
        given.Start().Advance(5);
        Assert.True(given.Parts.Standing.IsMember);
        Assert.Equal(0, given.Server.Count("rejoin"));
    }

    [Fact]
    public void Deleted_by_an_admin_it_is_paused_claims_nothing_more_and_touches_no_run()
    {
        using var given = new GivenWorker(registers: true);
        given.Add();
        given.Server.Submit();
        given.Start().Advance(5);
        given.Server.ForgetTokens();
        given.Server.Rejoins = false;
        given.Advance(30);
        var next = given.Server.Submit();
        var claims = given.Server.Count("claim");
        given.Advance(1200);

        Assert.False(given.Parts.Standing.IsMember);
        Assert.Contains("pushcart workers add edge --replace", given.Parts.Standing.Paused, StringComparison.Ordinal);
        Assert.InRange(given.Server.Count("rejoin"), 1, 6);
        Assert.Equal(claims, given.Server.Count("claim"));
        Assert.Equal((JobState.Queued, 1, 0), (given.Server.Jobs[next.Id].State, given.Executor.Active, given.Executor.Deleted.Count));

        given.Add("4");
        given.Advance(30);
        Assert.True(given.Parts.Standing.IsMember);
    }

    [Fact]
    public void A_second_process_of_the_name_waits_until_the_first_is_gone()
    {
        using var given = new GivenWorker();
        given.Server.InUse = true;
        given.Server.Submit();
        given.Start().Advance(130);
        Assert.Equal((0, false), (given.Server.Count("claim"), given.Parts.Standing.IsMember));
        Assert.Contains("another live process has the name edge", given.Parts.Standing.Paused, StringComparison.Ordinal);
        given.Server.InUse = false;
        given.Advance(70);
        Assert.Single(given.Executor.Created);
    }

    [Fact]
    public void A_token_in_a_file_is_read_again_when_it_changes_and_when_it_is_refused()
    {
        using var given = new GivenWorker();
        given.Start().Advance(5);
        var other = "pct_" + new string('9', 64);
        given.Server.Admit(other);
        given.Server.ForgetTokens();
        given.Advance(65);
        Assert.Contains("the server refuses the token", given.Parts.Standing.Paused, StringComparison.Ordinal);
        given.Server.Admit(other);
        File.WriteAllText(given.TokenFile, other);
        given.Advance(3);
        Assert.True(given.Parts.Standing.IsMember);
    }

    [Fact]
    public void A_service_token_that_was_never_taken_claims_nothing()
    {
        using var given = new GivenWorker();
        given.Server.ForgetTokens();
        given.Server.Submit();
        given.Start().Advance(120);
        Assert.Equal((0, WorkerStates.Unregistered), (given.Server.Count("claim"), given.Parts.Standing.State));
    }
}
