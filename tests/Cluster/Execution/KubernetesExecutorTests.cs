using System.Text.Json.Nodes;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster.Execution;

/// <summary>What only the Kubernetes executor does: the rows of the jobs page that a cluster can bring about.</summary>
public sealed class KubernetesExecutorTests(ClusterPlace place) : IClassFixture<ClusterPlace>
{
    [ClusterFact]
    public async Task A_refusal_of_the_api_says_what_it_says()
    {
        var executor = place.NewExecutor();
        var spec = Spec("true");

        var missing = await executor.CreateAsync(spec with { Key = spec.Key with { Namespace = "pushcart-test-no-such" } }, default);
        var invalid = await executor.CreateAsync(With(spec, """{"spec":{"containers":[{"name":"action-worker","ports":[{"containerPort":99999999}]}]}}"""), default);

        Assert.Equal(CreateResult.Refused, missing.Result);
        Assert.Contains("\"pushcart-test-no-such\" not found", missing.Message, StringComparison.Ordinal);
        Assert.Equal(CreateResult.Refused, invalid.Result);
        Assert.Contains("containerPort", invalid.Message, StringComparison.Ordinal);
        Assert.Equal(CreateResult.Refused, (await executor.CreateAsync(spec with { Image = null }, default)).Result);
    }

    [ClusterFact]
    public async Task Why_a_pod_cannot_be_created_is_told_in_the_words_of_the_event()
    {
        // Kubernetes 1.20 never ends such a Job: it does not keep the start that the deadline is counted from.
        var executor = place.NewExecutor();
        var spec = Spec("true") with { ServiceAccount = "nobody-knows" };
        Assert.Equal(CreateResult.Created, (await executor.CreateAsync(spec, default)).Result);

        var waiting = await SeenAsync(executor, spec.Key, run => run.Reason is not null);

        Assert.Equal((RunPhase.Active, "FailedCreate"), (waiting.Phase, waiting.Reason));
        Assert.Contains("nobody-knows", waiting.Message, StringComparison.Ordinal);
        Assert.True((await executor.DeleteAsync(waiting, default)).Accepted);
    }

    [ClusterFact]
    public async Task An_image_that_cannot_be_had_is_told_with_the_time_since_when()
    {
        var executor = place.NewExecutor();
        var spec = Spec("true") with { Image = "127.0.0.1:1/no/such:image" };
        await executor.CreateAsync(spec, default);

        var seen = await SeenAsync(executor, spec.Key, run => run.ImageErrorSince is not null);

        Assert.Equal((RunPhase.Active, "ImagePullBackOff"), (seen.Phase, seen.Reason));
        Assert.InRange(seen.ImageErrorSince!.Value, seen.CreatedAt, TimeProvider.System.GetUtcNow().AddSeconds(2));
        Assert.True((await executor.DeleteAsync(await SeenAsync(executor, spec.Key, _ => true), default)).Accepted);
    }

    [ClusterFact]
    public async Task A_configuration_that_is_missing_is_a_reason_and_no_image_error()
    {
        var executor = place.NewExecutor();
        var spec = With(Spec("true"), """{"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"action-worker","envFrom":[{"configMapRef":{"name":"no-such"}}]}]}}""");
        await executor.CreateAsync(spec, default);

        var seen = await SeenAsync(executor, spec.Key, run => run.Reason is not null);

        Assert.Equal(("CreateContainerConfigError", null), (seen.Reason, seen.ImageErrorSince));
    }

    [ClusterFact]
    public async Task A_pod_that_no_node_takes_waits_and_says_so()
    {
        var executor = place.NewExecutor();
        var spec = Spec("true") with { NodeSelector = new Dictionary<string, string> { ["no"] = "such-node" } };
        await executor.CreateAsync(spec, default);

        Assert.Equal("Unschedulable", (await SeenAsync(executor, spec.Key, run => run.Reason is not null)).Reason);
    }

    [ClusterFact]
    public async Task A_failed_clone_says_why_and_its_log_is_the_runs()
    {
        var executor = place.NewExecutor();
        var spec = Spec("echo never");
        spec = spec with { Checkout = spec.Checkout with { Commit = new string('1', 40) } };
        await executor.CreateAsync(spec, default);

        var ended = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Failed && !run.Alive);

        Assert.Equal(("CloneFailed", null), (ended.Reason, ended.ExitCode));
        Assert.StartsWith($"cannot clone {place.Endpoint.RepoUri} at 1111", ended.Message, StringComparison.Ordinal);
        Assert.Contains(ended.Message!, await executor.ReadLogTailAsync(spec.Key, 4000, default), StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task What_the_work_leaves_as_its_message_is_told()
    {
        var executor = place.NewExecutor();
        var spec = Spec("echo '{\"message\":\"42 files\"}' > /dev/termination-log");
        await executor.CreateAsync(spec, default);

        Assert.Equal("{\"message\":\"42 files\"}", (await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Succeeded)).Message);
    }

    [ClusterFact]
    public async Task Memory_that_runs_out_is_the_reason()
    {
        var executor = place.NewExecutor();
        var spec = With(
            Spec("x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done"),
            """{"spec":{"containers":[{"name":"action-worker","resources":{"requests":{"memory":"16Mi"},"limits":{"memory":"32Mi"}}}]}}""");
        await executor.CreateAsync(spec, default);

        var ended = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Failed && !run.Alive);

        Assert.Equal(("OOMKilled", 137), (ended.Reason, ended.ExitCode));
    }

    [ClusterFact]
    public async Task The_work_sees_no_credentials_and_the_job_holds_none()
    {
        var executor = place.NewExecutor();
        var spec = Spec("ls -A / /pushcart 2>&1; env; cat /proc/mounts; find / -name gitconfig 2>/dev/null; ls -A");
        await executor.CreateAsync(spec, default);
        await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Succeeded);

        var log = await executor.ReadLogTailAsync(spec.Key, 64_000, default);
        var job = (await place.Client.GetAsync(KubeResource.Jobs, place.Namespace, spec.Key.Name, default)).Value!.ToJsonString();
        var secret = (await place.Client.GetAsync(KubeResource.Secrets, place.Namespace, spec.Key.Name, default)).Value!;

        Assert.NotNull(log);
        foreach (var word in new[] { "s3cr3t", ClusterPlace.Auth.Header!, "gitconfig", "credentials" })
        {
            Assert.DoesNotContain(word, log, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(ClusterPlace.Auth.Header!, job, StringComparison.Ordinal);
        Assert.Equal(spec.Key.Name, secret["metadata"]!["ownerReferences"]![0]!["name"]!.GetValue<string>());
    }

    [ClusterFact]
    public async Task Credentials_that_were_never_given_are_given_when_the_run_is_seen()
    {
        // As when its creator died in between.
        var executor = place.NewExecutor();
        var spec = Spec("echo done");
        Assert.Null((await place.Client.CreateAsync(KubeResource.Jobs, place.Namespace, JobBuilder.Build(spec), null, default)).Failure);
        var seen = await SeenAsync(executor, spec.Key, run => run.AwaitsCredentials);

        Assert.Null(await executor.EnsureCredentialsAsync(spec, seen, default));
        Assert.Null(await place.NewExecutor().EnsureCredentialsAsync(spec, seen, default));

        Assert.False((await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Succeeded)).AwaitsCredentials);
    }

    [ClusterFact]
    public async Task A_secret_goes_with_its_job()
    {
        var executor = place.NewExecutor();
        var spec = Spec("true");
        await executor.CreateAsync(spec, default);
        var ended = await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Succeeded);
        Assert.True((await executor.DeleteAsync(ended, default)).Accepted);

        await Eventually.TrueAsync(
            async () => (await place.Client.GetAsync(KubeResource.Secrets, place.Namespace, spec.Key.Name, default)).Failure?.Kind == KubeFailureKind.NotFound, "the Secret is gone");
    }

    [ClusterFact]
    public async Task What_is_left_of_a_job_deleted_by_hand_is_alive_until_it_is_gone()
    {
        var executor = place.NewExecutor();
        var spec = Spec("sleep 300");
        await executor.CreateAsync(spec, default);
        await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Active && run.Pods == 1);

        await place.Client.DeleteAsync(KubeResource.Jobs, place.Namespace, spec.Key.Name, new KubeDelete(KubePropagation.Orphan), default);
        await Eventually.TrueAsync(async () => (await executor.FindAsync(spec.Key, default)).Run is { Phase: RunPhase.Gone, Alive: true }, "its pod is still seen");

        var pods = await place.Client.ListAsync(KubeResource.Pods, place.Namespace, JobLabels.SelectorOf(ClusterPlace.Installation, spec.Key), null, default);
        await place.Client.DeleteAsync(KubeResource.Pods, place.Namespace, pods.Value!.Items[0]["metadata"]!["name"]!.GetValue<string>(), new KubeDelete(KubePropagation.Background), default);
        await Eventually.TrueAsync(async () => await executor.FindAsync(spec.Key, default) == new FindAnswer(true, null), "nothing of it is left");
    }

    [ClusterFact]
    public async Task A_namespace_with_a_quota_on_cpu_and_memory_admits_the_default_job()
    {
        var other = new TestNamespace();
        await other.InitializeAsync();
        try
        {
            var quota = (JsonObject)JsonNode.Parse("""{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"q"},"spec":{"hard":{"requests.cpu":"1","requests.memory":"1Gi","limits.cpu":"4","limits.memory":"4Gi"}}}""")!;
            Assert.Null((await place.Client.CreateAsync(new KubeResource("", "v1", "resourcequotas"), other.Name, quota, null, default)).Failure);
            var executor = place.NewExecutor();
            var spec = Spec("id -u; id -G; echo $HOME; touch here && echo mine");
            spec = spec with { Key = spec.Key with { Namespace = other.Name } };
            await executor.CreateAsync(spec, default);

            await SeenAsync(executor, spec.Key, run => run.Phase == RunPhase.Succeeded);

            Assert.Equal("1000\n1000\n/tmp\nmine\n", await executor.ReadLogTailAsync(spec.Key, 1000, default));
        }
        finally
        {
            await other.DisposeAsync();
        }
    }

    [ClusterFact]
    public async Task A_cluster_that_cannot_be_asked_gives_no_whole_list_and_takes_no_job()
    {
        var api = """{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:1"}}],"users":[{"name":"u","user":{}}],"contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"current-context":"c"}""";
        var path = Path.Combine(Directory.CreateTempSubdirectory("pushcart-kube-").FullName, "config");
        await File.WriteAllTextAsync(path, api);
        using var client = new KubeClient(
            KubeConnection.FromKubeconfig(new() { Path = path }, TimeProvider.System).Value!, TimeProvider.System, Chance.System, new KubeLimits { RetryDelay = TimeSpan.FromMilliseconds(10) });
        var executor = place.NewExecutor(client);
        var spec = Spec("true");

        Assert.Equal(CreateResult.Busy, (await executor.CreateAsync(spec, default)).Result);
        Assert.False((await executor.ListAsync([place.Namespace], default)).Whole);
        Assert.False((await executor.FindAsync(spec.Key, default)).Answered);
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private RunSpec Spec(string script) => place.Spec("own", script);

    private static RunSpec With(RunSpec spec, string podTemplate) => spec with { PodTemplate = (JsonObject)JsonNode.Parse(podTemplate)! };

    private static async Task<RunView> SeenAsync(KubernetesExecutor executor, RunKey key, Func<RunView, bool> wanted)
    {
        RunView? last = null;
        await Eventually.TrueAsync(
            async () => (last = (await executor.ListAsync([key.Namespace], default)).Runs.SingleOrDefault(run => run.Key == key)) is not null && wanted(last), $"{key.Name} as wanted");
        return last!;
    }
}
