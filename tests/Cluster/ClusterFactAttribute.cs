namespace Pushcart.Tests.Cluster;

/// <summary>A test against a real cluster; without one it is skipped.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterFactAttribute : FactAttribute
{
    public ClusterFactAttribute() => Skip = TestCluster.MissingReason;
}

/// <summary>The same, once for each row of data.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClusterTheoryAttribute : TheoryAttribute
{
    public ClusterTheoryAttribute() => Skip = TestCluster.MissingReason;
}
