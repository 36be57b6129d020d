using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>The API of a real host.</summary>
[Collection("hosts")]
public sealed class ApiTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Jobs_are_listed_found_with_their_log_and_what_is_not_there_is_told_in_json()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("echo hello");
        var id = Assert.Single(await app.Place.FinishedAsync(host, 1)).Job.Id;

        var listed = Assert.Single((await host.JsonAsync("api/jobs")).GetProperty("jobs").EnumerateArray());
        Assert.Equal((id, "succeeded", app.First), (Text(listed, "id"), Text(listed, "state"), Text(listed, "commit")));
        Assert.False(listed.TryGetProperty("log", out _));
        var one = await host.JsonAsync($"api/jobs/{id}");
        Assert.Equal((id, "hello\n", "ScheduleTrigger default/app"), (Text(one, "id"), Text(one, "log"), Text(one, "trigger")));

        foreach (var absent in (string[])["nope", new string('a', 20), id[..19] + (id[19] == 'a' ? 'b' : 'a')])
        {
            var answer = await RefusedAsync(host, $"api/jobs/{absent}", HttpStatusCode.NotFound);
            Assert.Equal("jobs.not_found", Text(answer, "code"));
            Assert.Contains(absent, Text(answer, "message"), StringComparison.Ordinal);
        }

        // Not hexadecimal, of odd length, hexadecimal of something that no page answered, and much too long.
        foreach (var garbage in (string[])["zz", "abc", "6162", "612062", "ff00ff", "%20", new string('a', 4000)])
        {
            Assert.Equal("jobs.invalid_next", Text(await RefusedAsync(host, $"api/jobs?next={garbage}", HttpStatusCode.BadRequest), "code"));
        }
    }

    [Fact]
    public async Task A_log_is_followed_while_its_run_lasts_and_read_whole_while_that_is_there_and_as_a_tail_afterwards()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var go = Path.Combine(app.Place.Folder, "go");
        var host = await app.StartAsync($"echo begun; until [ -e {go} ]; do sleep 0.05; done; seq 1 20000; echo done");
        string? id = null;
        await Eventually.TrueAsync(
            async () => (await host.JsonAsync("api/jobs")).GetProperty("jobs").EnumerateArray().SingleOrDefault() is { ValueKind: JsonValueKind.Object } job && Text(job, "state") == "running"
                && (id = Text(job, "id")) is not null,
            "a job is running");

        using var answer = await host.Client.GetAsync($"api/jobs/{id}/log?follow=true", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, "text/plain; charset=utf-8"), (answer.StatusCode, answer.Content.Headers.ContentType!.ToString()));
        using var followed = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal("begun", await followed.ReadLineAsync());
        Assert.Equal("begun\n", await host.Client.GetStringAsync($"api/jobs/{id}/log"));
        await File.WriteAllTextAsync(go, "");
        var rest = await followed.ReadToEndAsync();
        Assert.EndsWith("\n20000\ndone\n", rest, StringComparison.Ordinal);
        await app.Place.FinishedAsync(host, 1);
        Assert.Equal("begun\n" + rest, await host.Client.GetStringAsync($"api/jobs/{id}/log"));

        foreach (var run in app.Place.RunDirectories)
        {
            Directory.Delete(run, recursive: true);
        }

        var tail = await host.Client.GetStringAsync($"api/jobs/{id}/log");
        Assert.True(tail.Length is > 10_000 and <= JobSettings.LogTailBytes && rest.EndsWith(tail, StringComparison.Ordinal), $"{tail.Length} characters");
        Assert.Equal("jobs.not_found", Text(await RefusedAsync(host, "api/jobs/nope/log", HttpStatusCode.NotFound), "code"));
    }

    [Fact]
    public async Task A_running_job_is_cancelled_and_run_again_once_for_each_idempotency_key()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var go = Path.Combine(app.Place.Folder, "go");
        var host = await app.StartAsync($"until [ -e {go} ]; do sleep 0.05; done; echo done");
        string? id = null;
        await Eventually.TrueAsync(
            async () => (await host.JsonAsync("api/jobs")).GetProperty("jobs").EnumerateArray().SingleOrDefault() is { ValueKind: JsonValueKind.Object } job && Text(job, "state") == "running"
                && (id = Text(job, "id")) is not null,
            "a job is running");

        Assert.Equal((HttpStatusCode.OK, "running"), await PostAsync(host, $"api/jobs/{id}/cancel", "state"));
        var cancelled = Assert.Single(await app.Place.FinishedAsync(host, 1)).Job;
        Assert.Equal(JobOutcome.Cancelled, cancelled.Outcome);
        Assert.Matches("^cancelled by first admin \\(token [0-9a-f]{24}\\)$", cancelled.Reason);
        Assert.Equal((HttpStatusCode.Conflict, "jobs.ended"), await PostAsync(host, $"api/jobs/{id}/cancel", "code"));

        await File.WriteAllTextAsync(go, "");
        var (status, again) = await PostAsync(host, $"api/jobs/{id}/rerun", "id", "key-1");
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal((HttpStatusCode.OK, again), await PostAsync(host, $"api/jobs/{id}/rerun", "id", "key-1"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency.other_request"), await PostAsync(host, $"api/jobs/{again}/rerun", "code", "key-1"));
        var finished = await app.Place.FinishedAsync(host, 2);
        Assert.Equal([id, again], finished.Select(job => job.Job.Id));
        Assert.Equal((JobOutcome.Succeeded, id, cancelled.Commit), (finished[1].Job.Outcome, finished[1].Job.RerunOf, finished[1].Job.Commit));

        foreach (var verb in (string[])["cancel", "rerun"])
        {
            Assert.Equal((HttpStatusCode.NotFound, "jobs.not_found"), await PostAsync(host, $"api/jobs/nope/{verb}", "code"));
        }
    }

    [Fact]
    public async Task Triggers_tell_how_they_stand_and_a_source_is_tested_on_demand()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("echo hello");
        await app.Place.FinishedAsync(host, 1);

        var trigger = Assert.Single((await host.JsonAsync("api/triggers")).GetProperty("triggers").EnumerateArray());
        Assert.Equal(("ScheduleTrigger", "default", "app", "Idle"), (Text(trigger, "kind"), Text(trigger, "namespace"), Text(trigger, "name"), Text(trigger, "state")));
        Assert.Equal(app.First, Text(Assert.Single(trigger.GetProperty("sources").EnumerateArray()), "commit"));

        using var answer = await host.Client.PostAsync("api/sources/GitRepo/default/app/test", null);
        var test = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(test.GetProperty("ok").GetBoolean(), test.ToString());
        Assert.Equal(["credentials", "remote", "branch main"], test.GetProperty("steps").EnumerateArray().Select(step => Text(step, "step")));

        foreach (var (path, name) in new[] { ("GitRepo/default/nope", "GitRepo default/nope"), ("ClusterGitRepo/nope", "ClusterGitRepo nope") })
        {
            using var absent = await host.Client.PostAsync($"api/sources/{path}/test", null);
            Assert.Equal(HttpStatusCode.NotFound, absent.StatusCode);
            Assert.Equal($"there is no {name}", Text(await absent.Content.ReadFromJsonAsync<JsonElement>(), "message"));
        }
    }

    [Fact]
    public async Task Pages_follow_each_other_without_a_gap()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        await InsertAsync(place, 120);

        var ids = new List<string>();
        var next = "";
        do
        {
            var page = await host.JsonAsync("api/jobs" + next);
            ids.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => Text(job, "id")!));
            next = page.TryGetProperty("next", out var token) ? $"?next={token.GetString()}" : "";
        }
        while (next.Length > 0);

        Assert.Equal(120, ids.Count);
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), ids);
    }

    private async Task InsertAsync(HostPlace place, int count)
    {
        using var transport = new SocketsHttpHandler();
        var history = new History(new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = place.Prefix }, TimeProvider.System, transport, []).Table(TableNames.History));

        // Some of each of two days: pages cross from one partition into the next.
        var first = TimeProvider.System.GetUtcNow().Date.AddMinutes(-1);
        await history.InsertAsync([.. Enumerable.Range(0, count).Select(i => (Finished(first.AddSeconds(i)), (string?)null))], CancellationToken.None);
    }

    private static Job Finished(DateTime submitted)
    {
        var id = JobId.New(submitted, Chance.System);
        return new()
        {
            Id = id,
            SubmittedAt = JobId.SubmittedAt(id),
            WaitingSince = JobId.SubmittedAt(id),
            EndedAt = JobId.SubmittedAt(id),
            State = JobState.Ended,
            Outcome = JobOutcome.Succeeded,
            Namespace = "default",
            SourceKind = ResourceKind.GitRepo,
            SourceName = "app",
            ReferenceType = ReferenceType.Branch,
            ReferenceName = "main",
            Commit = new string('1', 40),
            Cause = "poll",
            ActionKind = ResourceKind.Action,
            ActionName = "app",
        };
    }

    private static async Task<JsonElement> RefusedAsync(HostProcess host, string path, HttpStatusCode expected)
    {
        using var answer = await host.Client.GetAsync(path);
        Assert.True(answer.StatusCode == expected, $"{path} was answered {answer.StatusCode}: {host.Text}");
        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(["code", "message"], json.EnumerateObject().Select(property => property.Name));
        return json;
    }

    private static string? Text(JsonElement json, string name) => json.GetProperty(name).GetString();

    private static async Task<(HttpStatusCode Status, string? Value)> PostAsync(HostProcess host, string path, string property, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await host.Client.SendAsync(request);
        return (answer.StatusCode, Text(await answer.Content.ReadFromJsonAsync<JsonElement>(), property));
    }
}
