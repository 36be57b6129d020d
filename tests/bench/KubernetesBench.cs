using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Storage;
using Pushcart.Tests.Cluster;
using Pushcart.Tests.Cluster.Host;
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
    private const int Hooks = 10;

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
            new($"webhook accepted to Kubernetes Job created, idle, p50 of {Hooks}", (await HookToJobAsync()).TotalMilliseconds, 250, "ms"),
        ];
    }

    /// <summary>From the answer of a webhook to the Job that a list of the API shows, one at a time, by a real host that does nothing else.</summary>
    private static async Task<TimeSpan> HookToJobAsync()
    {
        var cluster = new ClusterHostPlace();
        await cluster.InitializeAsync();
        try
        {
            cluster.Place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
            cluster.Place.Settings["AzureFunctionsJobHost__extensions__queues__maxPollingInterval"] = "00:00:30";
            cluster.Repository.Commit("a", "1");
            var manifests = Path.GetDirectoryName(cluster.Manifests("true"))!;
            cluster.Place.Write("manifests/hook.yaml", $$"""
                {apiVersion: pushcart.dev/v1, kind: WebhookTrigger, metadata: {name: always, namespace: {{cluster.Namespace}}},
                 spec: {sources: {names: [app], watchOn: {onChangeOnly: false, reference: {branch: main} } }, action: {kind: Action, name: app} } }
                """);
            var host = await cluster.Place.StartLiveAsync("--manifests", manifests);
            await cluster.Place.FinishedAsync(host, 1, 120);
            var taken = new List<TimeSpan>();
            for (var n = 1; n <= Hooks; n++)
            {
                var before = (await cluster.JobsAsync()).Count;
                using var answer = await host.Client.PostAsync($"hooks/{cluster.Namespace}/always/app", null);
                answer.EnsureSuccessStatusCode();
                taken.Add(await Measure.TimeAsync(async () =>
                {
                    while ((await cluster.JobsAsync()).Count == before)
                    {
                    }
                }));
                await cluster.Place.FinishedAsync(host, n + 1, 120);
            }

            return taken.Order().ElementAt(Hooks / 2);
        }
        finally
        {
            await cluster.DisposeAsync();
        }
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
