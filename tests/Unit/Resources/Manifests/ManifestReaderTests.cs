using System.Text;
using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Resources.Manifests;

public sealed class ManifestReaderTests
{
    [Fact]
    public void Three_faults_give_three_messages_with_file_document_and_path()
    {
        var set = Given.Read($"""
            {Given.Repo}
            ---
            # nothing but a comment
            ---
            apiVersion: pushcart.dev/v1
            kind: ScheduleTrigger
            metadata: {"{"}name: Bad{"}"}
            spec:
              sources: {"{"}names: [app, 1.0]{"}"}
              schedule: {"{"}interval: 0s{"}"}
              action: {"{"}kind: Action, name: build{"}"}
            """);
        Assert.Equal(
            ["app.yaml, document 3: metadata.name", "app.yaml, document 3: spec.sources.names[1]", "app.yaml, document 3: spec.schedule.interval"],
            set.Errors.Select(error => error.ToString()[..error.ToString().LastIndexOf(error.Path, StringComparison.Ordinal)] + error.Path));
        Assert.Equal("GitRepo team/app", Assert.Single(set.Manifests).Name.ToString());
    }

    [Fact]
    public void A_manifest_says_what_it_is_and_where_it_stands()
    {
        var set = Given.Read(Given.Repo + "\n---\n" + Given.Trigger);
        Assert.Empty(set.Errors);
        Assert.Equal([new ResourceName(ResourceKind.GitRepo, "team", "app"), new ResourceName(ResourceKind.ScheduleTrigger, "team", "nightly")], set.Manifests.Select(m => m.Name));
        Assert.Equal(["app.yaml, document 1", "app.yaml, document 2"], set.Manifests.Select(m => m.Where));
    }

    [Fact]
    public void Without_a_namespace_it_is_default_and_cluster_kinds_have_none()
    {
        Assert.Equal("Action default/a", Given.One("{apiVersion: pushcart.dev/v1, kind: Action, metadata: {name: a}}").Name.ToString());
        Assert.Equal("ClusterAction a", Given.One("{apiVersion: pushcart.dev/v1, kind: ClusterAction, metadata: {name: a}}").Name.ToString());
        var error = Given.Error("{apiVersion: pushcart.dev/v1, kind: ClusterAction, metadata: {name: a, namespace: b}}");
        Assert.Equal(("metadata.namespace", "a ClusterAction belongs to no namespace; leave it out"), (error.Path, error.Message));
    }

    [Theory]
    [InlineData("")]
    [InlineData("spec:")]
    [InlineData("spec: {}")]
    [InlineData("spec:\n  actionJob:")]
    [InlineData("spec: {actionJob: {labels: {}, affinity: {}, tolerations: [], concurrency: {}}}")]
    public void An_action_may_be_empty_and_its_defaults_stay_open(string spec)
    {
        var manifest = Given.One("apiVersion: git-events-runner.rs/v1alpha1\nkind: Action\nmetadata:\n  name: a\n" + spec);
        var job = Assert.IsType<ActionSpec>(manifest.Spec).Job;
        Assert.Equal("{}", manifest.Json);
        Assert.Equal((null, null, null, null, null), (job.ActionImage, job.Workdir, job.ActiveDeadlineSeconds, job.JobWaitingTimeoutSeconds, job.TtlSecondsAfterFinished));
        Assert.Equal((0, OnLost.Report, null, 1), (job.Retries, job.OnLost, job.Concurrency, job.Checkout.Depth));
    }

    [Fact]
    public void What_kubectl_prints_is_accepted_and_what_the_server_owns_is_dropped()
    {
        var set = Given.Read("""
            apiVersion: v1
            items:
            - apiVersion: git-events-runner.rs/v1alpha1
              kind: ScheduleTrigger
              metadata:
                annotations:
                  kubectl.kubernetes.io/last-applied-configuration: |
                    {"apiVersion":"git-events-runner.rs/v1alpha1","kind":"ScheduleTrigger"}
                creationTimestamp: "2024-05-18T17:19:16Z"
                finalizers:
                - scheduletriggers.git-events-runner.rs
                generation: 1
                labels:
                  app.kubernetes.io/name: x
                managedFields:
                - {apiVersion: git-events-runner.rs/v1alpha1, fieldsType: FieldsV1, manager: kubectl}
                name: watcher
                namespace: tools
                resourceVersion: "1042"
                uid: 790f5bf6-b757-4b41-bdec-1968a1f03074
              spec:
                action: {kind: Action, name: upgrade}
                schedule: {interval: 1m}
                sources: {kind: GitRepo, names: [repo], watchOn: {onChangeOnly: true, reference: {branch: docs}}}
              status:
                checkedSources: {repo: {changed: "2024-05-18T17:19:17Z", commitHash: 8803515889f034ec9aa22b0234ebd950f8f1a5e8}}
                lastRun: "2024-05-18T17:19:17Z"
                state: Idle
            - apiVersion: git-events-runner.rs/v1alpha1
              kind: GitRepo
              metadata: {name: repo, namespace: tools}
              spec: {repoUri: 7}
            kind: List
            metadata:
              resourceVersion: ""
            """);
        Assert.Equal("ScheduleTrigger tools/watcher", Assert.Single(set.Manifests).Name.ToString());
        Assert.Equal("app.yaml, document 1, items[0]", set.Manifests[0].Where);
        Assert.Equal("items[1].spec.repoUri", Assert.Single(set.Errors).Path);
    }

    [Fact]
    public void Json_is_read_one_object_or_several()
    {
        const string One = """{"apiVersion": "pushcart.dev/v1", "kind": "Action", "metadata": {"name": "NAME"}, "spec": {"actionJob": {"args": ["\ud83d\ude00"]}}}""";
        var set = Given.Read(One.Replace("NAME", "a", StringComparison.Ordinal) + "\n" + One.Replace("NAME", "b", StringComparison.Ordinal), "app.json");
        Assert.Empty(set.Errors);
        Assert.Equal(["a", "b"], set.Manifests.Select(m => m.Name.Name));
        Assert.Equal("😀", ((ActionSpec)set.Manifests[0].Spec).Job.Args[0]);
    }

    [Theory]
    [InlineData("[]", "must be an object with apiVersion, kind, metadata and spec, not a list; several manifests stand in a \"kind: List\"")]
    [InlineData("just text", "must be an object")]
    [InlineData("{\"kind\": ", "line 1: not valid JSON")]
    [InlineData("{\"a\": 1, \"a\": 2, \"kind\": 1}", "stands here twice")]
    [InlineData("kind: a\nkind: b", "stands here twice (line 2)")]
    [InlineData("a: [b", "not valid YAML")]
    [InlineData("a: @daily", "stands in quotes")]
    [InlineData("a: *x", "in quotes")]
    [InlineData("a: &x 1\nb: *x", "is an alias in YAML, and aliases are not accepted")]
    [InlineData("a: !!python/object x", "tags are not accepted")]
    [InlineData("? [a]\n: b", "has a key that is not plain text")]
    public void Text_that_is_no_manifest_is_told_so(string text, string message) =>
        Assert.Contains(Given.Read(text).Errors, error => error.Message.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void An_unquoted_cron_that_begins_with_a_star_is_told_to_quote_it()
    {
        var errors = Given.Read(Given.Trigger.Replace("{interval: 5m}", "\n    cron: */5 * * * *", StringComparison.Ordinal)).Errors;
        Assert.Contains(errors, error => error.Message.Contains("in quotes", StringComparison.Ordinal));
    }

    [Fact]
    public void Documents_before_a_fault_of_syntax_are_read()
    {
        var set = Given.Read(Given.Repo + "\n---\na: [\n");
        Assert.Single(set.Manifests);
        Assert.Equal(2, Assert.Single(set.Errors).Document);
    }

    [Fact]
    public void Aliases_cannot_make_a_small_file_large()
    {
        var text = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for (var i = 1; i < 20; i++)
        {
            text.Append($"a{i}: &a{i} [").AppendJoin(", ", Enumerable.Repeat($"*a{i - 1}", 9)).Append("]\n");
        }

        Assert.All(Given.Read(text.ToString()).Errors.Where(error => error.Path.Contains('[')), error => Assert.Contains("aliases are not accepted", error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Nesting_is_bounded_in_both_forms()
    {
        Assert.Contains(Given.Read("a: " + new string('[', 10_000) + new string(']', 10_000)).Errors, error => error.Message.Contains("nested more than 64 deep", StringComparison.Ordinal));
        Assert.Contains(Given.Read("{\"a\": " + new string('[', 10_000), "a.json").Errors, error => error.Message.Contains("depth", StringComparison.Ordinal));
        Assert.NotEmpty(Given.Read(new string('[', 500_000)).Errors);
        Assert.NotEmpty(Given.Read("a: " + string.Concat(Enumerable.Repeat("{a: ", 100_000))).Errors);
    }

    [Fact]
    public void Size_and_number_of_documents_are_bounded()
    {
        Assert.Equal("is larger than 1024 KiB; split it into several files", Given.Error("# " + new string('x', 1024 * 1024)).Message);
        var many = string.Join("\n---\n", Enumerable.Range(0, 1001).Select(i => $"{{apiVersion: pushcart.dev/v1, kind: Action, metadata: {{name: a{i}}}}}"));
        var set = Given.Read(many);
        Assert.Equal("holds more than 1,000 manifests; split it into several files", Assert.Single(set.Errors).Message);
        Assert.Empty(Given.Read(many[..many.LastIndexOf("---", StringComparison.Ordinal)]).Errors);
    }

    [Fact]
    public void The_answer_to_a_file_of_faults_is_bounded()
    {
        var set = Given.Read($"{{apiVersion: pushcart.dev/v1, kind: Action, metadata: {{name: a}}, spec: {{actionJob: {{args: [{string.Join(", ", Enumerable.Repeat("1", 1234))}]}}}}}}");
        Assert.Equal((1001, "has 234 more faults"), (set.Errors.Count, set.Errors[^1].Message));
    }

    [Fact]
    public void A_spec_that_storage_cannot_hold_is_refused()
    {
        static string Text(int length) => $"{{apiVersion: pushcart.dev/v1, kind: Action, metadata: {{name: a}}, spec: {{actionJob: {{args: [{new string('x', length)}]}}}}}}";
        var json = Given.One(Text(29_000)).Json.Length;
        Assert.Equal(30_000, Given.One(Text(29_000 + 30_000 - json)).Json.Length);
        Assert.Equal("has 30,001 characters as JSON; at most 30,000 are kept", Given.Error(Text(29_001 + 30_000 - json)).Message);
    }

    [Fact]
    public void One_resource_twice_in_a_file_is_a_fault()
    {
        var error = Given.Error(Given.Action + "\n---\n" + Given.Action);
        Assert.Equal((2, "Action team/build stands in app.yaml, document 1 already; only one can be meant"), (error.Document, error.Message));
    }

    [Theory]
    [InlineData("yes", "yes")]
    [InlineData("2024-05-18", "2024-05-18")]
    [InlineData("'1.0'", "1.0")]
    [InlineData("!!str 1.0", "1.0")]
    [InlineData("0b1", "0b1")]
    public void Text_is_what_yaml_1_2_calls_text(string written, string expected) =>
        Assert.Equal(expected, Given.Spec<ActionSpec>(WithArgument(written)).Job.Args[0]);

    [Theory]
    [InlineData("010", "10 is read as a number")]
    [InlineData("0x1F", "31 is read as a number")]
    [InlineData("0o17", "15 is read as a number")]
    [InlineData("1e3", "1e3 is read as a number")]
    [InlineData(".5", "0.5 is read as a number")]
    [InlineData("+7", "7 is read as a number")]
    [InlineData("True", "true is read as a truth value")]
    [InlineData("~", "must be text, and is empty")]
    public void Numbers_and_truth_values_must_be_quoted_to_be_text(string written, string message) =>
        Assert.Contains(message, Given.Error(WithArgument(written)).Message, StringComparison.Ordinal);

    [Fact]
    public void Fields_that_a_later_version_knows_may_say_no() =>
        Assert.Equal(Given.One(Given.Action).Json, Given.One(Given.Action.Replace("submodules: true}", "submodules: true, lfs: false}", StringComparison.Ordinal)).Json);

    [Fact]
    public void A_namespace_of_its_own_in_a_reference_to_a_secret_is_accepted_and_any_for_the_cluster()
    {
        var own = Given.Spec<GitRepoSpec>(Given.Repo.Replace("name: creds", "name: creds, namespace: team", StringComparison.Ordinal));
        Assert.Null(own.Auth!.SecretNamespace);
        var any = Given.Spec<GitRepoSpec>(Given.Repo.Replace("kind: GitRepo", "kind: ClusterGitRepo", StringComparison.Ordinal)
            .Replace(", namespace: team", "", StringComparison.Ordinal).Replace("name: creds", "name: creds, namespace: vault", StringComparison.Ordinal));
        Assert.Equal("vault", any.Auth!.SecretNamespace);
    }

    [Fact]
    public void Trust_settings_need_https()
    {
        var text = Given.Repo.Replace("https://", "http://", StringComparison.Ordinal).Replace("noVerifySsl: false", "noVerifySsl: true", StringComparison.Ordinal);
        Assert.Equal(["spec.tlsConfig.noVerifySsl", "spec.tlsConfig.caCert"], Given.Read(text).Errors.Select(error => error.Path));
    }

    [Fact]
    public void An_action_of_the_cluster_may_only_name_a_source_of_the_cluster()
    {
        var text = Given.Action.Replace("kind: Action", "kind: ClusterAction", StringComparison.Ordinal).Replace(", namespace: team", "", StringComparison.Ordinal);
        Assert.Equal("spec.sourceOverride.kind", Given.Error(text).Path);
        Assert.Equal(ResourceKind.ClusterGitRepo, Given.Spec<ActionSpec>(text.Replace("kind: GitRepo", "kind: ClusterGitRepo", StringComparison.Ordinal)).Override!.Kind);
    }

    private static string WithArgument(string written) =>
        $"apiVersion: pushcart.dev/v1\nkind: Action\nmetadata: {{name: a}}\nspec:\n  actionJob:\n    args:\n    - {written}\n";
}
