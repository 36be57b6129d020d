using Pushcart.Execution;
using Pushcart.Jobs;
using static Pushcart.Tests.Unit.Jobs.GivenJob;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class BackOffTests
{
    private static readonly DateTimeOffset s_now = Lease.AddSeconds(1);
    private static readonly Transitions s_table = new(new JobSettings());

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(3, 40)]
    [InlineData(4, 80)]
    [InlineData(5, 160)]
    [InlineData(6, 300)]
    [InlineData(7, 300)]
    [InlineData(1000, 300)]
    public void A_create_that_was_busy_waits_twice_as_long_with_each_attempt(int attempt, int seconds) =>
        Assert.Equal((s_now.AddSeconds(seconds), s_now.AddSeconds(seconds)), Times(Claimed() with { Attempt = attempt }, new CreateBusy(s_now, attempt, "busy")));

    [Theory]
    [InlineData(1, 10)]
    [InlineData(2, 20)]
    [InlineData(5, 160)]
    [InlineData(6, 300)]
    [InlineData(1000, 300)]
    public void The_next_run_waits_twice_as_long_with_each_run(int run, int seconds) =>
        Assert.Equal((s_now.AddSeconds(seconds), s_now.AddSeconds(seconds)), Times(Running() with { Run = run, Retries = 1000 }, new RunFailed(s_now, View(RunPhase.Failed, run))));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(4, 8)]
    public void A_lost_claim_is_repeated_at_once_and_then_after_1_2_4_and_8_minutes(int lost, int minutes) =>
        Assert.Equal((s_now.AddMinutes(minutes), s_now.AddMinutes(minutes)), Times(Claimed() with { LostClaims = lost }, new RunAbsent(s_now, 1, Up: true)));

    [Theory]
    [InlineData(60, 60)]
    [InlineData(61, 61)]
    [InlineData(600, 600)]
    [InlineData(1800, 1800)]
    [InlineData(1801, 1800)]
    [InlineData(80000, 1800)]
    public void A_message_is_sent_again_after_as_long_as_the_job_has_waited(int waited, int next)
    {
        var now = Start.AddSeconds(waited);
        var found = s_table.Find(Queued(), new SendAgain(now));

        Assert.Equal((7, Queued() with { SendAt = now.AddSeconds(next) }), found);
    }

    [Fact]
    public void A_message_is_sent_again_after_a_minute_at_least()
    {
        var found = s_table.Find(Queued() with { SendAt = Start }, new SendAgain(Start.AddSeconds(5)));

        Assert.Equal(Start.AddSeconds(65), found!.Value.Next.SendAt);
    }

    [Fact]
    public void The_durations_are_those_of_the_settings()
    {
        var table = new Transitions(new()
        {
            Lease = TimeSpan.FromSeconds(5),
            CreateWithin = TimeSpan.FromSeconds(2),
            CreateTimeout = TimeSpan.FromSeconds(1),
            BackOff = TimeSpan.FromSeconds(1),
            BackOffMost = TimeSpan.FromSeconds(3),
            LostClaimBackOff = TimeSpan.FromSeconds(2),
            SendAgain = TimeSpan.FromSeconds(4),
            SendAgainMost = TimeSpan.FromSeconds(6),
        });

        Assert.Equal(s_now.AddSeconds(5), table.Find(Queued(), new Claim(s_now, "k", "w", "e", 0, null))!.Value.Next.Lease);
        Assert.Equal(s_now.AddSeconds(3), table.Find(Claimed() with { Attempt = 3 }, new CreateBusy(s_now, 3, "busy"))!.Value.Next.NotBefore);
        Assert.Equal(s_now.AddSeconds(4), table.Find(Claimed() with { LostClaims = 2 }, new RunAbsent(s_now, 1, true))!.Value.Next.NotBefore);
        Assert.Equal(s_now.AddSeconds(6), table.Find(Queued(), new SendAgain(s_now))!.Value.Next.SendAt);
        Assert.Equal(s_now.AddSeconds(5), table.Find(StartedOut(), new Renewed(s_now, 1))!.Value.Next.Lease);

        // A create is over 3 s after its start, and its run 33 s after its deadline.
        Assert.Null(table.Find(StartedOut(), new StartAsked(StartedAt.AddSeconds(3).AddTicks(-1), 1, "key", Anew: true)));
        var again = table.Find(StartedOut(), new StartAsked(StartedAt.AddSeconds(3), 1, "key", Anew: true))!.Value.Next;
        Assert.Equal((StartedAt.AddSeconds(8), StartedAt.AddSeconds(36).AddHours(1)), (again.Lease, again.Takeover));
    }

    private static (DateTimeOffset NotBefore, DateTimeOffset SendAt) Times(Job job, JobEvent happened)
    {
        var next = s_table.Find(job, happened)!.Value.Next;
        Assert.Equal(JobState.Queued, next.State);
        return (next.NotBefore, next.SendAt);
    }
}
