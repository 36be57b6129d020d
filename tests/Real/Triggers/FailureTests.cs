using System.Diagnostics.Metrics;
using System.Text;
using Pushcart.Storage;
using Pushcart.Telemetry;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.InstallationManifests;

namespace Pushcart.Tests.Real.Triggers;

/// <summary>Checks that git, a secret or the configuration leaves without an answer: they are owed.</summary>
[Collection("azurite")]
public sealed class FailureTests(AzuriteFixture azurite)
{
    private const string Login = ", authConfig: {type: basic, secretRef: {name: login}}";

    [Fact]
    public async Task A_branch_that_does_not_exist_is_an_error_with_back_off_and_no_job()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "reference: {branch: release}"));
        await here.DeliverChecksAsync();

        var source = await here.SourceAsync();
        Assert.Equal((1, true, "GitRepo default/app: there is no branch release"), (source.Failures, source.Owed, source.Error));
        Assert.InRange(source.NextAttempt!.Value - here.Time.GetUtcNow(), TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(60));
        Assert.Empty(await here.JobsAsync());
    }

    [Fact]
    public async Task A_branch_that_was_deleted_is_an_error_and_fires_when_it_is_back_with_another_commit()
    {
        await using var here = await FiredAsync(azurite);
        here.Repository.DeleteBranch("main");
        here.Repository.Commit("a", "1", "other");
        await here.CheckAgainAsync();

        Assert.Single(await here.JobsAsync());
        Assert.Contains("there is no branch main", (await here.SourceAsync()).Error, StringComparison.Ordinal);

        var back = here.Repository.Commit("a", "2");
        await here.CheckAgainAsync();
        Assert.Equal(back, (await here.JobsAsync())[^1].Commit);
        var source = await here.SourceAsync();
        Assert.Equal((null, 0, null, false), (source.Error, source.Failures, source.NextAttempt, source.Owed));
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task A_missing_secret_names_secret_and_key_and_is_asked_for_again()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite, git: new() { Authorization = Basic("me", "hush-hush") });
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri, Login), Action("build"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();

        var error = (await here.SourceAsync()).Error!;
        Assert.Contains("default/login", error, StringComparison.Ordinal);
        Assert.Contains("password", error, StringComparison.Ordinal);
        Assert.Equal(0, here.Process.Git.Requests);

        here.Process.Set("Secrets:default:login:username", "me");
        here.Process.Set("Secrets:default:login:password", "hush-hush");
        await here.CheckAgainAsync();
        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task A_wrong_password_is_one_request_then_back_off_that_doubles_up_to_half_an_hour()
    {
        var wrong = "wr0ng-" + Chance.System.NewId();
        await using var here = await InstallationOnAzurite.StartAsync(
            azurite, [("Secrets:default:login:username", "me"), ("Secrets:default:login:password", wrong)], new() { Authorization = Basic("me", "right") });
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri, Login), Action("build"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Equal(1, here.Process.Git.Requests);

        var waits = new List<TimeSpan>();
        for (var failures = 1; failures <= 8; failures++)
        {
            var source = await here.SourceAsync();
            Assert.Equal(failures, source.Failures);
            var wait = source.NextAttempt!.Value - here.Time.GetUtcNow();
            waits.Add(wait);

            // A moment too early: nobody is asked. Then: once.
            here.Time.Advance(wait - TimeSpan.FromSeconds(1));
            await here.ObserveAsync();
            await here.PollAsync();
            await here.DeliverChecksAsync();
            Assert.Equal(failures, here.Process.Git.Requests);
            here.Time.Advance(TimeSpan.FromSeconds(1));
            await here.ObserveAsync();
            await here.DeliverChecksAsync();
            Assert.Equal(failures + 1, here.Process.Git.Requests);
        }

        Assert.InRange(waits[0], TimeSpan.FromSeconds(48), TimeSpan.FromSeconds(60));
        Assert.InRange(waits[3] / waits[0], 6.0, 10.0);
        Assert.True(waits.Max() <= TimeSpan.FromMinutes(30), $"the longest wait was {waits.Max()}");
        Assert.True(waits[^1] >= TimeSpan.FromMinutes(24), $"the last wait was {waits[^1]}");
        Assert.DoesNotContain(wrong, here.Process.Log.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(wrong, (await here.SourceAsync()).ToString(), StringComparison.Ordinal);
        Assert.Empty(await here.JobsAsync());
    }

    [Fact]
    public async Task A_git_server_that_hangs_times_out_and_does_not_hold_up_others()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        using var slow = here.NewRepository("slow.git");
        slow.Commit("a", "1");
        here.Repository.Commit("a", "1");
        here.OnGitRequest = async (context, stop) =>
        {
            if (context.Request.Url!.AbsolutePath.StartsWith("/slow.git", StringComparison.Ordinal))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            }

            return false;
        };
        await here.ApplyAsync(
            Source("slow", here.Git.UriOf("slow.git")), Source("app", here.Uri), Action("build"), Trigger("slow", "slow", "build"), Trigger("app", "app", "build"));

        var delivered = here.DeliverChecksAsync();
        await here.WaitAsync(async () => (await here.JobsAsync()).Count == 1);
        await here.WaitAsync(async () => here.Process.Git.Requests == 2 && await here.LengthAsync(QueueNames.Jobs) == 1);
        Assert.False(delivered.IsCompleted);
        here.Time.Advance(TimeSpan.FromSeconds(14));
        Assert.False(delivered.IsCompleted);
        here.Time.Advance(TimeSpan.FromSeconds(1));
        await delivered;

        Assert.Equal("app", (await here.JobAsync()).TriggerName);
        var source = Assert.Single(await here.SourcesAsync(), s => s.Error is not null);
        Assert.Equal("GitRepo default/slow", source.Source);
        Assert.Contains("15 s", source.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_action_is_WrongConfig_and_fires_at_once_when_it_exists()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();

        var source = await here.SourceAsync();
        Assert.Equal(("WrongConfig: Action default/build does not exist", 0, true), (source.Error, source.Failures, source.Owed));
        Assert.Equal(0, here.Process.Git.Requests);

        await here.ApplyAsync(Action("build"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
        Assert.Equal((null, false), ((await here.SourceAsync()).Error, (await here.SourceAsync()).Owed));
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task A_missing_source_is_WrongConfig_and_fires_at_once_when_it_exists()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Action("build"), Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Equal("WrongConfig: GitRepo default/app does not exist", (await here.SourceAsync()).Error);

        await here.ApplyAsync(Source("app", here.Uri));
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
        Assert.Empty(await here.TasksAsync());
    }

    [Fact]
    public async Task A_scheduled_check_that_fails_is_owed_and_fires_once_when_git_answers_again()
    {
        var hour = TimeProvider.System.GetUtcNow().AddHours(12).Hour;
        await using var here = await FiredAsync(azurite, watchOn: "onChangeOnly: false", schedule: $"cron: \"0 {hour} * * *\"");
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 503;
            return Task.FromResult(true);
        };
        await here.CheckAgainAsync(TimeSpan.FromDays(1));
        Assert.Single(await here.JobsAsync());
        var task = Assert.Single(await here.TasksAsync());
        Assert.Equal(TimeSpan.FromHours(hour), task.Due.UtcDateTime.TimeOfDay);

        // Polls in between do not ask: the next instant is far.
        here.OnGitRequest = null;
        await here.PollAsync();
        Assert.Equal(0, await here.DeliverChecksAsync());
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.ObserveAsync();
        await here.DeliverChecksAsync();

        // The first job has waited for a day, and is in history.
        Assert.Equal((1, 1), ((await here.JobsAsync()).Count, (await here.FinishedAsync()).Count));
        Assert.Empty(await here.TasksAsync());
        here.Time.Advance(TimeSpan.FromMinutes(30));
        await here.PollAsync();
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task An_owed_check_is_given_up_after_three_days_and_the_next_scheduled_one_begins_anew()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "reference: {branch: gone}", "interval: 7day"));
        await here.DeliverChecksAsync();
        for (var day = 0; day < 4; day++)
        {
            Assert.Single(await here.TasksAsync());
            here.Time.Advance(TimeSpan.FromHours(23));
            await here.ObserveAsync();
            await here.DeliverChecksAsync();
        }

        Assert.Empty(await here.TasksAsync());
        var source = await here.SourceAsync();
        Assert.False(source.Owed);
        Assert.StartsWith("given up after 3 days: ", source.Error, StringComparison.Ordinal);

        here.Repository.Commit("a", "1", "gone");
        await here.CheckAgainAsync(TimeSpan.FromDays(7));
        Assert.Single(await here.JobsAsync());
    }

    [Fact]
    public async Task Three_failures_in_a_row_and_the_first_success_after_are_a_line_and_a_metric_each()
    {
        await using var here = await FiredAsync(azurite);
        var counted = new List<string>();
        using var meters = new MeterListener();
        meters.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Measures.MeterName && instrument.Name.StartsWith("pushcart.source.", StringComparison.Ordinal))
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => counted.Add($"{instrument.Name} {value} {tags.Length}"));
        meters.Start();
        here.OnGitRequest = (context, _) =>
        {
            context.Response.StatusCode = 500;
            return Task.FromResult(true);
        };
        for (var failure = 1; failure <= 5; failure++)
        {
            await here.CheckAgainAsync(TimeSpan.FromHours(1));
        }

        here.OnGitRequest = null;
        await here.CheckAgainAsync(TimeSpan.FromHours(1));

        var lines = here.Process.Log.Lines.Where(l => l.Text.StartsWith("GitRepo default/app", StringComparison.Ordinal)).Select(l => l.Text).ToList();
        Assert.Collection(
            lines,
            first => Assert.Contains("cannot be checked for ScheduleTrigger default/app; next try in", first, StringComparison.Ordinal),
            third => Assert.Contains("3 times in a row", third, StringComparison.Ordinal),
            after => Assert.Equal("GitRepo default/app answers again", after));
        Assert.Equal(["pushcart.source.unhealthy 1 0", "pushcart.source.recovered 1 0"], counted);
    }

    [Fact]
    public async Task A_trigger_deleted_while_its_check_is_owed_leaves_nothing_behind()
    {
        await using var here = await OwedAsync();
        await here.ApplyAsync(prune: true, Source("app", here.Uri), Action("build"));

        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        await here.Process.Get<Pushcart.Triggers.SourceCleaning>().CleanAsync(default);

        Assert.Empty(await here.TasksAsync());
        Assert.Empty(await here.SourcesAsync());
    }

    [Fact]
    public async Task A_reference_changed_while_a_check_of_the_old_one_is_owed_ends_what_was_owed()
    {
        await using var here = await OwedAsync();
        await here.ApplyAsync(Trigger("app", "app", "build"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());

        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        await here.Process.Get<Pushcart.Triggers.SourceCleaning>().CleanAsync(default);

        Assert.Empty(await here.TasksAsync());
        Assert.Equal("branch main", (await here.SourceAsync()).Reference);
    }

    [Fact]
    public async Task A_message_that_failed_too_often_is_owed_and_one_that_cannot_be_read_is_kept_with_its_text()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build"));
        var poison = here.Process.Get<Pushcart.Triggers.Checks.PoisonChecks>();
        await poison.HandleAsync(Assert.Single(await here.TakeAsync(QueueNames.Checks)), default);
        await poison.HandleAsync("no json", default);

        Assert.Single(await here.TasksAsync());
        var dead = Assert.Single(await here.DeadAsync(QueueNames.Checks));
        Assert.Equal("no json", dead.GetText("text"));
        here.Time.Advance(TimeSpan.FromMinutes(2));
        await here.ObserveAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());
    }

    internal static async Task<InstallationOnAzurite> FiredAsync(
        AzuriteFixture azurite, string watchOn = "reference: {branch: main}", string schedule = "interval: 10m")
    {
        var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", watchOn, schedule));
        await here.DeliverChecksAsync();
        await here.PollAsync();
        await here.DeliverChecksAsync();
        Assert.Single(await here.JobsAsync());

        // Long enough ago for the next change to be no replica's lag.
        here.Time.Advance(TimeSpan.FromMinutes(1));
        return here;
    }

    private async Task<InstallationOnAzurite> OwedAsync()
    {
        var here = await InstallationOnAzurite.StartAsync(azurite);
        here.Repository.Commit("a", "1");
        await here.ApplyAsync(Source("app", here.Uri), Action("build"), Trigger("app", "app", "build", "reference: {branch: gone}"));
        await here.DeliverChecksAsync();
        Assert.Single(await here.TasksAsync());
        return here;
    }

    internal static string Basic(string user, string password) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
}
