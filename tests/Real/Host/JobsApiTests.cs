using System.Net;
using Pushcart.Jobs;
using Pushcart.Jobs.Finished;
using Pushcart.Jobs.Views;
using Pushcart.Resources;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Host;

/// <summary>Jobs over HTTP: made without a trigger, listed by filters, followed as events.</summary>
[Collection("hosts")]
public sealed class JobsApiTests(AzuriteFixture azurite)
{
    private const string Body = """{"action": {"name": "app"}, "source": {"name": "app"}}""";

    [Fact]
    public async Task A_job_without_a_trigger_is_made_once_for_each_idempotency_key_with_its_own_variables_which_a_rerun_has_too()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app, "echo \"$GREETING to $ACTION_JOB_TRIGGER_SOURCE_COMMIT\"");
        var second = app.Repository.Commit("a", "2");
        var body = $$$"""{"action": {"name": "app"}, "source": {"kind": "GitRepo", "name": "app"}, "reference": {"branch": "main"}, "commit": "{{{app.First.ToUpperInvariant()}}}", "variables": {"GREETING": "hello: 'all'"}}""";

        var (status, made) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", body, "key");
        Assert.Equal(HttpStatusCode.Created, status);
        var (again, same) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", body, "key");
        Assert.Equal((HttpStatusCode.OK, made.Text("id")), (again, same.Text("id")));
        var (other, refused) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", Body, "key");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency.other_request"), (other, refused.Text("code")));

        var first = Assert.Single(await app.Place.FinishedAsync(host, 1));
        Assert.Equal((made.Text("id"), app.First, $"hello: 'all' to {app.First}\n"), (first.Job.Id, first.Job.Commit, first.Log));
        Assert.StartsWith("asked for by ", first.Job.Cause, StringComparison.Ordinal);
        var view = await host.JsonAsync($"api/jobs/{first.Job.Id}");
        Assert.Equal("hello: 'all'", view.GetProperty("variables").Text("GREETING"));
        Assert.False(view.TryGetProperty("trigger", out _));

        // Without a key each is a new one; without a commit, what the branch has; a re-run has the variables of the first.
        await host.Client.SendAsync(HttpMethod.Post, "api/jobs", Body);
        Assert.Equal(second, (await app.Place.FinishedAsync(host, 2))[1].Job.Commit);
        await host.Client.SendAsync(HttpMethod.Post, $"api/jobs/{first.Job.Id}/rerun");
        Assert.Equal(first.Log, (await app.Place.FinishedAsync(host, 3))[2].Log);
    }

    [Fact]
    public async Task A_body_with_faults_is_refused_with_all_of_them_and_what_is_missing_is_named()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app, "true");

        foreach (var (body, expected, part) in new[]
        {
            ("", "body.invalid", "one JSON object"),
            ("[]", "body.invalid", "one JSON object"),
            ("action: {name: app}", "body.invalid", "not valid JSON"),
            ("{\"action\": {\"name\": \"app\"}", "body.invalid", "not valid JSON"),
            ("""{"action": {"nam": "app"}, "source": {"name": 7}, "sauce": 1}""", "body.invalid", "did you mean name"),
            ("""{"action": {"name": "app"}, "source": {"name": "app"}, "commit": "abc"}""", "body.invalid", "commit: "),
            ("""{"action": {"name": "app"}, "source": {"name": "app"}, "variables": {"1A": "x", "B": 2, "ACTION_JOB_X": "y"}}""", "body.invalid", "variables.ACTION_JOB_X"),
            ("""{"action": {"name": "app"}, "source": {"name": "app"}, "variables": {"A": "LONG"}}""".Replace("LONG", new string('x', 9_000), StringComparison.Ordinal), "body.invalid", "at most 8"),
            ("""{"action": {"name": "nope"}, "source": {"name": "app"}}""", "action.missing", "Action default/nope"),
            ("""{"action": {"name": "app"}, "source": {"kind": "ClusterGitRepo", "name": "app"}}""", "source.missing", "ClusterGitRepo app"),
            ("""{"action": {"name": "app"}, "source": {"name": "app"}, "reference": {"tag": "v9"}}""", "git.unreachable", "there is no tag v9"),
            ("{" + new string(' ', 70_000) + "}", "body.too_large", "65,536"),
        })
        {
            var (_, answer) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", body);
            Assert.True(answer.Text("code") == expected && answer.Text("message")!.Contains(part, StringComparison.Ordinal), $"{body[..Math.Min(100, body.Length)]}: {answer}");
        }

        var (status, several) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", """{"action": {"nam": "app"}, "source": {"name": 7}, "sauce": 1}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["action.nam", "action.name", "sauce", "source.name"], several.GetProperty("errors").EnumerateArray().Select(e => e.Text("path")).Order(StringComparer.Ordinal));
        Assert.Empty(await app.Place.HistoryAsync());
        Assert.True(await app.Place.IsQuietAsync());
    }

    [Fact]
    public async Task Jobs_are_listed_by_state_trigger_source_commit_and_time_newest_first_and_paged()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var day = new DateTimeOffset(2030, 5, 2, 0, 0, 0, TimeSpan.Zero);
        await InsertAsync(place, Enumerable.Range(0, 130).Select(i => Finished(
            day.AddMinutes(i - 65), i % 2 == 0 ? JobOutcome.Succeeded : JobOutcome.Failed, i % 5 == 0 ? "five" : "other", i % 3 == 0 ? "lib" : "app", i)));
        async Task<List<int>> ListAsync(string query)
        {
            var all = new List<int>();
            var next = "";
            do
            {
                var page = await host.JsonAsync($"api/jobs?{query}{next}");
                all.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => int.Parse(job.Text("commit")!.AsSpan(36), System.Globalization.CultureInfo.InvariantCulture)));
                next = page.TryGetProperty("next", out var token) ? $"&next={token.GetString()}" : "";
            }
            while (next.Length > 0);
            return all;
        }

        IEnumerable<int> Expected(Func<int, bool> which) => Enumerable.Range(0, 130).Where(which).Reverse();
        Assert.Equal(Expected(_ => true), await ListAsync(""));
        Assert.Equal(Expected(i => i % 2 == 1), await ListAsync("state=failed"));
        Assert.Equal(Expected(i => i % 5 == 0), await ListAsync("trigger=default/five"));
        Assert.Equal(Expected(i => i % 10 == 0), await ListAsync("trigger=ScheduleTrigger/default/five&state=succeeded"));
        Assert.Empty(await ListAsync("trigger=WebhookTrigger/default/five"));
        Assert.Equal(Expected(i => i % 3 == 0), await ListAsync("source=default/lib"));
        Assert.Empty(await ListAsync("source=ClusterGitRepo/lib"));
        Assert.Equal([77], await ListAsync($"commit={new string('c', 36)}0077"));
        Assert.Equal(Expected(i => i >= 100), await ListAsync($"commit={new string('C', 36)}01"));
        Assert.Equal(Expected(i => i is >= 60 and < 70), await ListAsync("since=2030-05-01T23:55:00Z&until=2030-05-02T02:05:00%2B02:00"));
        Assert.Equal(Expected(i => i >= 65), await ListAsync("since=2030-05-02"));
        Assert.Empty(await ListAsync("since=9999-12-31"));
        Assert.Empty(await ListAsync("until=0001-01-01"));
        Assert.Empty(await ListAsync("state=running"));

        foreach (var wrong in (string[])["state=done", "trigger=five", "trigger=GitRepo/default/five", "source=lib", "source=//", "commit=xyz", "commit=ab", "since=yesterday", "until=2030-05-02T02:05:00+02:00"])
        {
            var (status, answer) = await host.Client.SendAsync(HttpMethod.Get, $"api/jobs?{wrong}");
            Assert.True((status, answer.Text("code")) == (HttpStatusCode.BadRequest, "query.invalid"), $"{wrong}: {answer}");
        }

        // Who asks for force=1 does not mean "no".
        foreach (var (method, path) in ((HttpMethod, string)[])[(HttpMethod.Get, "log?follow=yes"), (HttpMethod.Post, "cancel?force=1")])
        {
            var (status, answer) = await host.Client.SendAsync(method, $"api/jobs/{JobId.New(DateTimeOffset.UnixEpoch, Chance.System)}/{path}");
            Assert.True((status, answer.Text("code")) == (HttpStatusCode.BadRequest, "query.invalid"), $"{path}: {answer}");
        }

        // A token belongs to its list, whole.
        var token = (await host.JsonAsync("api/jobs?state=failed")).Text("next")!;
        foreach (var tampered in (string[])[$"state=succeeded&next={token}", $"next={token}", $"state=failed&next={token[..^2]}", $"state=failed&next=00{token[2..]}"])
        {
            var (status, answer) = await host.Client.SendAsync(HttpMethod.Get, $"api/jobs?{tampered}");
            Assert.Equal((HttpStatusCode.BadRequest, "jobs.invalid_next"), (status, answer.Text("code")));
        }
    }

    [Fact]
    public async Task A_live_job_is_listed_by_its_state_and_its_output_is_followed_as_events()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var go = Path.Combine(app.Place.Folder, "go");
        var host = await StartAsync(app, $"echo begun; until [ -e {go} ]; do sleep 0.05; done; printf 'one\\r\\ntwo\\rthree'");
        var (_, made) = await host.Client.SendAsync(HttpMethod.Post, "api/jobs", Body);
        await Eventually.TrueAsync(async () => (await host.JsonAsync("api/jobs?state=running")).GetProperty("jobs").GetArrayLength() == 1, "it is running");
        Assert.Equal(0, (await host.JsonAsync("api/jobs?state=queued")).GetProperty("jobs").GetArrayLength());
        Assert.Equal(0, (await host.JsonAsync("api/jobs?state=running&commit=0000")).GetProperty("jobs").GetArrayLength());

        using var request = new HttpRequestMessage(HttpMethod.Get, $"api/jobs/{made.Text("id")}/log?follow=true");
        request.Headers.Accept.ParseAdd("text/event-stream");
        using var answer = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        using var events = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.Equal(("id: 1", "data: begun", ""), (await events.ReadLineAsync(), await events.ReadLineAsync(), await events.ReadLineAsync()));
        await File.WriteAllTextAsync(go, "");
        Assert.Equal("id: 2\ndata: one\n\nid: 3\ndata: two\n\nid: 4\ndata: three\n\nevent: end\ndata:\n\n", await events.ReadToEndAsync());

        // Who comes back goes on after what it has seen.
        await app.Place.FinishedAsync(host, 1);
        using var back = new HttpRequestMessage(HttpMethod.Get, $"api/jobs/{made.Text("id")}/log");
        back.Headers.Accept.ParseAdd("text/event-stream");
        back.Headers.Add("Last-Event-ID", "3");
        using var rest = await host.Client.SendAsync(back);
        Assert.Equal("id: 4\ndata: three\n\nevent: end\ndata:\n\n", await rest.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_page_of_a_filter_that_lets_hardly_any_row_through_takes_at_most_three_storage_calls()
    {
        await using var here = await InstallationOnAzurite.StartAsync(azurite);
        var day = new DateTimeOffset(2030, 5, 2, 0, 0, 0, TimeSpan.Zero);
        await InsertAsync(here.History, Enumerable.Range(0, 300).Select(i => Finished(day.AddMinutes(-i * 20), JobOutcome.Succeeded, "other", "app", i)));
        var queries = here.Process.Get<JobQueries>();
        var traffic = here.Process.Storage;
        foreach (var query in new JobListQuery[] { new(null, null, null, null, null, null), new("failed", null, null, null, null, null), new(null, "default/none", null, null, "2030-04-29", null) })
        {
            string? next = null;
            do
            {
                traffic.Clear();
                var page = (await queries.PageAsync(query, next, AllowedNamespaces.All, default)).Value!;
                Assert.True(traffic.Operations.Count <= JobQueries.CallsOfPage, traffic.Describe());
                next = page.Next;
            }
            while (next is not null);
        }
    }

    // No trigger: nothing runs by itself.
    private static Task<HostProcess> StartAsync(WatchedApp app, string script) =>
        app.Place.StartLiveAsync("--manifests", app.Place.Write("manifests/app.yaml", $"{Repository(app.Uri)}\n---\n{Action(script)}"));

    private async Task InsertAsync(HostPlace place, IEnumerable<Job> jobs)
    {
        using var transport = new SocketsHttpHandler();
        await InsertAsync(new History(new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = place.Prefix }, TimeProvider.System, transport, []).Table(TableNames.History)), jobs);
    }

    private static Task InsertAsync(History history, IEnumerable<Job> jobs) => history.InsertAsync([.. jobs.Select(job => (job, (string?)null))], CancellationToken.None);

    private static Job Finished(DateTimeOffset submitted, JobOutcome outcome, string trigger, string source, int number)
    {
        var id = JobId.New(submitted, Chance.System);
        return new()
        {
            Id = id,
            SubmittedAt = JobId.SubmittedAt(id),
            WaitingSince = JobId.SubmittedAt(id),
            EndedAt = JobId.SubmittedAt(id),
            State = JobState.Ended,
            Outcome = outcome,
            Namespace = "default",
            TriggerKind = ResourceKind.ScheduleTrigger,
            TriggerName = trigger,
            SourceKind = ResourceKind.GitRepo,
            SourceName = source,
            ReferenceType = ReferenceType.Branch,
            ReferenceName = "main",
            Commit = new string('c', 36) + number.ToString("D4", System.Globalization.CultureInfo.InvariantCulture),
            Cause = "poll",
            ActionKind = ResourceKind.Action,
            ActionName = "app",
        };
    }
}
