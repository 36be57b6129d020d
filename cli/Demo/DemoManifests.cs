namespace Pushcart.Cli.Demo;

/// <summary>The manifests of the demo.</summary>
internal static class DemoManifests
{
    /// <summary>Name of the secret that holds the repository's credentials, on Kubernetes.</summary>
    public const string Secret = "demo";

    /// <summary>A source, a trigger that looks at it every second for changes below <c>src/</c>, and an action; for a cluster also the images.</summary>
    public static string For(string repoUri, DemoCluster? cluster)
    {
        var metadata = cluster is null ? "metadata:" : $"metadata:\n  namespace: {cluster.Namespace}";
        var images = cluster is null ? "" : $$"""
            apiVersion: pushcart.dev/v1
            kind: Settings
            metadata:
              name: default
            spec:
              actionImage: "{{cluster.Image}}"
              clonerImage: "{{cluster.Image}}"
            ---

            """;
        return images + $$"""
            apiVersion: pushcart.dev/v1
            kind: GitRepo
            {{metadata}}
              name: demo
            spec:
              repoUri: {{repoUri}}{{(cluster is null ? "" : $"\n  authConfig:\n    type: token\n    secretRef:\n      name: {Secret}")}}
            ---
            apiVersion: pushcart.dev/v1
            kind: ScheduleTrigger
            {{metadata}}
              name: demo
            spec:
              sources:
                names: [demo]
                watchOn:
                  reference:
                    branch: main
                  files: ["src/**"]
              schedule:
                interval: 1s
              action:
                kind: Action
                name: greet
            ---
            apiVersion: pushcart.dev/v1
            kind: Action
            {{metadata}}
              name: greet
            spec:
              actionJob:
                command: [sh, -c]
                args: ['cat src/greeting.txt; echo "job $ACTION_JOB_JOB_ID at commit $ACTION_JOB_TRIGGER_SOURCE_COMMIT"']
            """;
    }
}
