using Pushcart.Jobs;
using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Tests.Unit.Jobs;

public sealed class SubmissionTests
{
    private static readonly DateTimeOffset s_now = GivenJob.Start.AddTicks(4567);

    [Fact]
    public void A_new_job_waits_from_its_own_millisecond_on()
    {
        var job = New("{}");

        Assert.Equal((JobState.Queued, 0, 1, null), (job.State, job.Attempt, job.Run, job.Outcome));
        Assert.Equal(JobId.SubmittedAt(job.Id), job.SubmittedAt);
        Assert.Equal(GivenJob.Start, job.SubmittedAt);
        Assert.Equal((job.SubmittedAt, job.SubmittedAt.AddMinutes(-1), job.SubmittedAt.AddMinutes(1)), (job.WaitingSince, job.NotBefore, job.SendAt));
    }

    [Fact]
    public void An_action_that_says_nothing_has_the_defaults()
    {
        var job = New("{}");

        Assert.Equal((TimeSpan.FromSeconds(3600), TimeSpan.FromSeconds(86_400), TimeSpan.FromSeconds(7200)), (job.Deadline, job.WaitingLimit, job.Ttl));
        Assert.Equal(TimeSpan.FromMinutes(5), job.PendingLimit);
        Assert.Equal((0, OnLost.Report, null, 1), (job.Retries, job.OnLost, job.Group, job.GroupLimit));
    }

    [Fact]
    public void An_action_says_what_it_wants()
    {
        var job = New("""
            {"actionJob":{"activeDeadlineSeconds":60,"jobWaitingTimeoutSeconds":70,"ttlSecondsAfterFinished":0,"retries":2,"onLost":"retry","concurrency":{"group":"g","limit":3}}}
            """);

        Assert.Equal((TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(70), TimeSpan.Zero), (job.Deadline, job.WaitingLimit, job.Ttl));
        Assert.Equal((2, OnLost.Retry, "g", 3), (job.Retries, job.OnLost, job.Group, job.GroupLimit));
    }

    [Fact]
    public void Everything_stands_on_it_as_it_was()
    {
        var defaults = new SettingsSpec { VariablesPrefix = "CI_", ActiveDeadlineSeconds = 180, PendingLimitSeconds = 9 };
        var job = New("{}", defaults);

        Assert.Equal(
            ("team", ResourceKind.ScheduleTrigger, "nightly", "uid of ScheduleTrigger team/nightly"),
            (job.Namespace, job.TriggerKind, job.TriggerName, job.TriggerUid));
        Assert.Equal((ResourceKind.ClusterGitRepo, "app", ResourceKind.Action, "build"), (job.SourceKind, job.SourceName, job.ActionKind, job.ActionName));
        Assert.Equal((ReferenceType.Tag, "v1", "c1", "c0", "poll"), (job.ReferenceType, job.ReferenceName, job.Commit, job.PreviousCommit, job.Cause));
        Assert.Equal(("""{"repoUri":"https://other"}""", "c2"), (job.Snapshots!.Override, job.Snapshots.OverrideCommit));
        Assert.Equal(("{}", """{"repoUri":"https://app"}"""), (job.Snapshots.Action, job.Snapshots.Source));
        Assert.Equal(("""{"variablesPrefix":"CI_","activeDeadlineSeconds":180,"pendingLimitSeconds":9}""", TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(9)), (job.Snapshots.Defaults, job.Deadline, job.PendingLimit));
    }

    [Theory]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":120}}""", 90)]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":30}}""", 0)]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":5}}""", 0)]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":"long"}}""", 0)]
    [InlineData("""{"spec":{"terminationGracePeriodSeconds":99999999999}}""", 0)]
    [InlineData("{}", 0)]
    public void What_the_pods_grace_exceeds_30_s_by_stands_on_it(string podTemplate, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), New($$"""{"actionJob":{"podTemplate":{{podTemplate}} } }""").ExtraGrace);

    [Fact]
    public void Without_a_trigger_it_runs_in_its_own_namespace_and_takes_no_part_in_superseding()
    {
        var job = Without(null);

        Assert.Equal(("team", null, null, null, null), (job.Namespace, job.TriggerKind, job.TriggerName, job.TriggerUid, job.RerunOf));
        Assert.True(job.IsAskedFor);
        Assert.False(New("{}").IsAskedFor);
        Assert.True((New("{}") with { Cause = "manual anna" }).IsAskedFor);
    }

    [Fact]
    public void A_rerun_is_told_the_trigger_of_the_first_and_takes_no_part_in_superseding()
    {
        var first = New("{}");

        var job = Without(first);

        Assert.Equal((first.Id, first.TriggerKind, first.TriggerName, null), (job.RerunOf, job.TriggerKind, job.TriggerName, job.TriggerUid));
        Assert.True(job.IsAskedFor);
    }

    private static Job Without(Job? rerunOf) => new Submission(new(), new SeededChance(6)).New(
        new(
            null,
            Of(new(ResourceKind.ClusterGitRepo, null, "app"), """{"repoUri":"https://app"}"""),
            Of(new(ResourceKind.ClusterAction, null, "build"), "{}"),
            new(ReferenceType.Branch, "main"),
            "c1",
            null,
            null,
            "anna",
            "team",
            rerunOf),
        SettingsSpec.BuiltIn,
        s_now);

    private static Job New(string action, SettingsSpec? defaults = null) => new Submission(new(), new SeededChance(5)).New(
        new(
            Of(new(ResourceKind.ScheduleTrigger, "team", "nightly"), """{"sources":{"names":["app"]},"schedule":{"interval":"5m"},"action":{"kind":"Action","name":"build"}}"""),
            Of(new(ResourceKind.ClusterGitRepo, null, "app"), """{"repoUri":"https://app"}"""),
            Of(new(ResourceKind.Action, "team", "build"), action),
            new(ReferenceType.Tag, "v1"),
            "c1",
            "c0",
            (Of(new(ResourceKind.ClusterGitRepo, null, "other"), """{"repoUri":"https://other"}"""), "c2"),
            "poll"),
        defaults ?? SettingsSpec.BuiltIn,
        s_now);

    private static Resource Of(ResourceName name, string json) => new(name, $"uid of {name}", 1, s_now, json, SpecReader.FromJson(name.Kind, json), null);
}
