using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Host;

/// <summary><c>pushcart demo --executor kubernetes</c>, as a user starts it.</summary>
[RequiresCluster]
public sealed class DemoOnClusterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pushcart-demotest-");

    [ClusterFact]
    public async Task It_runs_its_jobs_in_a_namespace_of_its_own_and_leaves_nothing()
    {
        await using var demo = Start("--kubeconfig", TestCluster.Kubeconfig!, "--context", TestCluster.Connect().Context!, "--image", TestCluster.Image);

        var exit = await demo.ExitAsync(300);

        Assert.True(exit == 0, demo.Text);
        Assert.Empty(demo.Errors);
        Assert.Contains("Hello from the second commit!", demo.Text, StringComparison.Ordinal);
        var ns = demo.Lines.Single(line => line.Contains("Kubernetes: ", StringComparison.Ordinal)).Split(' ')[^1];
        using var client = TestCluster.Client();
        await Eventually.TrueAsync(async () => (await client.GetAsync(KubeResource.Namespaces, null, ns, default)).Failure?.Kind == KubeFailureKind.NotFound, $"namespace {ns} is gone", 180);
        Assert.Empty(Directory.GetFileSystemEntries(_folder.FullName, "pushcart-*"));
    }

    public void Dispose()
    {
        foreach (var process in HostProcesses.Of(_folder.FullName))
        {
            HostProcesses.Kill(process);
        }

        _folder.Delete(recursive: true);
    }

    private HostProcess Start(params string[] words) => HostProcess.Start(
        _folder.FullName, [new("TMPDIR", _folder.FullName)], ["demo", "--executor", "kubernetes", .. words], program: HostProcess.Program("cli", "Pushcart.Cli.dll"));
}
