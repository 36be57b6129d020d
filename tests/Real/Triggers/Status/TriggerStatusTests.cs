using Pushcart.Resources;
using Pushcart.Tests.Support;
using Pushcart.Triggers.Status;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers.Status;

/// <summary>How a trigger stands, as the API tells it.</summary>
[Collection("azurite")]
public sealed class TriggerStatusTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_trigger_is_idle_then_running_then_idle_and_tells_its_runs_and_what_it_saw()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var commit = here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build"));
        await here.TakeAsync(Pushcart.Storage.QueueNames.Checks);
        var applied = here.Time.GetUtcNow();

        var before = await OneAsync(here);
        Assert.Equal(("Idle", null, null, Text(applied)), (before.State, before.Reason, before.LastRun, before.NextRun));
        Assert.Equal(("GitRepo default/app", null, null, true), (before.Sources[0].Name, before.Sources[0].Commit, before.Sources[0].LastCheck, before.Sources[0].Healthy));

        await here.CheckAgainAsync();
        var running = await OneAsync(here);
        var job = await here.JobAsync();
        Assert.Equal(("Running", "ScheduleTrigger", "default", "app"), (running.State, running.Kind, running.Namespace, running.Name));
        Assert.Equal((commit, job.Id, 0, null), (running.Sources[0].Commit, running.Sources[0].LastJob, running.Sources[0].Failures, running.Sources[0].LastError));
        Assert.NotNull(running.Sources[0].Changed);
        Assert.NotNull(running.LastRun);
        Assert.Equal(TimeSpan.FromMinutes(10), Time(running.NextRun) - Time(running.LastRun));

        await here.FinishAsync();
        Assert.Equal("Idle", (await OneAsync(here)).State);

        // Nothing has changed, and nothing is written: the run that looked is told all the same.
        await here.CheckAgainAsync();
        var later = await OneAsync(here);
        Assert.Equal(later.LastRun, later.Sources[0].LastCheck);
        Assert.True(Time(later.LastRun) > Time(running.LastRun));
    }

    [Fact]
    public async Task A_trigger_whose_action_is_missing_is_WrongConfig_with_the_reason_until_it_exists()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Trigger("app", "app", "build"));

        var wrong = await OneAsync(here);
        Assert.Equal(("WrongConfig", "Action default/build does not exist"), (wrong.State, wrong.Reason));

        await here.ApplyAsync(Action("build"));
        Assert.Equal(("Idle", null), (await OneAsync(here)) is var right ? (right.State, right.Reason) : default);
    }

    [Fact]
    public async Task A_source_that_fails_tells_its_error_its_failures_its_next_attempt_and_is_unhealthy_from_the_third()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "reference: {branch: release}"));
        await here.DeliverChecksAsync();

        for (var failures = 1; failures <= 3; failures++)
        {
            var source = (await OneAsync(here)).Sources[0];
            Assert.Equal((failures, failures < 3, "GitRepo default/app: there is no branch release"), (source.Failures, source.Healthy, source.LastError));
            Assert.True(Time(source.NextAttempt) > here.Time.GetUtcNow());
            Assert.NotNull(source.LastCheck);
            here.Time.Advance(TimeSpan.FromMinutes(31));
            await here.PollAsync();
            await here.DeliverChecksAsync();
        }

        here.Repository.SetBranch("release", here.Repository.Tip("main")!);
        await here.CheckAgainAsync(TimeSpan.FromMinutes(31));
        var again = (await OneAsync(here)).Sources[0];
        Assert.Equal((0, true, null, null), (again.Failures, again.Healthy, again.LastError, again.NextAttempt));
    }

    [Fact]
    public async Task A_suspended_trigger_says_so_and_has_no_next_run()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", more: ", suspend: true"));

        var view = await OneAsync(here);
        Assert.Equal((true, null), (view.Suspended, view.NextRun));
    }

    [Fact]
    public async Task An_interval_shorter_than_the_poll_tick_runs_once_a_tick_and_status_and_apply_say_so()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var applied = await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("fast", "app", "build", schedule: "interval: 10s"), Trigger("slow", "app", "build"));

        const string Note = "the interval 10s is shorter than the time between two ticks of Poll (60 s), so it fires once a tick";
        Assert.StartsWith("ScheduleTrigger default/fast: " + Note, Assert.Single(applied.Notes), StringComparison.Ordinal);
        var views = await AllAsync(here);
        Assert.StartsWith(Note, views[0].Note, StringComparison.Ordinal);
        Assert.Null(views[1].Note);
    }

    private static Task<IReadOnlyList<TriggerView>> AllAsync(InstallationOnAzurite here) => here.Process.Get<TriggerQueries>().AllAsync(AllowedNamespaces.All, CancellationToken.None);

    private static async Task<TriggerView> OneAsync(InstallationOnAzurite here) => Assert.Single(await AllAsync(here));

    private static DateTimeOffset Time(string? text) => DateTimeOffset.Parse(text!, System.Globalization.CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
