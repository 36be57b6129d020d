using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Storage;
using Pushcart.Tests.Cluster;
using Pushcart.Tests.Cluster.Jobs;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Bench;

/// <summary>
/// Two hundred jobs submitted at once, with a limit of as many, become Jobs; no pod is created for them. The floor is what no claim can do without, by two callers as
/// there are two claimers: a row read, a transaction of two rows (the job's and its slot's), and the create.
/// </summary>
internal static class KubernetesBench
{
    private const int Jobs = 200;

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        if (TestCluster.Kubeconfig is null)
        {
            Console.WriteLine($"kubernetes      skipped: {TestCluster.MissingReason}");
            return [];
        }

        await using var place = await JobsPlace.StartAsync(azurite, pods: false, most: Jobs);
        await place.Here.ApplyAsync(Action("build", ns: place.Namespace));
        await place.RequestAsync(Jobs, "build");
        var second = place.Here.NewProcess(place.Use);
        var taken = await Measure.TimeAsync(() => Task.WhenAll(place.Here.DeliverJobsAsync(), place.Here.DeliverJobsAsync(second)));
        var created = (await place.JobsAsync()).Count;
        var floor = await Measure.TimeAsync(() => Task.WhenAll(CreateAsync(place, "a"), CreateAsync(place, "b")));
        return
        [
            new($"{Jobs} jobs are claimed and created: Jobs that are missing", Jobs - created, 0, ""),
            new($"{Jobs} jobs are claimed and created", taken.TotalSeconds, 20, "s"),
            new("the same, as a ratio to the reads, transactions and creates alone", taken / floor, 10, "times"),
        ];
    }

    private static async Task CreateAsync(JobsPlace place, string prefix)
    {
        using var client = TestCluster.Client();
        for (var n = 0; n < Jobs / 2; n++)
        {
            await place.Here.Live.FindAsync("bench", $"{prefix}{n}", CancellationToken.None);
            await place.Here.Live.WriteAsync([Change.Insert(Rows.New("bench", $"{prefix}{n}")), Change.Insert(Rows.New("bench", $"{prefix}{n}-slot"))], CancellationToken.None);
            var job = (JsonObject)JsonNode.Parse($$"""
                {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{prefix}}-{{n}}"},
                 "spec":{"backoffLimit":0,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"c"}]} } } }
                """)!;
            var answer = await client.CreateAsync(KubeResource.Jobs, place.Namespace, job, sendBefore: null, CancellationToken.None);
            if (answer.Failure is { } failure)
            {
                throw new InvalidOperationException(failure.Message);
            }
        }
    }
}
