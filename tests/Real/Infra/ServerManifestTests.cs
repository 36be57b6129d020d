using System.Text.Json.Nodes;
using Pushcart.Health;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Infra;

/// <summary>What <c>infra/kubernetes/server</c> renders to.</summary>
public sealed class ServerManifestTests
{
    [KubectlFact]
    public void Every_overlay_and_component_renders_to_what_it_is_for()
    {
        Assert.Equal(
            ["Deployment", "PodDisruptionBudget", "Role", "RoleBinding", "Service", "ServiceAccount"],
            Kinds(Kustomize.Render(Path.Combine(Kustomize.Server, "overlays", "storage-account"))));
        Assert.Equal(
            ["Deployment", "PodDisruptionBudget", "Role", "RoleBinding", "Service", "Service", "ServiceAccount", "StatefulSet"],
            Kinds(Kustomize.Render(Path.Combine(Kustomize.Server, "overlays", "azurite"))));
        foreach (var component in (string[])["job-namespace", "secret-namespace"])
        {
            var rendered = Own($$"""
                namespace: team-a
                components: ["{server}/components/{{component}}"]
                """);
            Assert.Equal(["Role", "RoleBinding"], Kinds(rendered));
            Assert.All(rendered, o => Assert.Equal("team-a", o["metadata"]!["namespace"]!.GetValue<string>()));
            Assert.Equal(("pushcart", "pushcart"), Subject(rendered));
        }
    }

    [KubectlFact]
    public void In_another_namespace_the_binding_follows_the_account()
    {
        var rendered = Own("""
            namespace: elsewhere
            resources: ["{server}/overlays/azurite"]
            """);
        Assert.All(rendered, o => Assert.Equal("elsewhere", o["metadata"]!["namespace"]!.GetValue<string>()));
        Assert.Equal(("elsewhere", "pushcart"), Subject(rendered));
    }

    [KubectlFact]
    public void Whoever_selects_pods_selects_the_servers()
    {
        var rendered = Kustomize.Render(Path.Combine(Kustomize.Server, "overlays", "azurite"));
        foreach (var (owner, services) in new[] { (rendered.Of("Deployment"), "pushcart"), (rendered.Of("StatefulSet"), "pushcart-azurite") })
        {
            var pod = owner["spec"]!["template"]!;
            List<JsonNode?> selectors = [owner["spec"]!["selector"]!["matchLabels"], rendered.Of("Service", services)["spec"]!["selector"]];
            if (services == "pushcart")
            {
                selectors.Add(rendered.Of("PodDisruptionBudget")["spec"]!["selector"]!["matchLabels"]);
                selectors.Add(pod["spec"]!["topologySpreadConstraints"]![0]!["labelSelector"]!["matchLabels"]);
            }

            var labels = pod["metadata"]!["labels"]!.AsObject().Select(l => $"{l.Key}={l.Value}").ToHashSet();
            Assert.All(selectors, selector => Assert.Subset(labels, selector!.AsObject().Select(l => $"{l.Key}={l.Value}").ToHashSet()));
            var ports = pod["spec"]!["containers"]![0]!["ports"]!.AsArray().Select(p => p!["name"]!.GetValue<string>());
            Assert.Equal(ports, rendered.Of("Service", services)["spec"]!["ports"]!.AsArray().Select(p => p!["targetPort"]!.GetValue<string>()));
        }
    }

    [KubectlFact]
    public void The_servers_pod_is_what_the_image_is_and_what_Pod_Security_restricted_asks_for()
    {
        var deployment = Kustomize.Render(Path.Combine(Kustomize.Server, "overlays", "storage-account")).Of("Deployment")["spec"]!;
        var (pod, container) = (deployment["template"]!["spec"]!, deployment["template"]!["spec"]!["containers"]![0]!);
        var user = Containerfile.Read().Only("server", "USER").Split(':');
        var ports = container["ports"]!.AsArray().ToDictionary(p => p!["name"]!.GetValue<string>(), p => p!["containerPort"]!.ToJsonString());

        Assert.Equal("2", deployment["replicas"]!.ToJsonString());
        Assert.Equal((user[0], user[1]), (pod["securityContext"]!["runAsUser"]!.ToJsonString(), pod["securityContext"]!["runAsGroup"]!.ToJsonString()));
        Assert.Equal("RuntimeDefault", pod["securityContext"]!["seccompProfile"]!["type"]!.GetValue<string>());
        Assert.True(pod["securityContext"]!["runAsNonRoot"]!.GetValue<bool>());
        Assert.True(container["securityContext"]!["readOnlyRootFilesystem"]!.GetValue<bool>());
        Assert.False(container["securityContext"]!["allowPrivilegeEscalation"]!.GetValue<bool>());
        Assert.Equal("""["ALL"]""", container["securityContext"]!["capabilities"]!["drop"]!.ToJsonString());
        Assert.Equal($"{ports["api"]} {ports["health"]}", Containerfile.Read().Only("server", "EXPOSE"));
        Assert.Equal(($"http://*:{ports["api"]}", $"http://*:{ports["health"]}"), (Variable(container, "Host__Urls"), Variable(container, "Host__HealthUrls")));
        var secret = container["env"]!.AsArray().Single(v => v!["name"]!.GetValue<string>() == "Tokens__FirstAdmin")!["valueFrom"]!["secretKeyRef"]!;
        Assert.Equal(("pushcart-first-admin", "token", true), (secret["name"]!.GetValue<string>(), secret["key"]!.GetValue<string>(), secret["optional"]!.GetValue<bool>()));
        foreach (var (probe, path) in new[] { ("startupProbe", "/healthz/live"), ("readinessProbe", "/healthz/ready"), ("livenessProbe", "/healthz/live") })
        {
            Assert.Equal((path, "health"), (container[probe]!["httpGet"]!["path"]!.GetValue<string>(), container[probe]!["httpGet"]!["port"]!.GetValue<string>()));
        }

        // Storage and executor have so long to answer it.
        Assert.True(container["readinessProbe"]!["timeoutSeconds"]!.GetValue<long>() > HealthSettings.AnswerWithin.TotalSeconds);

        // Host:Grace, 5 s until it ends all the same, and a rest.
        Assert.True(pod["terminationGracePeriodSeconds"]!.GetValue<long>() >= 30 + 5 + 5);
    }

    private static IReadOnlyList<JsonObject> Own(string rest) => Kustomize.RenderOwn($"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{rest}\n");

    private static IEnumerable<string> Kinds(IEnumerable<JsonObject> rendered) => rendered.Select(o => o["kind"]!.GetValue<string>()).Order(StringComparer.Ordinal);

    private static (string, string) Subject(IEnumerable<JsonObject> rendered)
    {
        var subject = rendered.Of("RoleBinding")["subjects"]!.AsArray().Single()!;
        return (subject["namespace"]!.GetValue<string>(), subject["name"]!.GetValue<string>());
    }

    private static string Variable(JsonNode container, string name) => container["env"]!.AsArray().Single(v => v!["name"]!.GetValue<string>() == name)!["value"]!.GetValue<string>();
}
