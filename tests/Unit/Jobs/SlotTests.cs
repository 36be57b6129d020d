using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class SlotTests
{
    [Fact]
    public void Keys_name_worker_or_group_and_sort_by_number()
    {
        Assert.Equal("slot|builtin|0003", Slot.KeyOf("builtin", 3));
        Assert.Equal("slot|edge:a|0003", Slot.KeyOf("edge/a", 3));
        Assert.Equal("slot|group:team:deploy|0000", Slot.KeyOf(Slot.Group("team", "deploy"), 0));
        var keys = Enumerable.Range(0, 1000).Select(n => Slot.KeyOf("builtin", n)).ToList();
        Assert.Equal(keys, keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_job_holds_its_slots_while_it_has_them()
    {
        Assert.Equal(["slot|builtin|0003", "slot|group:team:deploy|0000"], Slot.HeldBy(GivenJob.Running()));
        Assert.Equal(["slot|builtin|0003"], Slot.HeldBy(GivenJob.Running() with { Group = null, GroupSlot = null }));
        Assert.Empty(Slot.HeldBy(GivenJob.Queued() with { Group = "deploy" }));
        Assert.Empty(Slot.HeldBy(GivenJob.Ended()));
    }

    [Fact]
    public void The_lowest_free_number_below_the_limit_is_given_out()
    {
        string[] taken = [Slot.KeyOf("builtin", 0), Slot.KeyOf("builtin", 2), Slot.KeyOf("other", 1), Slot.KeyOf("builtin", 9)];

        Assert.Equal(1, Slot.Free("builtin", 3, taken));
        Assert.Equal(3, Slot.Free("builtin", 4, [.. taken, Slot.KeyOf("builtin", 1)]));
        Assert.Null(Slot.Free("builtin", 3, [.. taken, Slot.KeyOf("builtin", 1)]));
        Assert.Equal(0, Slot.Free("builtin", 1, []));
    }

    [Fact]
    public void A_row_says_who_holds_it()
    {
        var row = Slot.New("slot|builtin|0003", GivenJob.Claimed());
        row.ETag = new("W/\"1\"");

        Assert.Equal(new("slot|builtin|0003", GivenJob.Claimed().Id, new("W/\"1\"")), Slot.Read(row));
        Assert.Equal(("live", 1), (row.PartitionKey, row["attempt"]));
    }
}
