using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class RunNamesTests
{
    private static readonly string s_id = GivenJob.Queued().Id;

    [Fact]
    public void A_name_is_action_id_and_run()
    {
        var key = RunNames.Of(GivenJob.Claimed() with { Run = 3 });

        Assert.Equal(new("team", $"build-{s_id}-3", s_id, 3), key);
        Assert.Equal($"build-{s_id}-1", RunNames.Of(GivenJob.Claimed() with { Run = 3 }, run: 1).Name);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(99)]
    [InlineData(1000)]
    public void A_name_of_200_characters_is_cut_and_id_and_run_are_kept_whole(int run)
    {
        var key = RunNames.Of(GivenJob.Claimed() with { ActionName = new string('a', 200), Run = run });

        Assert.Equal(63, key.Name.Length);
        Assert.EndsWith($"a-{s_id}-{run}", key.Name, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(41)]
    [InlineData(40)]
    [InlineData(39)]
    [InlineData(10)]
    public void What_is_left_of_a_name_is_a_label_of_a_domain_name(int length)
    {
        var name = new string('a', length - 2) + "-." + new string('b', 60);
        var key = RunNames.Of(GivenJob.Claimed() with { ActionName = name });

        Assert.Matches("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$", key.Name);
        Assert.DoesNotContain("--", RunNames.Of(GivenJob.Claimed() with { ActionName = name[..40] }).Name[^25..], StringComparison.Ordinal);
    }

    [Fact]
    public void Dots_which_no_label_has_become_dashes() =>
        Assert.Equal($"build-v1-2-{s_id}-1", RunNames.Of(GivenJob.Claimed() with { ActionName = "build.v1.2" }).Name);
}
