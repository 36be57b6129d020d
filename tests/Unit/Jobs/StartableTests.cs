using Pushcart.Jobs;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class StartableTests
{
    private static readonly DateTimeOffset s_now = GivenJob.Start.AddHours(1);

    [Fact]
    public void The_oldest_first_as_many_as_slots_are_free()
    {
        Job[] jobs = [Queued(4), Queued(2), Running(1, slot: 0), Queued(3)];

        Assert.Equal([Id(2), Id(3)], Among(jobs, limit: 3));
    }

    [Fact]
    public void None_where_no_slot_is_free() => Assert.Empty(Among([Queued(2), Running(1, slot: 0)], limit: 1));

    [Fact]
    public void A_job_in_back_off_waits_and_holds_up_nobody()
    {
        Job[] jobs = [Queued(1) with { NotBefore = s_now.AddTicks(1) }, Queued(2)];

        Assert.Equal([Id(2)], Among(jobs, limit: 1));
        Assert.Equal([Id(1)], Startable.Among(jobs, 1, s_now.AddTicks(1)).Select(j => j.Id));
    }

    [Fact]
    public void A_job_for_a_registered_worker_is_not_the_built_in_ones_and_takes_none_of_its_slots_but_keeps_its_place_in_its_group()
    {
        Job[] jobs = [Queued(1) with { ForWorker = "edge" }, Queued(2), Queued(3) with { ForWorker = "edge", Group = "g" }, Queued(4) with { Group = "g" }];

        Assert.Equal([Id(2)], Among(jobs, limit: 4));
        Assert.Equal([Id(1), Id(2), Id(3)], Startable.Ready(jobs, s_now).Select(j => j.Id));
    }

    [Fact]
    public void What_has_ended_neither_starts_nor_counts() => Assert.Equal([Id(2)], Among([GivenJob.Ended(Id(1)), Queued(2)], limit: 1));

    [Fact]
    public void After_a_lowered_maximum_the_slots_above_it_do_not_count()
    {
        // 16 ran, the maximum is 4 now: only what holds slots 0 to 3 stands in the way.
        var jobs = Enumerable.Range(0, 16).Where(slot => slot != 2).Select(slot => Running(slot, slot)).Append(Queued(20)).Append(Queued(21)).ToList();

        Assert.Equal([Id(20)], Among(jobs, limit: 4));
        Assert.Empty(Among([.. jobs, Running(2, slot: 2)], limit: 4));
    }

    [Fact]
    public void Slots_of_registered_workers_are_none_of_the_built_in_one()
    {
        Job[] jobs = [Running(1, slot: 0) with { Worker = "edge/a" }, Queued(2), Queued(3)];

        Assert.Equal([Id(2)], Among(jobs, limit: 1));
    }

    [Fact]
    public void One_of_a_group_at_a_time_strictly_oldest_first()
    {
        Job[] jobs = [InGroup(Queued(2)), InGroup(Queued(1)), InGroup(Queued(3)), Queued(4)];

        Assert.Equal([Id(1), Id(4)], Among(jobs));
    }

    [Fact]
    public void A_full_group_waits_and_others_do_not()
    {
        Job[] jobs = [InGroup(Running(1, slot: 0)), InGroup(Queued(2)), Queued(3), InGroup(Queued(4), "other")];

        Assert.Equal([Id(3), Id(4)], Among(jobs));
    }

    [Fact]
    public void A_group_with_room_for_two_takes_a_second()
    {
        Job[] jobs = [InGroup(Running(1, slot: 0), limit: 2), InGroup(Queued(2), limit: 2), InGroup(Queued(3), limit: 2)];

        Assert.Equal([Id(2)], Among(jobs));
        Assert.Empty(Among([.. jobs, InGroup(GivenJob.Claimed(Id(0)) with { Slot = 1, GroupSlot = 1 }, limit: 2)]));
    }

    [Fact]
    public void The_oldest_of_a_group_is_waited_for_in_its_back_off_by_its_own_group_only()
    {
        Job[] jobs = [InGroup(Queued(1)) with { NotBefore = s_now.AddMinutes(5) }, InGroup(Queued(2)), Queued(3)];

        Assert.Equal([Id(3)], Among(jobs));
    }

    [Fact]
    public void Groups_of_two_namespaces_are_two_groups()
    {
        Job[] jobs = [InGroup(Running(1, slot: 0)), InGroup(Queued(2)) with { Namespace = "other" }];

        Assert.Equal([Id(2)], Among(jobs));
        Assert.True(Startable.HasRoom(jobs[1], jobs));
        Assert.False(Startable.HasRoom(InGroup(Queued(3)), jobs));
    }

    [Fact]
    public void A_job_is_behind_older_queued_ones_of_its_group_only()
    {
        var job = InGroup(Queued(5));

        Assert.True(Startable.IsBehind(job, [InGroup(Queued(4))]));
        Assert.False(Startable.IsBehind(job, [job, InGroup(Queued(6)), InGroup(Running(1, slot: 0)), InGroup(Queued(2), "other"), InGroup(Queued(3)) with { Namespace = "other" }]));
    }

    private static IEnumerable<string> Among(IReadOnlyCollection<Job> jobs, int limit = 16) => Startable.Among(jobs, limit, s_now).Select(j => j.Id);

    private static string Id(int number) => JobId.New(GivenJob.Start.AddSeconds(number), new SeededChance(number));

    private static Job Queued(int number) => GivenJob.Queued(Id(number));

    private static Job Running(int number, int slot) => GivenJob.Running(Id(number)) with { Slot = slot, Group = null, GroupSlot = null };

    private static Job InGroup(Job job, string group = "deploy", int limit = 1) => job with { Group = group, GroupLimit = limit, GroupSlot = job.IsActive ? job.GroupSlot ?? 0 : null };
}
