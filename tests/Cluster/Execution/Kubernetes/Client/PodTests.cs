using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster.Execution.Kubernetes.Client;

/// <summary>Pods of a real node: their logs and events.</summary>
public sealed class PodTests(TestNamespace place) : IClassFixture<TestNamespace>
{
    [ClusterFact]
    public async Task The_tail_of_a_log_is_read()
    {
        using var client = TestCluster.Client();
        var log = await RunAsync(client, "tail", "i=0; while [ $i -lt 500 ]; do echo line-$i; i=$((i+1)); done; echo grüße");

        Assert.Equal("line-498\nline-499\ngrüße\n", (await client.ReadLogTailAsync(log, 3, 64_000, default)).Value);
        Assert.Equal("499\ngrüße\n", (await client.ReadLogTailAsync(log, 300, 12, default)).Value);
        Assert.StartsWith("line-0\n", (await client.ReadLogTailAsync(log, 1000, 64_000, default)).Value, StringComparison.Ordinal);

        await using var all = (await client.OpenLogAsync(log, follow: false, lines: null, limitBytes: 13, default)).Value!;
        using var reader = new StreamReader(all);
        Assert.Equal("line-0\nline-1", await reader.ReadToEndAsync());
    }

    [ClusterFact]
    public async Task A_log_is_followed_to_its_end()
    {
        using var client = TestCluster.Client(KubeLimits.Default with { TryTimeout = TimeSpan.FromSeconds(3) });
        var pod = await StartAsync(client, "follow", "echo one; sleep 5; echo two");
        var log = new KubeLog(place.Name, pod, "work");
        KubeAnswer<Stream> answer = default;
        await Eventually.TrueAsync(async () => (answer = await client.OpenLogAsync(log, follow: true, lines: null, limitBytes: null, default)).Value is not null, "the container has started");
        await using var stream = answer.Value!;
        using var reader = new StreamReader(stream);

        // Longer than the time of a try: that is the time of the first byte.
        Assert.Equal("one", await reader.ReadLineAsync());
        Assert.Equal("two", await reader.ReadLineAsync());
        Assert.Null(await reader.ReadLineAsync());
    }

    [ClusterFact]
    public async Task Following_ends_with_the_callers_patience()
    {
        using var client = TestCluster.Client();
        var pod = await StartAsync(client, "patience", "echo one; sleep 60");
        using var patience = new CancellationTokenSource();
        KubeAnswer<Stream> answer = default;
        await Eventually.TrueAsync(
            async () => (answer = await client.OpenLogAsync(new KubeLog(place.Name, pod, "work"), follow: true, lines: null, limitBytes: null, patience.Token)).Value is not null, "the container has started");
        await using var stream = answer.Value!;
        var buffer = new byte[100];
        Assert.Equal("one\n", Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, 4)));
        var next = stream.ReadAsync(buffer).AsTask();
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [ClusterFact]
    public async Task A_log_that_is_not_there_is_a_failure()
    {
        using var client = TestCluster.Client();
        var log = await RunAsync(client, "nolog", "true");

        Assert.Equal(KubeFailureKind.NotFound, (await client.ReadLogTailAsync(log with { Pod = "none" }, 10, 100, default)).Failure?.Kind);
        Assert.Equal(KubeFailureKind.Invalid, (await client.ReadLogTailAsync(log with { Container = "none" }, 10, 100, default)).Failure?.Kind);
        Assert.Equal(KubeFailureKind.Invalid, (await client.ReadLogTailAsync(log with { Previous = true }, 10, 100, default)).Failure?.Kind);
    }

    [ClusterFact]
    public async Task The_log_before_a_restart_is_read()
    {
        using var client = TestCluster.Client();
        var pod = JsonNode.Parse($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"again"},"spec":{"restartPolicy":"OnFailure","terminationGracePeriodSeconds":1,
             "volumes":[{"name":"v","emptyDir":{} }],"containers":[{"name":"work","image":"{{TestCluster.Image}}","imagePullPolicy":"IfNotPresent",
             "volumeMounts":[{"name":"v","mountPath":"/v"}],"command":["sh","-c","if [ -e /v/x ]; then echo second; sleep 60; else touch /v/x; echo first; exit 1; fi"]}]} }
            """)!.AsObject();
        Assert.Null((await client.CreateAsync(KubeResource.Pods, place.Name, pod, sendBefore: null, default)).Failure);
        var log = new KubeLog(place.Name, "again", "work");

        await Eventually.TrueAsync(async () => (await client.ReadLogTailAsync(log, 10, 100, default)).Value == "second\n", "the container was started again");
        Assert.Equal("first\n", (await client.ReadLogTailAsync(log with { Previous = true }, 10, 100, default)).Value);
    }

    [ClusterFact]
    public async Task Events_tell_why_a_pod_cannot_be_created()
    {
        using var client = TestCluster.Client();
        var job = (await client.CreateAsync(KubeResource.Jobs, place.Name, Objects.Job("stuck", "true", serviceAccount: "nobody"), sendBefore: null, default)).Value!;

        await Eventually.TrueAsync(
            async () => (await client.ListEventsAsync(place.Name, "Job", "stuck", Objects.Uid(job), default)).Value!.Items.Any(e =>
                e["reason"]?.GetValue<string>() == "FailedCreate" && e["message"]!.GetValue<string>().Contains("nobody", StringComparison.Ordinal)),
            "an event tells that the service account is missing");
        Assert.Empty((await client.ListEventsAsync(place.Name, "Job", "stuck", Guid.Empty.ToString(), default)).Value!.Items);
    }

    /// <summary>Runs it to its end.</summary>
    private async Task<KubeLog> RunAsync(KubeClient client, string name, string line)
    {
        var pod = await StartAsync(client, name, line);
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(KubeResource.Pods, place.Name, pod, default)).Value?["status"]?["phase"]?.GetValue<string>() == "Succeeded", $"{pod} has succeeded");
        return new KubeLog(place.Name, pod, "work");
    }

    private async Task<string> StartAsync(KubeClient client, string name, string line)
    {
        Assert.Null((await client.CreateAsync(KubeResource.Jobs, place.Name, Objects.Job(name, line), sendBefore: null, default)).Failure);
        string? pod = null;
        await Eventually.TrueAsync(
            async () => (pod = (await client.ListAsync(KubeResource.Pods, place.Name, $"test={name}", null, default)).Value!.Items is [var only, ..] ? only["metadata"]!["name"]!.GetValue<string>() : null) is not null,
            $"the pod of {name} is there");
        return pod!;
    }
}
