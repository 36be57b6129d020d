using Microsoft.Extensions.Configuration;
using Pushcart.Execution;
using Pushcart.Git;
using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;
using Pushcart.Tests.Unit.Storage;
using static Pushcart.Tests.Unit.Jobs.GivenJob;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class RunSpecsTests
{
    private const string Repo = """{"repoUri":"https://git.example.org/app.git"}""";
    private const string Other = """{"repoUri":"https://git.example.org/other.git"}""";
    private static readonly string s_commit = new('a', 40);

    [Fact]
    public async Task A_default_action_has_nine_variables_and_two_more()
    {
        var job = With(Claimed());

        var spec = await SpecAsync(job);

        Assert.Equal(
            [
                "ACTION_JOB_JOB_ID=" + job.Id,
                "ACTION_JOB_JOB_RUN=1",
                "ACTION_JOB_TRIGGER_KIND=ScheduleTrigger",
                "ACTION_JOB_TRIGGER_NAME=nightly",
                "ACTION_JOB_TRIGGER_SOURCE_COMMIT=" + s_commit,
                "ACTION_JOB_TRIGGER_SOURCE_KIND=GitRepo",
                "ACTION_JOB_TRIGGER_SOURCE_NAME=app",
                "ACTION_JOB_TRIGGER_SOURCE_NAMESPACE=team",
                "ACTION_JOB_TRIGGER_SOURCE_REF_NAME=main",
                "ACTION_JOB_TRIGGER_SOURCE_REF_TYPE=branch",
                "ACTION_JOB_WORKDIR=/action_workdir",
            ],
            Variables(spec));
        Assert.Equal(("ACTION_JOB_WORKDIR", "/action_workdir", TimeSpan.FromHours(1), TimeSpan.FromDays(7)), (spec.WorkdirVariable, spec.Workdir, spec.Deadline, spec.Ttl));
        Assert.Equal((ClaimedAt.AddSeconds(20), "key", "the installation", RunNames.Of(job)), (spec.CreateBefore, spec.ClaimKey, spec.Installation, spec.Key));
        Assert.Equal(
            new() { Endpoint = new GitEndpoint("https://git.example.org/app.git"), Commit = s_commit, Reference = "refs/heads/main", Depth = 1 },
            spec.Checkout);
    }

    [Fact]
    public async Task A_jobs_own_variables_stand_beside_Pushcarts_and_never_over_them()
    {
        var spec = await SpecAsync(With(Claimed()) with { Variables = """{"ACTION_JOB_TRIGGER_SOURCE_COMMIT":"mine","GREETING":"hello"}""" });

        Assert.Equal(("hello", s_commit), (spec.Environment["GREETING"], spec.Environment["ACTION_JOB_TRIGGER_SOURCE_COMMIT"]));
    }

    [Fact]
    public async Task A_job_of_a_trace_tells_its_run_of_it()
    {
        var spec = await SpecAsync(With(Claimed()) with { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });

        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", spec.Environment["TRACEPARENT"]);
    }

    [Fact]
    public async Task A_source_of_the_cluster_has_no_namespace()
    {
        var spec = await SpecAsync(With(Claimed()) with { SourceKind = ResourceKind.ClusterGitRepo });

        Assert.DoesNotContain(spec.Environment, v => v.Key.EndsWith("SOURCE_NAMESPACE", StringComparison.Ordinal));
        Assert.Contains("ACTION_JOB_TRIGGER_SOURCE_KIND=ClusterGitRepo", Variables(spec));
    }

    [Theory]
    [InlineData(ReferenceType.Tag, "v1", "tag", "refs/tags/v1")]
    [InlineData(ReferenceType.Commit, "cccccccccccccccccccccccccccccccccccccccc", "commit", null)]
    public async Task Another_reference_changes_its_type_and_name_only(ReferenceType type, string name, string word, string? reference)
    {
        var branch = await SpecAsync(With(Claimed()));

        var spec = await SpecAsync(With(Claimed()) with { ReferenceType = type, ReferenceName = name });

        Assert.Equal(
            ["ACTION_JOB_TRIGGER_SOURCE_REF_NAME=" + name, "ACTION_JOB_TRIGGER_SOURCE_REF_TYPE=" + word],
            Variables(spec).Except(Variables(branch)));
        Assert.Equal((s_commit, reference), (spec.Checkout.Commit, spec.Checkout.Reference));
    }

    [Theory]
    [InlineData("GitRepo", true)]
    [InlineData("ClusterGitRepo", false)]
    public async Task An_override_clones_the_other_and_still_describes_the_triggers_source(string kind, bool hasNamespace)
    {
        var plain = Variables(await SpecAsync(With(Claimed())));
        var action = $$$"""{"sourceOverride":{"kind":"{{{kind}}}","name":"other","reference":{"branch":"b"} } }""";

        var spec = await SpecAsync(With(Claimed(), action, Other, new('d', 40)));

        string[] added =
        [
            "ACTION_JOB_ACTION_SOURCE_KIND=" + kind,
            "ACTION_JOB_ACTION_SOURCE_NAME=other",
            .. hasNamespace ? ["ACTION_JOB_ACTION_SOURCE_NAMESPACE=team"] : Array.Empty<string>(),
            "ACTION_JOB_ACTION_SOURCE_REF_NAME=b",
            "ACTION_JOB_ACTION_SOURCE_REF_TYPE=branch",
        ];
        Assert.Equal(added, Variables(spec).Except(plain));
        Assert.Empty(plain.Except(Variables(spec)));
        Assert.Equal(
            ("https://git.example.org/other.git", new string('d', 40), "refs/heads/b"),
            (spec.Checkout.Endpoint.RepoUri, spec.Checkout.Commit, spec.Checkout.Reference));
    }

    [Fact]
    public async Task Without_a_trigger_its_variables_and_labels_are_left_out()
    {
        var spec = await SpecAsync(With(Claimed()) with { TriggerKind = null, TriggerName = null, TriggerUid = null });

        Assert.DoesNotContain(spec.Environment.Keys, name => name is "ACTION_JOB_TRIGGER_KIND" or "ACTION_JOB_TRIGGER_NAME");
        Assert.DoesNotContain(spec.Labels.Keys, name => name.Contains("trigger", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_action_and_the_defaults_of_its_submission_decide()
    {
        var defaults = new SettingsSpec { VariablesPrefix = "CI_", Workdir = "/w", ActionImage = "alpine:3" };
        var action = """
            {"actionJob":{"command":["sh"],"args":["-c","true"],"labels":{"team":"x"},"annotations":{"a.b/c":"d"},
            "preserveGitFolder":true,"enableClonerDebug":true,"clone":{"depth":0,"submodules":true}}}
            """;

        var spec = await SpecAsync(With(Claimed(), action, defaults: defaults));

        Assert.Equal(("alpine:3", "/w", "CI_WORKDIR", "/w"), (spec.Image, spec.Workdir, spec.WorkdirVariable, spec.Environment["CI_WORKDIR"]));
        Assert.All(spec.Environment.Keys, name => Assert.StartsWith("CI_", name, StringComparison.Ordinal));
        Assert.Equal(["sh", "|", "-c", "true"], [.. spec.Command, "|", .. spec.Args]);
        Assert.Equal((true, true, 0, true), (spec.Checkout.PreserveGitFolder, spec.Checkout.Debug, spec.Checkout.Depth, spec.Checkout.Submodules));
        Assert.Equal(("x", "d"), (spec.Labels["team"], spec.Annotations["a.b/c"]));
    }

    [Fact]
    public async Task Values_of_labels_are_cut_to_what_a_label_allows()
    {
        var job = With(Claimed()) with { ActionName = new string('a', 62) + ".b", SourceName = new string('s', 200), TriggerName = new string('t', 63) };

        var labels = (await SpecAsync(job)).Labels;

        Assert.Equal(new string('a', 62), labels["pushcart.dev/action-name"]);
        Assert.Equal(new string('s', 63), labels["pushcart.dev/source-name"]);
        Assert.Equal(job.TriggerName, labels["pushcart.dev/trigger-name"]);
        Assert.Equal((job.Id, "1"), (labels["pushcart.dev/job-id"], labels["pushcart.dev/run"]));
    }

    [Fact]
    public async Task A_missing_secret_is_told_by_its_name_and_there_is_no_spec()
    {
        var job = With(Claimed());
        job = job with { Snapshots = job.Snapshots! with { Source = """{"repoUri":"https://git.example.org/app.git","authConfig":{"type":"token","secretRef":{"name":"creds"}}}""" } };

        var (spec, error) = await Specs().BuildAsync(job, default);

        Assert.Null(spec);
        Assert.Contains("team/creds", error, StringComparison.Ordinal);
    }

    private static async Task<RunSpec> SpecAsync(Job job)
    {
        var (spec, error) = await Specs().BuildAsync(job, default);
        Assert.Null(error);
        return spec!;
    }

    private static RunSpecs Specs()
    {
        var row = Pushcart.Storage.Rows.New("resources", "installation");
        row["id"] = "the installation";
        var storage = new FakeStorage(_ => FakeStorage.Row(row));
        return new(new(new ConfigurationSecrets(new ConfigurationBuilder().Build())), new(storage.Table, new SeededChance(1)), new());
    }

    private static Job With(Job job, string action = "{}", string? other = null, string? otherCommit = null, SettingsSpec? defaults = null) =>
        job with { Snapshots = new(action, Repo, other, otherCommit, SpecReader.ToJson(defaults ?? SettingsSpec.BuiltIn)) };

    private static List<string> Variables(RunSpec spec) => [.. spec.Environment.Select(v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal)];
}
