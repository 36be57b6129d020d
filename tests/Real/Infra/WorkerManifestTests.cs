using System.Text.Json.Nodes;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Infra;

/// <summary>What <c>infra/kubernetes/worker</c> renders to.</summary>
public sealed class WorkerManifestTests
{
    private static readonly string[] s_overlays = ["service-token", "service-token-in-configmap", "registration"];

    [Fact]
    public void Every_overlay_is_looked_at() =>
        Assert.Equal(s_overlays.Order(StringComparer.Ordinal), Directory.GetDirectories(Path.Combine(ProjectFolder.Path, "infra", "kubernetes", "worker", "overlays")).Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [KubectlFact]
    public void Every_overlay_renders_to_what_it_is_for_and_reads_no_secret_but_its_state()
    {
        Assert.Equal(
            ["ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "PodDisruptionBudget", "ServiceAccount"],
            Kinds(Overlay("service-token")));
        Assert.Equal(Kinds(Overlay("service-token")), Kinds(Overlay("service-token-in-configmap")));
        var registration = Overlay("registration");
        Assert.Equal(
            ["ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "PodDisruptionBudget", "Role", "RoleBinding", "Secret", "ServiceAccount"], Kinds(registration));
        Assert.Equal("""[{"apiGroups":[""],"resources":["secrets"],"resourceNames":["pushcart-worker-state"],"verbs":["get","patch"]}]""", Sorted(registration.Of("Role")["rules"]!));
        Assert.Equal("""[{"apiGroups":[""],"resources":["namespaces"],"resourceNames":["kube-system"],"verbs":["get"]}]""", Sorted(registration.Of("ClusterRole")["rules"]!));
        Assert.Null(registration.Of("Secret")["data"]);
    }

    [KubectlFact]
    public void In_a_namespace_of_jobs_the_worker_has_the_rights_that_the_server_has()
    {
        var (own, servers) = (Component("worker"), Component("server"));
        Assert.Equal(servers.Of("Role")["rules"]!.ToJsonString(), own.Of("Role")["rules"]!.ToJsonString());
        var subject = own.Of("RoleBinding")["subjects"]!.AsArray().Single()!;
        Assert.Equal(("pushcart-worker", "pushcart-worker"), (subject["namespace"]!.GetValue<string>(), subject["name"]!.GetValue<string>()));
    }

    [KubectlFact]
    public void The_workers_pod_is_what_the_image_is_and_what_Pod_Security_restricted_asks_for()
    {
        foreach (var overlay in s_overlays)
        {
            var rendered = Overlay(overlay);
            var deployment = rendered.Of("Deployment")["spec"]!;
            var (pod, container) = (deployment["template"]!["spec"]!, deployment["template"]!["spec"]!["containers"]![0]!);
            var image = Containerfile.Read("infra/kubernetes/worker/Containerfile");
            var user = image.Only("worker", "USER").Split(':');
            Assert.Equal((user[0], user[1]), (pod["securityContext"]!["runAsUser"]!.ToJsonString(), pod["securityContext"]!["runAsGroup"]!.ToJsonString()));
            Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
            Assert.True(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>());
            Assert.True(container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>());
            Assert.False(container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>());
            Assert.Equal("""["ALL"]""", container["securityContext"]!["capabilities"]!["drop"]!.ToJsonString());
            Assert.Equal(image.Only("worker", "EXPOSE"), container["ports"]!.AsArray().Single()!["containerPort"]!.ToJsonString());
            Assert.Equal($"*:{image.Only("worker", "EXPOSE")}", Variable(container, "PUSHCART_WORKER_LISTEN"));
            Assert.Equal("/healthz/ready", container["readinessProbe"]!["httpGet"]!["path"]!.GetValue<string>());
            Assert.Equal("/healthz/live", container["livenessProbe"]!["httpGet"]!["path"]!.GetValue<string>());
            Assert.NotNull(container["resources"]!["limits"]!["memory"]);
            var labels = deployment["template"]!["metadata"]!["labels"]!.AsObject().Select(l => $"{l.Key}={l.Value}").ToHashSet();
            Assert.All(
                new[] { deployment["selector"]!["matchLabels"]!, rendered.Of("PodDisruptionBudget")["spec"]!["selector"]!["matchLabels"]! },
                selector => Assert.Subset(labels, selector.AsObject().Select(l => $"{l.Key}={l.Value}").ToHashSet()));

            // The grace, and a rest, before the pod is killed.
            Assert.True(Duration.TryParseSetting(Variable(container, "PUSHCART_WORKER_GRACE"), out var grace, out _));
            Assert.True(pod["terminationGracePeriodSeconds"]!.GetValue<long>() >= grace.TotalSeconds + 20);
        }
    }

    [KubectlFact]
    public void Each_variable_is_a_setting_of_the_worker_and_one_that_is_named_by_another_stands_before_it()
    {
        var settings = Pushcart.Cli.Worker.WorkerOption.All.Select(o => o.Variable).ToHashSet();
        foreach (var overlay in s_overlays)
        {
            var names = Overlay(overlay).Of("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Select(v => v!["name"]!.GetValue<string>()).ToList();
            Assert.All(names.Where(n => n.StartsWith("PUSHCART_", StringComparison.Ordinal)), n => Assert.Contains(n, settings));
            foreach (var variable in Overlay(overlay).Of("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray().Where(v => v!["value"] is not null))
            {
                foreach (var named in names.Where(n => variable!["value"]!.GetValue<string>().Contains($"$({n})", StringComparison.Ordinal)))
                {
                    Assert.True(names.IndexOf(named) < names.IndexOf(variable!["name"]!.GetValue<string>()), $"{named} stands after {variable["name"]}");
                }
            }
        }

        Assert.Equal("""{"secretKeyRef":{"key":"token","name":"pushcart-worker-token"}}""", TokenOf("service-token"));
        Assert.Equal("""{"configMapKeyRef":{"key":"token","name":"pushcart-worker-token"}}""", TokenOf("service-token-in-configmap"));

        static string TokenOf(string overlay) => Overlay(overlay).Of("Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]!.AsArray()
            .Single(v => v!["name"]!.GetValue<string>() == "PUSHCART_WORKER_TOKEN")!["valueFrom"]!.ToJsonString();
    }

    private static IReadOnlyList<JsonObject> Overlay(string name) => Kustomize.Render(Path.Combine(ProjectFolder.Path, "infra", "kubernetes", "worker", "overlays", name));

    private static IReadOnlyList<JsonObject> Component(string of) => Kustomize.RenderOwn(
        $"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: team-a\ncomponents: [\"{{server}}/../{of}/components/job-namespace\"]\n");

    private static IEnumerable<string> Kinds(IEnumerable<JsonObject> rendered) => rendered.Select(o => o["kind"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    private static string Sorted(JsonNode rules) => new JsonArray(
    [
        .. rules.AsArray().Select(r => (JsonNode)new JsonObject(((string[])["apiGroups", "resources", "resourceNames", "verbs"]).Select(n => KeyValuePair.Create(n, r![n]?.DeepClone())))),
    ]).ToJsonString();

    private static string Variable(JsonNode container, string name) => container["env"]!.AsArray().Single(v => v!["name"]!.GetValue<string>() == name)!["value"]!.GetValue<string>();
}
