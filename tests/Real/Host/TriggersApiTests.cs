using System.Net;
using System.Text.Json;
using Pushcart.Jobs;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Host;

/// <summary>Triggers over HTTP: run, suspend, resume, explain; and sources with their health.</summary>
[Collection("hosts")]
public sealed class TriggersApiTests(AzuriteFixture azurite)
{
    private const string Trigger = "api/triggers/ScheduleTrigger/default/app";

    [Fact]
    public async Task A_manual_run_fires_whatever_has_changed_once_for_each_idempotency_key_and_its_task_tells_what_became_of_it()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app);
        await app.Place.FinishedAsync(host, 1);

        var (status, accepted) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run", key: "k1");
        Assert.Equal(HttpStatusCode.Accepted, status);
        var task = accepted.Text("taskId")!;
        Assert.Equal(task, (await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run", key: "k1")).Json.Text("taskId"));
        var jobs = await app.Place.FinishedAsync(host, 2);
        Assert.Equal(2, jobs.Count);
        Assert.Equal((app.First, JobOutcome.Succeeded), (jobs[1].Job.Commit, jobs[1].Job.Outcome));
        Assert.StartsWith("manual run by ", jobs[1].Job.Cause, StringComparison.Ordinal);
        var told = await host.JsonAsync($"api/tasks/{task}");
        var source = Assert.Single(told.GetProperty("sources").EnumerateArray());
        Assert.Equal(("done", "job submitted", jobs[1].Job.Id), (told.Text("state"), source.Text("state"), source.GetProperty("job").Text("id")));

        // The same key for something else; and without a key each time is a new run.
        var (other, refused) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run?ifChanged=true", key: "k1");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency.other_request"), (other, refused.Text("code")));
        Assert.Equal(HttpStatusCode.Accepted, (await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run?source=app")).Status);
        Assert.Equal(3, (await app.Place.FinishedAsync(host, 3)).Count);

        // With ifChanged it is a check, which finds nothing.
        (_, accepted) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run?ifChanged=true");
        await Eventually.TrueAsync(async () => (await host.JsonAsync($"api/tasks/{accepted.Text("taskId")}")).Text("state") == "done", "the check is made");
        Assert.Equal("unchanged", Assert.Single((await host.JsonAsync($"api/tasks/{accepted.Text("taskId")}")).GetProperty("sources").EnumerateArray()).Text("state"));
        Assert.Equal(3, (await app.Place.HistoryAsync()).Count);
    }

    [Fact]
    public async Task What_names_no_trigger_or_none_of_its_sources_is_refused()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app);

        foreach (var (method, path, expected) in new[]
        {
            (HttpMethod.Post, $"{Trigger}/run?source=nope", (404, "triggers.no_such_source")),
            (HttpMethod.Post, $"{Trigger}/run?ifChanged=1", (400, "query.invalid")),
            (HttpMethod.Post, "api/triggers/ScheduleTrigger/default/nope/run", (404, "resources.not_found")),
            (HttpMethod.Post, "api/triggers/WebhookTrigger/default/app/suspend", (404, "resources.not_found")),
            (HttpMethod.Post, "api/triggers/GitRepo/default/app/resume", (404, "triggers.unknown_kind")),
            (HttpMethod.Get, "api/triggers/2/default/app/explain", (404, "triggers.unknown_kind")),
        })
        {
            var (status, answer) = await host.Client.SendAsync(method, path);
            Assert.Equal(expected, ((int)status, answer.Text("code")));
        }

        var (tooLong, long256) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run", key: new string('k', 256));
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency.invalid_key"), (tooLong, long256.Text("code")));
    }

    [Fact]
    public async Task A_suspended_trigger_fires_by_a_manual_run_only_and_is_checked_at_once_when_resumed()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        app.Place.Settings["Checks__Confirm"] = "0s";
        var host = await StartAsync(app);
        await app.Place.FinishedAsync(host, 1);

        foreach (var changed in (bool[])[true, false])
        {
            var (status, suspended) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/suspend");
            Assert.Equal((HttpStatusCode.OK, true, changed), (status, suspended.GetProperty("suspended").GetBoolean(), suspended.GetProperty("changed").GetBoolean()));
        }

        var second = app.Repository.Commit("a", "2");
        var explained = Assert.Single((await host.JsonAsync($"{Trigger}/explain")).GetProperty("sources").EnumerateArray());
        Assert.Equal("do nothing", explained.Text("would"));
        Assert.Contains("suspended", explained.Text("why"), StringComparison.Ordinal);
        await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/run");
        Assert.Equal(second, (await app.Place.FinishedAsync(host, 2))[1].Job.Commit);

        var third = app.Repository.Commit("a", "3");
        var (resumed, _) = await host.Client.SendAsync(HttpMethod.Post, $"{Trigger}/resume");
        Assert.Equal(HttpStatusCode.OK, resumed);
        Assert.Equal((third, "poll"), (await app.Place.FinishedAsync(host, 3))[2] is var last ? (last.Job.Commit, last.Job.Cause) : default);
        Assert.False((await host.JsonAsync("api/triggers")).GetProperty("triggers")[0].GetProperty("suspended").GetBoolean());
    }

    [Fact]
    public async Task Explain_tells_what_a_check_would_do_and_why_and_writes_nothing()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        app.Place.Settings["Checks__Confirm"] = "0s";
        var host = await app.Place.StartLiveAsync();

        // Nothing looks by itself at what a webhook trigger watches.
        var webhook = """
            apiVersion: pushcart.dev/v1
            kind: WebhookTrigger
            metadata: {name: app}
            spec:
              sources: {names: [app], watchOn: {files: [docs/]}}
              action: {kind: Action, name: app}
            """;
        await host.Client.SendAsync(HttpMethod.Post, "api/apply", $"{Repository(app.Uri)}\n---\n{webhook}");
        async Task ExplainedAsync(string would, string why, string? last, string? now)
        {
            var before = await LiveAsync(app);
            var answer = await host.JsonAsync("api/triggers/WebhookTrigger/default/app/explain");
            var source = Assert.Single(answer.GetProperty("sources").EnumerateArray());
            Assert.True(source.Text("would") == would && source.Text("why")!.Contains(why, StringComparison.Ordinal), source.ToString());
            Assert.Equal((last, now), (source.TryGetProperty("lastCommit", out var l) ? l.GetString() : null, source.TryGetProperty("commit", out var c) ? c.GetString() : null));
            Assert.Equal(before, await LiveAsync(app));
        }

        await ExplainedAsync("fail", "Action default/app does not exist", null, null);
        await host.Client.SendAsync(HttpMethod.Post, "api/apply", Action("true"));
        await ExplainedAsync("fire", "never seen", null, app.First);

        await host.Client.SendAsync(HttpMethod.Post, "api/triggers/WebhookTrigger/default/app/run");
        await app.Place.FinishedAsync(host, 1);
        await ExplainedAsync("do nothing", "is still at", app.First, app.First);
        var second = app.Repository.Commit("readme", "2");
        await ExplainedAsync("record the commit", "no watched file has changed", app.First, second);
        var third = app.Repository.Commit("docs/a", "3");
        await ExplainedAsync("fire", $"from {app.First} to {third}", app.First, third);

        app.Repository.Git("branch", "-m", "main", "gone");
        await ExplainedAsync("fail", "there is no branch main", app.First, null);
        app.Repository.Git("branch", "-m", "gone", "main");

        // And what it told comes true.
        await host.Client.SendAsync(HttpMethod.Post, "api/triggers/WebhookTrigger/default/app/run?ifChanged=true");
        Assert.Equal(third, (await app.Place.FinishedAsync(host, 2))[1].Job.Commit);
    }

    [Fact]
    public async Task Explain_tells_of_a_commit_so_soon_after_another_that_it_is_looked_at_again()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app);
        await app.Place.FinishedAsync(host, 1);
        app.Repository.Commit("a", "2");

        var source = Assert.Single((await host.JsonAsync($"{Trigger}/explain")).GetProperty("sources").EnumerateArray());

        Assert.Equal("look again", source.Text("would"));
        Assert.Single(await app.Place.HistoryAsync());
    }

    [Fact]
    public async Task Sources_are_listed_with_their_health_and_who_looks_at_them()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var away = Watching(app.Uri + "-away", "true", name: "away");
        var host = await app.Place.StartLiveAsync();
        await host.Client.SendAsync(HttpMethod.Post, "api/apply", $"{Watching(app.Uri, "true")}\n---\n{away}\n---\n{Repository(app.Uri, "idle")}");

        JsonElement sources = default;
        await Eventually.TrueAsync(
            async () => (sources = (await host.JsonAsync("api/sources")).GetProperty("sources")).EnumerateArray().Any(s => !s.GetProperty("healthy").GetBoolean()), "a source is unhealthy");

        Assert.Equal([("app", true), ("away", false), ("idle", true)], sources.EnumerateArray().Select(s => (s.Text("name")!, s.GetProperty("healthy").GetBoolean())));
        Assert.Equal((app.Uri + "-away", "GitRepo", "default"), (sources[1].Text("repoUri"), sources[1].Text("kind"), sources[1].Text("namespace")));
        var look = Assert.Single(sources[1].GetProperty("triggers").EnumerateArray());
        Assert.Equal("ScheduleTrigger default/away", look.Text("trigger"));
        Assert.True(look.GetProperty("state").GetProperty("failures").GetInt32() >= 3);
        Assert.Empty(sources[2].GetProperty("triggers").EnumerateArray());
    }

    // Looks once, and then not for an hour.
    private static Task<HostProcess> StartAsync(WatchedApp app) =>
        app.Place.StartLiveAsync("--manifests", app.Place.Write("manifests/app.yaml", Watching(app.Uri, app.Noting).Replace("interval: 1s", "interval: 1h", StringComparison.Ordinal)));

    private static async Task<string> LiveAsync(WatchedApp app) =>
        string.Join('\n', (await app.Place.RowsAsync(Pushcart.Storage.TableNames.Live)).Select(row => $"{row.RowKey} {row.ETag}"));
}
