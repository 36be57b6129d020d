using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Resources.Manifests;

/// <summary>Manifests in the shapes of git-events-runner's documentation are accepted as they are.</summary>
public sealed class GitEventsRunnerTests
{
    [Fact]
    public void A_repository_with_every_field()
    {
        var spec = Given.Spec<GitRepoSpec>("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: ClusterGitRepo
            metadata:
              name: shared
            spec:
              repoUri: https://github.com/example/shared.git
              tlsConfig:
                noVerifySsl: false
                caCert:
                  secretRef:
                    name: company-ca
                    namespace: default
                  key: ca.crt
              authConfig:
                type: basic
                secretRef:
                  name: shared-login
                  namespace: default
                keys:
                  username: username # some comment
                  password: password
                  token: token
                  privateKey: ssh-privatekey
            """);
        Assert.Equal(new SecretKeyRef("default", "company-ca", "ca.crt"), spec.Tls.CaCert);
        Assert.Equal(new AuthSpec { Type = AuthType.Basic, SecretName = "shared-login", SecretNamespace = "default" }, spec.Auth);
    }

    [Fact]
    public void A_repository_over_ssh_and_what_is_written_is_read_again()
    {
        var spec = Given.Spec<GitRepoSpec>("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: GitRepo
            metadata:
              name: app
              namespace: tools
            spec:
              repoUri: git@github.com:example/app.git
              tlsConfig:
                noVerifySsl: false
              authConfig:
                type: ssh
                secretRef:
                  name: deploy-key
                keys:
                  privateKey: id_ed25519
            """);
        Assert.Equal(new AuthSpec { Type = AuthType.Ssh, SecretName = "deploy-key", PrivateKeyKey = "id_ed25519" }, spec.Auth);
        Assert.Equal(spec, SpecReader.FromJson(ResourceKind.GitRepo, SpecReader.ToJson(spec)));
    }

    [Fact]
    public void A_repository_with_nothing_but_its_address() =>
        Assert.Equal(("https://github.com/example/app.git", null), Given.Spec<GitRepoSpec>("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: GitRepo
            metadata:
              name: app
              namespace: tools
            spec:
              repoUri: https://github.com/example/app.git
            """) is var spec ? (spec.RepoUri, spec.Auth) : default);

    [Fact]
    public void A_schedule_trigger_with_status()
    {
        var spec = Given.Spec<ScheduleTriggerSpec>("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: ScheduleTrigger
            metadata:
              name: docs
              namespace: default
            spec:
              sources:
                kind: GitRepo
                names:
                  - first
                  - second
                watchOn:
                  onChangeOnly: true
                  reference:
                    tag: v0.1.0
                  files:
                    - doc/examples/trigger.yaml
                    - "*.md"
                    - "!README.md"
              schedule:
                cron: "*/15 9-20 * * 1-5"
              action:
                kind: Action
                name: publish
            status:
              state: Idle
              lastRun: 2024-05-20T01:02:03Z
              checkedSources:
                first:
                  commitHash:
                  fileHash:
                  changed: 2024-05-20T01:02:01Z
            """);
        Assert.Equal(["first", "second"], spec.Sources.Names);
        Assert.Equal(new GitReference(ReferenceType.Tag, "v0.1.0"), spec.Sources.Reference);
        Assert.Equal(3, spec.Sources.Files.Count);
        Assert.Equal("*/15 9-20 * * 1-5", spec.Cron);
    }

    [Fact]
    public void An_action_whose_command_is_one_text_and_whose_maps_are_empty()
    {
        var spec = Given.Spec<ActionSpec>("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: Action
            metadata:
              name: full
              namespace: default
            spec:
              actionJob:
                command: start.sh
                args:
                  - ./run.sh
                  - with
                actionImage: ghcr.io/example/worker:latest
                clonerImage: ghcr.io/example/cloner:latest
                serviceAccount: runner
                workdir: /action_workdir
                enableClonerDebug: false
                preserveGitFolder: false
                activeDeadlineSeconds: 3600
                jobWaitingTimeoutSeconds: 300
                ttlSecondsAfterFinished: 7200
                labels: {}
                annotations: {}
                affinity: {}
                nodeSelector: {}
                tolerations: []
              sourceOverride:
                kind: GitRepo
                name: other
                reference:
                  commit: 92abcd3fc4082ed5e53f12b383e14580b83dcff3
            """);
        Assert.Equal(["start.sh"], spec.Job.Command);
        Assert.Equal((3600, 300, 7200), (spec.Job.ActiveDeadlineSeconds, spec.Job.JobWaitingTimeoutSeconds, spec.Job.TtlSecondsAfterFinished));
        Assert.Equal(ReferenceType.Commit, spec.Override!.Reference.Type);
        Assert.Null(spec.Job.Affinity);
    }

    [Fact]
    public void Samples_that_show_keys_that_exclude_each_other_are_told_so() =>
        Assert.Equal("must have one of branch, tag and commit, not branch and tag and commit together", Given.Error("""
            apiVersion: git-events-runner.rs/v1alpha1
            kind: Action
            metadata: {name: a}
            spec:
              sourceOverride: {kind: GitRepo, name: b, reference: {branch: main, tag: v1, commit: 92abcd3fc4082ed5e53f12b383e14580b83dcff3}}
            """).Message);
}
