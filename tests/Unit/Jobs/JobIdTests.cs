using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class JobIdTests
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 15, 12, 0, 0, 123, TimeSpan.Zero);

    [Fact]
    public void An_id_has_20_characters_and_knows_its_millisecond()
    {
        var id = JobId.New(s_now.AddTicks(4567), new SeededChance(1));

        Assert.Matches("^[0-9a-hjkmnp-tv-z]{20}$", id);
        Assert.True(JobId.IsValid(id));
        Assert.Equal(s_now, JobId.SubmittedAt(id));
    }

    [Fact]
    public void The_last_millisecond_there_is_comes_back()
    {
        var last = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.MaxValue.ToUnixTimeMilliseconds());

        Assert.Equal(last, JobId.SubmittedAt(JobId.New(last, new SeededChance(1))));
    }

    [Fact]
    public void Ids_sort_by_time()
    {
        var chance = new SeededChance(2);
        long[] offsets = [0, 1, 31, 32, 1_000, 32_768, 60_000, 1L << 25, 1L << 35, 1L << 40];
        var ids = offsets.Select(ms => JobId.New(s_now.AddMilliseconds(ms), chance)).ToList();

        Assert.Equal(ids, ids.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Ids_of_one_millisecond_differ_in_every_random_character()
    {
        var chance = new SeededChance(3);
        var ids = Enumerable.Range(0, 20_000).Select(_ => JobId.New(s_now, chance)).ToList();

        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Single(ids.Select(id => id[..10]).Distinct());
        for (var at = 10; at < JobId.Length; at++)
        {
            Assert.Equal(32, ids.Select(id => id[at]).Distinct().Count());
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("01kf5s8v3v000000000")]
    [InlineData("01kf5s8v3v00000000000")]
    [InlineData("01KF5S8V3V0000000000")]
    [InlineData("01kf5s8v3v000000000i")]
    [InlineData("01kf5s8v3v000000000|")]
    [InlineData("zzzzzzzzzz0000000000")]
    public void What_is_no_id_is_told(string? text) => Assert.False(JobId.IsValid(text));

    [Fact]
    public void An_id_of_no_time_there_is_is_simply_not_found()
    {
        // Ten characters hold fifty bits, more milliseconds than a date can be: asked for in a URL it must not be a crash.
        Assert.False(JobId.IsValid("zzzzzzzzzzzzzzzzzzzz"));
        Assert.Throws<ArgumentOutOfRangeException>(() => JobId.SubmittedAt("zzzzzzzzzzzzzzzzzzzz"));
    }
}
