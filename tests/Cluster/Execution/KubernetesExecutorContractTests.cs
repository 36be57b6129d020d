using Pushcart.Execution;
using Pushcart.Git;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Execution;

/// <summary>The Kubernetes executor does what every executor does.</summary>
[RequiresCluster]
public sealed class KubernetesExecutorContractTests(ClusterPlace place) : ExecutorContract, IClassFixture<ClusterPlace>
{
    protected override string Installation => ClusterPlace.Installation;

    protected override GitEndpoint Repository => place.Endpoint;

    protected override string Namespace => place.Namespace;

    protected override string? Image => ClusterPlace.Image;

    // From the Job's start, and its pod has two containers to start before the work begins.
    protected override TimeSpan ShortDeadline => TimeSpan.FromSeconds(8);

    // The Job controller deletes the pod.
    protected override bool KeepsOutputPastDeadline => false;

    protected override string Commit(string path, string content) => place.Repository.Commit(path, content);

    protected override Task<IExecutor> NewAsync() => Task.FromResult<IExecutor>(place.NewExecutor());

    protected override RunSpec Adapted(RunSpec spec) => place.Adapted(spec);

    protected override Task LetGoAsync(RunSpec spec)
    {
        place.Open(spec.Key);
        return Task.CompletedTask;
    }
}
