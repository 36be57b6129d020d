using Pushcart.Tests.Unit.Jobs;
using Pushcart.Workers.Wire;
using Pushcart.Workers.Working.Link;
using Pushcart.Workers.Working.Runs;

namespace Pushcart.Tests.Unit.Workers.Working;

public sealed class HeldJobsTests
{
    private static readonly DateTimeOffset s_now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_later_claim_of_a_run_takes_the_place_of_an_older_one()
    {
        var held = new HeldJobs();
        var older = Held(attempt: 1, run: 1);
        Assert.True(held.Add(older));

        Assert.True(held.Add(Held(attempt: 2, run: 1)));

        Assert.Equal(HoldPhase.Done, older.Phase);
        Assert.Equal(2, Assert.Single(held.All).Job.Attempt);
    }

    /// <summary>Its end may be told and not answered: who forgets it never sets how long the run is kept.</summary>
    [Fact]
    public void A_claim_of_the_next_run_leaves_the_one_before_to_its_own_end()
    {
        var held = new HeldJobs();
        var before = Held(attempt: 1, run: 1);
        before.Phase = HoldPhase.Ending;
        held.Add(before);

        held.Add(Held(attempt: 2, run: 2));

        Assert.Equal(HoldPhase.Ending, before.Phase);
        Assert.Equal([1, 2], held.All.Select(j => j.Job.Run).Order());
    }

    private static HeldJob Held(int attempt, int run)
    {
        var job = GivenWork.Job(s_now, 1, TimeSpan.FromHours(1), "{}");
        return new(new ClaimAnswer(job, attempt, run, "key", TimeSpan.FromSeconds(60), "inst"), s_now, new BackOff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), new SeededChance(1)));
    }
}
