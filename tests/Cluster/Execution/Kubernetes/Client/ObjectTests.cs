using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Cluster.Execution.Kubernetes.Client;

/// <summary>Objects of a real API server: Jobs and Secrets.</summary>
public sealed class ObjectTests(TestNamespace place) : IClassFixture<TestNamespace>
{
    [ClusterFact]
    public async Task A_Job_is_created_once_read_patched_and_deleted()
    {
        using var client = TestCluster.Client();
        var job = Objects.Job("life", "sleep 60");
        var created = (await client.CreateAsync(KubeResource.Jobs, place.Name, job, sendBefore: null, default)).Value!;
        var again = (await client.CreateAsync(KubeResource.Jobs, place.Name, job, sendBefore: null, default)).Failure!;

        Assert.Equal((KubeFailureKind.Conflict, "AlreadyExists", false), (again.Kind, again.Reason, again.MayHaveHappened));
        Assert.NotNull(Objects.Uid(created));

        var patched = await client.PatchAsync(
            KubeResource.Jobs, place.Name, "life", new JsonObject { ["spec"] = new JsonObject { ["ttlSecondsAfterFinished"] = 77 } }, default);
        Assert.Equal(77, patched.Value?["spec"]?["ttlSecondsAfterFinished"]?.GetValue<int>());

        var read = (await client.GetAsync(KubeResource.Jobs, place.Name, "life", default)).Value!;
        Assert.Equal(Objects.Uid(created), Objects.Uid(read));
        Assert.Equal(77, read["spec"]?["ttlSecondsAfterFinished"]?.GetValue<int>());

        Assert.Null((await client.DeleteAsync(KubeResource.Jobs, place.Name, "life", new KubeDelete(KubePropagation.Foreground, Objects.Uid(read)), default)).Failure);
        await Eventually.TrueAsync(
            async () => (await client.GetAsync(KubeResource.Jobs, place.Name, "life", default)).Failure is { Kind: KubeFailureKind.NotFound, Subject: "jobs" }, "the Job is gone");
        Assert.Equal(
            KubeFailureKind.NotFound, (await client.DeleteAsync(KubeResource.Jobs, place.Name, "life", new KubeDelete(KubePropagation.Foreground), default)).Failure?.Kind);
    }

    [ClusterFact]
    public async Task A_delete_spares_what_is_not_as_it_was_seen()
    {
        using var client = TestCluster.Client();
        var seen = (await client.CreateAsync(KubeResource.Secrets, place.Name, Objects.Secret("spared"), sendBefore: null, default)).Value!;
        var version = seen["metadata"]!["resourceVersion"]!.GetValue<string>();
        await client.PatchAsync(KubeResource.Secrets, place.Name, "spared", new JsonObject { ["stringData"] = new JsonObject { ["b"] = "2" } }, default);

        var changed = await client.DeleteAsync(KubeResource.Secrets, place.Name, "spared", new KubeDelete(KubePropagation.Background, Objects.Uid(seen), version), default);
        var other = await client.DeleteAsync(KubeResource.Secrets, place.Name, "spared", new KubeDelete(KubePropagation.Background, Guid.Empty.ToString()), default);

        Assert.Equal(KubeFailureKind.Conflict, changed.Failure?.Kind);
        Assert.Equal(KubeFailureKind.Conflict, other.Failure?.Kind);
        Assert.Equal("Mg==", (await client.GetAsync(KubeResource.Secrets, place.Name, "spared", default)).Value?["data"]?["b"]?.GetValue<string>());
        Assert.Null((await client.DeleteAsync(KubeResource.Secrets, place.Name, "spared", new KubeDelete(KubePropagation.Background, Objects.Uid(seen)), default)).Failure);
        Assert.Equal(KubeFailureKind.NotFound, (await client.GetAsync(KubeResource.Secrets, place.Name, "spared", default)).Failure?.Kind);
    }

    [ClusterFact]
    public async Task A_list_by_label_is_read_page_by_page()
    {
        using var client = TestCluster.Client(KubeLimits.Default with { PageSize = 2 });
        for (var i = 0; i < 7; i++)
        {
            var secret = Objects.Secret($"page-{i}");
            secret["metadata"]!["labels"] = new JsonObject { ["pages"] = i == 3 ? "no" : "yes" };
            Assert.Null((await client.CreateAsync(KubeResource.Secrets, place.Name, secret, sendBefore: null, default)).Failure);
        }

        var list = (await client.ListAsync(KubeResource.Secrets, place.Name, "pages=yes", null, default)).Value!;
        var everywhere = (await client.ListAsync(KubeResource.Secrets, null, "pages in (yes,no)", null, default)).Value!;

        Assert.Equal(
            ["page-0", "page-1", "page-2", "page-4", "page-5", "page-6"], list.Items.Select(item => item["metadata"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
        Assert.Equal(7, everywhere.Items.Count(item => item["metadata"]!["namespace"]!.GetValue<string>() == place.Name));
        Assert.NotEmpty(list.ResourceVersion);
        Assert.Empty((await client.ListAsync(KubeResource.Secrets, place.Name, "pages=never", null, default)).Value!.Items);
    }

    [ClusterFact]
    public async Task What_is_invalid_is_told_in_the_servers_words()
    {
        using var client = TestCluster.Client();
        var job = Objects.Job("invalid", "true");
        job["spec"]!["template"]!["spec"]!["restartPolicy"] = "Always";

        var failure = (await client.CreateAsync(KubeResource.Jobs, place.Name, job, sendBefore: null, default)).Failure!;

        Assert.Equal((KubeFailureKind.Invalid, false), (failure.Kind, failure.MayHaveHappened));
        Assert.Contains("spec.template.spec.restartPolicy", failure.Message, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task A_namespace_that_is_not_there_is_named()
    {
        using var client = TestCluster.Client();
        var failure = (await client.CreateAsync(KubeResource.Jobs, "pushcart-test-missing", Objects.Job("a", "true"), sendBefore: null, default)).Failure!;

        Assert.Equal((KubeFailureKind.NotFound, "namespaces"), (failure.Kind, failure.Subject));
        Assert.Contains("pushcart-test-missing", failure.Message, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task A_create_whose_time_is_over_creates_nothing()
    {
        using var client = TestCluster.Client();
        var failure = (await client.CreateAsync(KubeResource.Jobs, place.Name, Objects.Job("late", "true"), TimeProvider.System.GetUtcNow(), default)).Failure!;

        Assert.Equal((KubeFailureKind.Unreachable, false), (failure.Kind, failure.MayHaveHappened));
        Assert.Equal(KubeFailureKind.NotFound, (await client.GetAsync(KubeResource.Jobs, place.Name, "late", default)).Failure?.Kind);
    }

    [ClusterFact]
    public async Task The_server_tells_its_version()
    {
        using var client = TestCluster.Client();
        var version = (await client.GetVersionAsync(default)).Value!;

        Assert.True(version is { Major: 1, Minor: >= 20 } && version.GitVersion.StartsWith("v1.", StringComparison.Ordinal), version.ToString());
    }
}
