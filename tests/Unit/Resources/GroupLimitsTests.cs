using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources;

public sealed class GroupLimitsTests
{
    [Fact]
    public void Two_limits_for_one_group_of_a_namespace_are_a_conflict()
    {
        var conflict = Assert.Single(GroupLimits.Check([Action("team", "b", "g", 2), Action("team", "a", "g", 1), Action("team", "c", "g", 1), Action("team", "d", "other", 9)]));
        Assert.Equal("Action team/a gives the concurrency group g the limit 1, and Action team/b gives it 2; a group has one limit: make them equal, or name another group", conflict.ToString());
    }

    [Fact]
    public void Namespaces_have_groups_of_their_own() => Assert.Empty(GroupLimits.Check([Action("a", "x", "g", 1), Action("b", "x", "g", 2)]));

    [Fact]
    public void An_action_of_the_cluster_counts_in_every_namespace()
    {
        Assert.Equal(2, GroupLimits.Check([Action(null, "x", "g", 1), Action("a", "x", "g", 2), Action("b", "x", "g", 3)]).Count);
        Assert.Single(GroupLimits.Check([Action(null, "x", "g", 1), Action(null, "y", "g", 2)]));
        Assert.Empty(GroupLimits.Check([Action(null, "x", "g", 1), Action("a", "x", "g", 1)]));
    }

    [Fact]
    public void Without_a_group_there_is_no_limit_to_differ() => Assert.Empty(GroupLimits.Check([Action("a", "x", null, 1), Action("a", "y", null, 2)]));

    private static (ResourceName Name, ActionSpec Spec) Action(string? ns, string name, string? group, int limit) =>
        (new ResourceName(ns is null ? ResourceKind.ClusterAction : ResourceKind.Action, ns, name),
            new ActionSpec { Job = new ActionJobSpec { Concurrency = new ConcurrencySpec(group, limit, true) } });
}
