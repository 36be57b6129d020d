using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

/// <summary>Manifests for tests, and how they are read.</summary>
internal static class Given
{
    public static readonly DateTimeOffset Now = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    public const string Repo = """
        apiVersion: pushcart.dev/v1
        kind: GitRepo
        metadata: {name: app, namespace: team}
        spec:
          repoUri: https://git.example.com/app.git
          tlsConfig: {noVerifySsl: false, caCert: {secretRef: {name: ca}, key: ca.crt}}
          authConfig: {type: basic, secretRef: {name: creds}, keys: {username: u, password: p, token: t, privateKey: k}}
          webhook: {secretRef: {name: hook, key: secret}, manage: true}
        """;

    public const string SshRepo = """
        apiVersion: pushcart.dev/v1
        kind: GitRepo
        metadata: {name: app, namespace: team}
        spec:
          repoUri: git@git.example.com:team/app.git
          tlsConfig: {noVerifySsl: false}
          authConfig: {type: ssh, secretRef: {name: creds}, keys: {privateKey: id}}
        """;

    public const string Trigger = """
        apiVersion: pushcart.dev/v1
        kind: ScheduleTrigger
        metadata: {name: nightly, namespace: team}
        spec:
          sources: {kind: GitRepo, names: [app], watchOn: {onChangeOnly: true, reference: {branch: main}, files: [docs/]}}
          schedule: {interval: 5m}
          action: {kind: Action, name: build}
          suspend: false
          onPush: true
        """;

    public const string Webhook = """
        apiVersion: pushcart.dev/v1
        kind: WebhookTrigger
        metadata: {name: pushed, namespace: team}
        spec:
          sources: {kind: ClusterGitRepo, names: [app, lib], watchOn: {onChangeOnly: false, reference: {tag: v1}}}
          webhook: {multiSource: true, authConfig: {secretRef: {name: hook}, key: token, header: x-secret}}
          action: {kind: ClusterAction, name: build}
          suspend: true
        """;

    public const string Settings = """
        apiVersion: pushcart.dev/v1
        kind: Settings
        metadata: {name: default}
        spec:
          maxRunningJobs: 4
          actionImage: alpine:3
          clonerImage: git:1
          serviceAccount: runner
          workdir: /work
          variablesPrefix: CI_
          activeDeadlineSeconds: 60
          jobWaitingTimeoutSeconds: 120
          ttlSecondsAfterFinished: 0
          pendingLimitSeconds: 30
          podSecurityContext: {runAsUser: 2000}
          securityContext: {readOnlyRootFilesystem: true}
          resources: {limits: {cpu: "1"}}
          triggerAuthHeader: x-secret
        """;

    public const string Action = """
        apiVersion: pushcart.dev/v1
        kind: Action
        metadata: {name: build, namespace: team}
        spec:
          actionJob:
            command: [make]
            args: [all]
            actionImage: alpine:3
            clonerImage: cloner:1
            serviceAccount: runner
            workdir: /work
            enableClonerDebug: true
            preserveGitFolder: true
            activeDeadlineSeconds: 60
            jobWaitingTimeoutSeconds: 60
            ttlSecondsAfterFinished: 0
            labels: {team: x}
            annotations: {a.b/c: anything goes}
            affinity: {nodeAffinity: {}}
            nodeSelector: {disk: ssd}
            tolerations: [{key: k, operator: Exists}]
            retries: 2
            onLost: retry
            concurrency: {group: g, limit: 2, cancelSuperseded: true}
            clone: {depth: 0, submodules: true}
            podTemplate: {spec: {priorityClassName: low}}
            worker: {name: north, labels: {gpu: "true"}}
          sourceOverride: {kind: GitRepo, name: other, reference: {tag: v1}}
        """;

    public static ManifestSet Read(string text, string file = "app.yaml") => ManifestReader.Read(text, file, Now);

    public static Manifest One(string text)
    {
        var set = Read(text);
        Assert.True(set.Errors.Count == 0, string.Join("\n", set.Errors));
        return Assert.Single(set.Manifests);
    }

    public static T Spec<T>(string text)
        where T : Spec => Assert.IsType<T>(One(text).Spec);

    public static ManifestError Error(string text) => Assert.Single(Read(text).Errors);
}
