using Pushcart.Jobs;
using Pushcart.Jobs.Finished;

namespace Pushcart.Tests.Unit.Jobs.Finished;

public sealed class HistoryKeyTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 15, 23, 59, 59, 990, TimeSpan.Zero);

    [Fact]
    public void Keys_sort_newest_first_over_milliseconds_days_and_years()
    {
        var chance = new SeededChance(4);
        long[] offsets = [0, 1, 9, 10, 11, 999, 86_400_000, 86_400_000L * 31, 86_400_000L * 366 * 10, 86_400_000L * 366 * 100];
        var ids = offsets.Select(ms => JobId.New(s_start.AddMilliseconds(ms), chance)).ToList();

        var keys = ids.Select(id => History.PartitionOf(JobId.SubmittedAt(id)) + " / " + History.KeyOf(id)).ToList();

        Assert.Equal(Enumerable.Reverse(keys), keys.Order(StringComparer.Ordinal));
        Assert.All(keys, key => Assert.Matches("^[0-9]{5} / [0-9]{13}-[0-9a-z]{20}$", key));
    }

    [Fact]
    public void A_day_is_one_partition()
    {
        Assert.Equal(History.PartitionOf(s_start), History.PartitionOf(s_start.AddDays(-1).AddMilliseconds(10)));
        Assert.NotEqual(History.PartitionOf(s_start), History.PartitionOf(s_start.AddMilliseconds(10)));
        Assert.Equal("79531", History.PartitionOf(s_start));
    }
}
