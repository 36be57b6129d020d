using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster;

/// <summary>The contract tests of the class need a cluster.</summary>
public sealed class RequiresClusterAttribute : RequiresAttribute
{
    /// <inheritdoc/>
    public override string? MissingReason => TestCluster.MissingReason;
}
