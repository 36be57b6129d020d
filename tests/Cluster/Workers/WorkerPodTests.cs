using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Workers;

/// <summary>The worker as pods of the cluster that it runs jobs in, by the manifests of <c>infra/kubernetes/worker</c> and with the rights that they give and no others.</summary>
[RequiresCluster]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "CA1001", Justification = "xunit ends what it began")]
public sealed class WorkerPodTests : IAsyncLifetime
{
    private readonly ClusterEdge _edge = new();
    private readonly WorkerPods _pods;

    public WorkerPodTests() => _pods = new(_edge);

    public async Task InitializeAsync()
    {
        await _edge.InitializeAsync();
        await _pods.InitializeAsync();
    }

    public async Task DisposeAsync()
    {
        await _pods.DisposeAsync();
        await _edge.DisposeAsync();
    }

    [ClusterFact]
    public async Task A_pod_registers_runs_a_job_with_its_rights_alone_and_the_pod_after_it_is_the_same_worker()
    {
        await RegistrationAsync();
        await _pods.ApplyAsync("registration");
        var first = Assert.Single(await _pods.ReadyAsync(1));
        Assert.Contains("\"registered\": true", (await _edge.CommandAsync("workers", "get", "edge", "-o", "json")).Text, StringComparison.Ordinal);
        var (done, taken) = (await _edge.SubmitAsync(), await _edge.SubmitAsync());
        await _edge.AtWorkAsync(done);
        var uid = (await _edge.AtWorkAsync(taken))["metadata"]!["uid"]!.GetValue<string>();
        _edge.Open(done);
        await _edge.UntilAsync(done, "succeeded");
        Assert.Equal("at work on hello\ndone\n", await _edge.Host.Client.GetStringAsync($"api/jobs/{done}/log"));
        var log = await _pods.LogAsync(first);
        Assert.DoesNotContain("cannot", log, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cr3t", log, StringComparison.Ordinal);

        Assert.Equal(0, (await WorkerPods.KubectlAsync("delete", "pod", first, "--namespace", _pods.Namespace, "--grace-period=0", "--force")).Exit);
        await _edge.UntilAsync(async () => (await _edge.JobAsync(taken)).GetProperty("attempt").GetInt32() == 2, "the next pod has taken the job over");
        _edge.Open(taken);
        await _edge.UntilAsync(taken, "succeeded");

        Assert.Equal(uid, Assert.Single(await _edge.JobsAsync(taken))["metadata"]!["uid"]!.GetValue<string>());
        var second = Assert.Single(await _pods.ReadyAsync(1));
        Assert.NotEqual(first, second);
        Assert.DoesNotContain("cannot", await _pods.LogAsync(second), StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task The_account_may_do_what_the_worker_does_and_nothing_else()
    {
        await _pods.ApplyAsync("registration");
        var elsewhere = new TestNamespace();
        await elsewhere.InitializeAsync();
        (string Verb, string Resource, string? Where)[] yes =
        [
            .. new[] { "create", "get", "list", "patch", "delete" }.Select(verb => (verb, "jobs.batch", (string?)_edge.Namespace)),
            ("list", "pods", _edge.Namespace), ("get", "pods --subresource=log", _edge.Namespace), ("list", "events", _edge.Namespace), ("create", "secrets", _edge.Namespace), ("get", "secrets", _edge.Namespace),
            ("get", "secrets/pushcart-worker-state", _pods.Namespace), ("patch", "secrets/pushcart-worker-state", _pods.Namespace), ("get", "namespaces/kube-system", null),
        ];
        (string Verb, string Resource, string? Where)[] no =
        [
            .. new[] { "update", "watch", "deletecollection" }.Select(verb => (verb, "jobs.batch", (string?)_edge.Namespace)),
            .. new[] { "create", "get", "delete", "patch" }.Select(verb => (verb, "pods", (string?)_edge.Namespace)),
            .. new[] { "list", "watch", "patch", "update", "delete" }.Select(verb => (verb, "secrets", (string?)_edge.Namespace)),
            ("create", "pods --subresource=exec", _edge.Namespace), ("create", "serviceaccounts --subresource=token", _edge.Namespace), ("create", "rolebindings", _edge.Namespace), ("get", "configmaps", _edge.Namespace),
            ("get", "secrets", _pods.Namespace), ("get", "secrets/pushcart-worker-registration", _pods.Namespace), ("list", "secrets", _pods.Namespace), ("delete", "secrets/pushcart-worker-state", _pods.Namespace),
            ("create", "secrets", _pods.Namespace), ("create", "jobs.batch", _pods.Namespace), ("list", "pods", _pods.Namespace),
            ("create", "jobs.batch", elsewhere.Name), ("get", "secrets", elsewhere.Name), ("list", "jobs.batch", null), ("list", "namespaces", null), ("get", "namespaces/default", null), ("get", "nodes", null),
        ];

        var wrong = new List<string>();
        foreach (var (right, expected) in yes.Select(r => (r, true)).Concat(no.Select(r => (r, false))))
        {
            if (await _pods.MayAsync(right.Verb, right.Resource, right.Where) != expected)
            {
                wrong.Add($"{(expected ? "may not" : "may")} {right.Verb} {right.Resource} in {right.Where ?? "the cluster"}");
            }
        }

        Assert.Empty(wrong);
        await elsewhere.DisposeAsync();
    }

    [ClusterFact]
    public async Task Three_replicas_with_a_service_token_are_three_workers_and_one_takes_over_the_jobs_of_a_pod_that_is_gone()
    {
        var token = await _edge.CommandAsync("tokens", "create", "--description", "workers of edge", "--scope", "worker");
        await _edge.CreateSecretAsync(_pods.Namespace, "pushcart-worker-token", "token", token.Lines.Single(l => l.StartsWith("pct_", StringComparison.Ordinal)));
        await _pods.ApplyAsync("service-token");
        var names = await _pods.ReadyAsync(3);
        var listed = (await _edge.CommandAsync("workers", "list")).Text;
        Assert.All(names, name => Assert.Contains($"edge/{name}", listed, StringComparison.Ordinal));

        var id = await _edge.SubmitAsync();
        var uid = (await _edge.AtWorkAsync(id))["metadata"]!["uid"]!.GetValue<string>();
        var owner = (await _edge.JobAsync(id)).Text("worker")!;
        Assert.Equal(0, (await WorkerPods.KubectlAsync("delete", "pod", owner.Split('/')[1], "--namespace", _pods.Namespace, "--grace-period=0", "--force")).Exit);
        await _edge.UntilAsync(async () => (await _edge.JobAsync(id)).Text("worker") != owner, "another pod has taken the job over");
        _edge.Open(id);
        await _edge.UntilAsync(id, "succeeded");

        Assert.Equal(uid, Assert.Single(await _edge.JobsAsync(id))["metadata"]!["uid"]!.GetValue<string>());
    }

    // As docs/workers.md says.
    private async Task RegistrationAsync()
    {
        var secret = await _edge.CommandAsync("workers", "add", "edge", "-o", "secret", "--secret-name", $"{_pods.Namespace}/pushcart-worker-registration");
        var file = Path.Combine(_edge.Folder, "registration.yaml");
        await File.WriteAllTextAsync(file, string.Join('\n', secret.Lines.Except(secret.Errors)));
        var (exit, text) = await WorkerPods.KubectlAsync("apply", "--validate=false", "-f", file);
        Assert.True(exit == 0, text);
    }
}
