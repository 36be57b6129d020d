using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Infra;

/// <summary>The Role of <c>infra/kubernetes/server</c>: enough, and nothing more; and what is said where a right is missing.</summary>
public sealed class ServerRoleTests(ClusterPlace place) : IClassFixture<ClusterPlace>, IDisposable
{
    private static int s_names;
    private readonly string _folder = Directory.CreateTempSubdirectory("role").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [ClusterFact]
    public async Task Each_right_of_the_Role_is_used_and_no_other()
    {
        var rendered = ServerAccount.Rendered(place.Namespace);
        var connection = Connect(await ServerAccount.ApplyAsync(place.Client, rendered));
        using var recorded = new RecordedRights(connection);
        using var client = new KubeClient(connection, TimeProvider.System, Chance.System, sender: recorded);

        await LifeAsync(client);

        Assert.Equal(
            ServerAccount.Rights(rendered.Of("Role")).Select(r => $"{r.Verb} {r.Resource}").Order(StringComparer.Ordinal),
            recorded.Rights.Keys.Select(r => $"{r.Verb} {r.Resource}").Order(StringComparer.Ordinal));
    }

    [ClusterFact]
    public async Task A_right_that_is_missing_is_named_with_the_component_that_gives_it()
    {
        var rights = ServerAccount.Rights(ServerAccount.Rendered(place.Namespace).Of("Role")).ToList();
        Assert.Equal(10, rights.Count);
        foreach (var right in rights)
        {
            var number = Interlocked.Increment(ref s_names);
            var rendered = ServerAccount.Rendered(place.Namespace, $"-{number}");
            ServerAccount.Remove(rendered.Of("Role"), right);
            using var client = new KubeClient(Connect(await ServerAccount.ApplyAsync(place.Client, rendered)), TimeProvider.System, Chance.System);

            var failure = await FailureAsync(client, right);

            Assert.NotNull(failure);
            Assert.Contains($"User \"system:serviceaccount:{place.Namespace}:pushcart-{number}\" cannot {right.Verb} resource \"{right.Resource}\"", failure, StringComparison.Ordinal);
            Assert.Contains($"in the namespace \"{place.Namespace}\"", failure, StringComparison.Ordinal);
            Assert.Contains(right == ("get", "secrets") ? "components/secret-namespace, or job-namespace" : "components/job-namespace", failure, StringComparison.Ordinal);
        }
    }

    [ClusterFact]
    public async Task A_secret_of_a_namespace_without_jobs_needs_its_component_and_nothing_else()
    {
        var elsewhere = new TestNamespace();
        await elsewhere.InitializeAsync();
        var secret = new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Secret", ["metadata"] = new JsonObject { ["name"] = "git" }, ["stringData"] = new JsonObject { ["token"] = "s3cr3t" } };
        Assert.Null((await place.Client.CreateAsync(KubeResource.Secrets, elsewhere.Name, secret, null, default)).Failure);
        using var client = new KubeClient(Connect(await ServerAccount.ApplyAsync(place.Client, ServerAccount.Rendered(place.Namespace, "-secrets"))), TimeProvider.System, Chance.System);
        var secrets = new KubernetesSecrets(client, new KubernetesSettings(), TimeProvider.System);

        var before = await secrets.ReadAsync(elsewhere.Name, "git", "token", default);
        Assert.Contains($"if the namespace \"{elsewhere.Name}\" is there, give it the component infra/kubernetes/server/components/secret-namespace", before.Error, StringComparison.Ordinal);
        Assert.False(before.Answered);

        await ServerAccount.GrantAsync(place.Client, Kustomize.RenderOwn($$"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: {{elsewhere.Name}}
            components: ["{server}/components/secret-namespace"]
            patches:
              - target: {kind: RoleBinding}
                patch: '[{"op":"replace","path":"/subjects/0/namespace","value":"{{place.Namespace}}"},{"op":"replace","path":"/subjects/0/name","value":"pushcart-secrets"}]'
            """));
        await Eventually.TrueAsync(async () => (await secrets.ReadAsync(elsewhere.Name, "git", "token", default)).Value == "s3cr3t", "the secret can be read");
        Assert.Equal(KubeFailureKind.Forbidden, (await client.ListAsync(KubeResource.Secrets, elsewhere.Name, null, null, default)).Failure?.Kind);
        Assert.Equal(KubeFailureKind.Forbidden, (await client.ListAsync(KubeResource.Jobs, elsewhere.Name, null, null, default)).Failure?.Kind);
        await elsewhere.DisposeAsync();
    }

    [ClusterFact]
    public async Task Listing_all_namespaces_needs_a_ClusterRole_and_says_so()
    {
        using var client = new KubeClient(Connect(await ServerAccount.ApplyAsync(place.Client, ServerAccount.Rendered(place.Namespace, "-all"))), TimeProvider.System, Chance.System);
        var executor = new KubernetesExecutor(client, new() { AllNamespaces = true }, _ => Task.FromResult(ClusterPlace.Installation), TimeProvider.System, NullLogger<KubernetesExecutor>.Instance);

        var listed = await executor.ListAsync([place.Namespace], default);

        Assert.False(listed.Whole);
        Assert.Contains("cannot list resource \"jobs\" in API group \"batch\" at the cluster scope (403); a ClusterRole must allow it, or Kubernetes:AllNamespaces must be false", listed.Message, StringComparison.Ordinal);
    }

    [ClusterFact]
    public async Task What_is_rendered_is_accepted_by_the_API()
    {
        // But for the disruption budget: policy/v1 came with 1.21.
        var version = (await place.Client.GetVersionAsync(default)).Value!;
        foreach (var overlay in (string[])["azurite", "storage-account"])
        {
            var rendered = Kustomize.RenderOwn($$"""
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                namespace: {{place.Namespace}}
                nameSuffix: -{{overlay}}
                resources: ["{server}/overlays/{{overlay}}"]
                """);
            foreach (var content in rendered.Where(o => o["kind"]!.GetValue<string>() != "PodDisruptionBudget" || (version.Major, version.Minor).CompareTo((1, 21)) >= 0))
            {
                Assert.Null(await DryRunAsync(content));
            }
        }
    }

    // The life of runs, seen by two replicas: all that the executor and the secrets of the cluster ever ask.
    private async Task LifeAsync(KubeClient client)
    {
        var (one, other) = (place.NewExecutor(client), place.NewExecutor(client));
        var spec = Spec("echo done");
        Assert.Equal(CreateResult.Created, (await one.CreateAsync(spec, default)).Result);
        Assert.Equal(CreateResult.Exists, (await other.CreateAsync(spec, default)).Result);
        var stuck = Spec("true") with { ServiceAccount = "nobody-knows" };
        Assert.Equal(CreateResult.Created, (await one.CreateAsync(stuck, default)).Result);

        var runs = new Dictionary<RunKey, RunView>();
        await Eventually.TrueAsync(
            async () =>
            {
                var listed = await other.ListAsync([place.Namespace], default);
                Assert.Null(listed.Message);
                runs = listed.Runs.ToDictionary(run => run.Key);
                return runs[spec.Key].Phase == RunPhase.Succeeded && runs[stuck.Key].Reason == "FailedCreate";
            },
            "one run has ended, and the other says why it cannot begin");
        Assert.EndsWith("done\n", await other.ReadLogTailAsync(spec.Key, 1000, default), StringComparison.Ordinal);
        Assert.True((await other.SetTtlAsync(spec.Key, TimeSpan.FromHours(2), default)).Done);
        Assert.True((await other.DeleteAsync(runs[stuck.Key], default)).Accepted);
        Assert.True((await other.FindAsync(spec.Key, default)).Answered);
    }

    private async Task<string?> FailureAsync(KubeClient client, (string Verb, string Resource) right)
    {
        var executor = place.NewExecutor(client);
        var spec = Spec("true");
        var seen = new RunView { Key = spec.Key, Uid = Guid.Empty.ToString(), Version = "1", Phase = RunPhase.Active, CreatedAt = default };
        return right switch
        {
            ("create", "jobs") => (await executor.CreateAsync(spec, default)).Message,
            ("get", "jobs") => (await executor.FindAsync(spec.Key, default)).Message,
            ("list", "jobs" or "pods") => (await executor.ListAsync([place.Namespace], default)).Message,
            ("patch", "jobs") => (await executor.SetTtlAsync(spec.Key, TimeSpan.Zero, default)).Message,
            ("delete", "jobs") => (await executor.DeleteAsync(seen, default)).Message,
            ("create", "secrets") => await executor.EnsureCredentialsAsync(spec, seen, default),
            ("get", "secrets") => (await new KubernetesSecrets(client, new KubernetesSettings(), TimeProvider.System).ReadAsync(place.Namespace, "git", "token", default)).Error,
            ("get", "pods/log") => (await client.ReadLogTailAsync(new KubeLog(place.Namespace, "none"), 1, 1, default)).Failure?.Message,
            ("list", "events") => (await client.ListEventsAsync(place.Namespace, "Job", "none", null, default)).Failure?.Message,
            _ => throw new InvalidOperationException($"nothing is known to need the right {right}"),
        };
    }

    private KubeConnection Connect(string token)
    {
        var choice = new KubeconfigChoice { Path = ServerAccount.WriteKubeconfig(_folder, token, place.Namespace) };
        return KubeConnection.FromKubeconfig(choice, TimeProvider.System).Value!;
    }

    private RunSpec Spec(string script) => place.Spec("role", script);

    private static async Task<string?> DryRunAsync(JsonObject content)
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(
            "kubectl", ["--kubeconfig", TestCluster.Kubeconfig!, "create", "--dry-run=server", "--validate=false", "-f", "-"])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(content.ToJsonString()));
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : $"{await output}{errors}";
    }
}
