using System.Diagnostics;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Tests.Cluster.Execution;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Workers;

/// <summary>
/// The worker as pods of the cluster: an overlay of <c>infra/kubernetes/worker</c>, applied as its users do, from a kustomization beside the project's. What it patches besides server and name is
/// the program, which pods fetch from the test, and times under which nobody waits for minutes.
/// </summary>
internal sealed class WorkerPods : IAsyncLifetime
{
    private static readonly string s_manifests = Path.Combine(ProjectFolder.Path, "infra", "kubernetes", "worker");

    private readonly ClusterEdge _edge;
    private readonly TestNamespace _namespace = new();
    private readonly List<string> _applied = [];
    private PodReach? _server;
    private PodReach? _program;

    /// <param name="edge">The server, and the namespace of the jobs.</param>
    public WorkerPods(ClusterEdge edge) => _edge = edge;

    /// <summary>The worker's own namespace.</summary>
    public string Namespace => _namespace.Name;

    public async Task InitializeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        await _namespace.InitializeAsync();
        _server = PodReach.Relay(_edge.Host.Client.BaseAddress!);
        _program = PodReach.Sends(WorkerProgram.Pack(_edge.Folder));
    }

    public async Task DisposeAsync()
    {
        if (TestCluster.Kubeconfig is null)
        {
            return;
        }

        foreach (var folder in _applied)
        {
            // Also what belongs to no namespace.
            await KubectlAsync("delete", "--wait=false", "--ignore-not-found", "-k", folder);
        }

        await _namespace.DisposeAsync();
        await _server!.DisposeAsync();
        await _program!.DisposeAsync();
    }

    /// <summary>Applies an overlay, and the rights for the namespace of the jobs.</summary>
    public async Task ApplyAsync(string overlay)
    {
        var version = (await _edge.Client.GetVersionAsync(default)).Value!;
        var image = TestCluster.Image.LastIndexOf(':');

        // policy/v1 came with 1.21.
        var disruption = (version.Major, version.Minor).CompareTo((1, 21)) >= 0 ? "" : """
              - target: {kind: PodDisruptionBudget}
                patch: '{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {name: pushcart-worker}, $patch: delete}'
            """;
        await ApplyOwnAsync("worker", $$"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: {{Namespace}}
            resources: ["{worker}/overlays/{{overlay}}"]
            images:
              - {name: pushcart-worker, newName: "{{TestCluster.Image[..image]}}", newTag: "{{TestCluster.Image[(image + 1)..]}}"}
            patches:
              - target: {kind: ConfigMap, name: pushcart-worker}
                patch: |
                  - {op: replace, path: /data/server, value: "http://{{PodReach.Host}}:{{_server!.Port}}"}
                  - {op: replace, path: /data/name, value: edge}
              - patch: |
                  apiVersion: apps/v1
                  kind: Deployment
                  metadata: {name: pushcart-worker}
                  spec:
                    template:
                      spec:
                        initContainers:
                          - name: program
                            image: pushcart-worker
                            command: [sh, -c, "wget -q -O - http://{{PodReach.Host}}:{{_program!.Port}}/ | tar -x -C /app"]
                            securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]} }
                            volumeMounts: [{name: program, mountPath: /app}]
                        containers:
                          - name: worker
                            command: {{WorkerProgram.Command}}
                            env: [{{string.Join(", ", Variables())}}]
                            volumeMounts: [{name: program, mountPath: /app, readOnly: true}]
                        volumes: [{name: program, emptyDir: {} }]
            {{disruption}}
            """);
        await ApplyOwnAsync("jobs", $$"""
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            namespace: {{_edge.Namespace}}
            components: ["{worker}/components/job-namespace"]
            patches:
              - target: {kind: RoleBinding}
                patch: '[{"op":"replace","path":"/subjects/0/namespace","value":"{{Namespace}}"}]'
            """);
    }

    /// <summary>The worker's pods that are not on their way out.</summary>
    public async Task<IReadOnlyList<JsonObject>> PodsAsync() =>
        [.. (await _edge.Client.ListAsync(KubeResource.Pods, Namespace, "app.kubernetes.io/component=worker", null, default)).Value!.Items.Where(pod => pod["metadata"]!["deletionTimestamp"] is null)];

    /// <summary>Waits for so many ready pods; gives their names.</summary>
    public async Task<IReadOnlyList<string>> ReadyAsync(int count)
    {
        IReadOnlyList<JsonObject> ready = [];
        await _edge.UntilAsync(async () => (ready = [.. (await PodsAsync()).Where(IsReady)]).Count == count, $"{count} ready pods", 180);
        return [.. ready.Select(pod => pod["metadata"]!["name"]!.GetValue<string>())];
    }

    /// <summary>What a pod has logged.</summary>
    public async Task<string> LogAsync(string pod) => (await KubectlAsync("logs", "--namespace", Namespace, pod)).Text;

    /// <summary>Whether the worker's account may do something.</summary>
    public async Task<bool> MayAsync(string verb, string resource, string? ns)
    {
        string[] where = ns is null ? ["--all-namespaces"] : ["--namespace", ns];
        var (exit, text) = await KubectlAsync([.. (string[])["auth", "can-i", verb, .. resource.Split(' '), "--as", $"system:serviceaccount:{Namespace}:pushcart-worker"], .. where]);
        Assert.Contains(text.Split('\n'), line => line.StartsWith(exit == 0 ? "yes" : "no", StringComparison.Ordinal));
        return exit == 0;
    }

    /// <summary>Runs <c>kubectl</c> with the kubeconfig of the tests.</summary>
    public static async Task<(int Exit, string Text)> KubectlAsync(params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo("kubectl", ["--kubeconfig", TestCluster.Kubeconfig!, .. words]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await errors);
    }

    private async Task ApplyOwnAsync(string name, string kustomization)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_edge.Folder, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), kustomization.Replace("{worker}", Path.GetRelativePath(folder, s_manifests), StringComparison.Ordinal));
        _applied.Add(folder);
        var (exit, text) = await KubectlAsync("apply", "--validate=false", "-k", folder);
        Assert.True(exit == 0, text);
    }

    // The environment stands in for flags, as in the base.
    private static IEnumerable<string> Variables()
    {
        yield return "{name: LD_LIBRARY_PATH, value: /app/lib}";
        yield return "{name: DOTNET_EnableDiagnostics, value: \"0\"}";
        foreach (var pair in ClusterEdge.Times.Chunk(2))
        {
            yield return $"{{name: PUSHCART_WORKER_{pair[0][2..].ToUpperInvariant().Replace('-', '_')}, value: \"{pair[1]}\"}}";
        }
    }

    private static bool IsReady(JsonObject pod) =>
        pod["status"]?["conditions"]?.AsArray().Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == "True") ?? false;
}
