using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Functions.OpenApi;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Real.Workers;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Host;

/// <summary>
/// The API against its own description. The client of every test compares each answer with it (status, content type, schema, nothing more than is described); here every operation is asked at least
/// once, so that none goes without.
/// </summary>
[Collection("hosts")]
public sealed class OpenApiTests(AzuriteFixture azurite)
{
    private const string Hook = """
        apiVersion: pushcart.dev/v1
        kind: WebhookTrigger
        metadata: {name: hook}
        spec:
          sources: {names: [app], watchOn: {onChangeOnly: false, reference: {branch: main}}}
          webhook: {multiSource: true}
          action: {kind: Action, name: app}
        """;

    private const string Cluster = """
        apiVersion: pushcart.dev/v1
        kind: ClusterGitRepo
        metadata: {name: shared}
        spec: {repoUri: https://git.example/shared}
        """;

    [Fact]
    public async Task Anybody_is_served_the_description()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        using var answer = await host.Anonymous.GetAsync("api/openapi.json");

        Assert.Equal((HttpStatusCode.OK, "application/json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(OpenApiDocument.Text, await answer.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Every_operation_answers_as_it_is_described()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        app.Place.Settings["Webhooks__GitHub__Secrets__0"] = "secret";
        app.Place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
        var host = await app.Place.StartLiveAsync();

        // Resources, triggers, sources.
        await DoAsync(host, "POST", "api/apply", 200, $"{Watching(app.Uri, "echo $GREETING")}\n---\n{Hook}\n---\n{Cluster}");
        foreach (var path in (string[])["resources/GitRepo", "resources/GitRepo/default/app", "resources/ClusterGitRepo/shared", "export", "triggers", "triggers/ScheduleTrigger/default/app/explain", "sources", "queues", "queues/jobs/messages", "openapi.json"])
        {
            await DoAsync(host, "GET", "api/" + path, 200);
        }

        foreach (var path in (string[])["triggers/ScheduleTrigger/default/app/suspend", "triggers/ScheduleTrigger/default/app/resume", "sources/GitRepo/default/app/test", "sources/ClusterGitRepo/shared/test"])
        {
            await DoAsync(host, "POST", "api/" + path, 200);
        }

        // Events, and what became of them.
        var run = await DoAsync(host, "POST", "api/triggers/ScheduleTrigger/default/app/run", 202);
        await DoAsync(host, "GET", $"api/tasks/{run!["taskId"]}", 200);
        await DoAsync(host, "POST", "hooks/default/hook", 202);
        await DoAsync(host, "POST", "hooks/default/hook/app", 202);
        foreach (var (what, status) in new[] { ("ping", 200), ("push", 202) })
        {
            await DoAsync(host, "POST", "hooks/github", status, Push(app), request => Sign(request, what));
        }

        await DoAsync(host, "POST", "api/triggers/WebhookTrigger/default/hook/suspend", 200);
        await DoAsync(host, "POST", "hooks/default/hook", 200);
        await DoAsync(host, "POST", "hooks/default/hook/app", 200);

        // Jobs.
        const string job = """{"action": {"name": "app"}, "source": {"name": "app"}, "variables": {"GREETING": "hello"}}""";
        var made = await DoAsync(host, "POST", "api/jobs", 201, job, request => request.Headers.Add("Idempotency-Key", "a"));
        await DoAsync(host, "POST", "api/jobs", 200, job, request => request.Headers.Add("Idempotency-Key", "a"));
        await Eventually.TrueAsync(async () => (await app.Place.HistoryAsync()).Any(finished => finished.Job.Id == (string?)made!["id"]), "the job has finished", 60);
        var one = $"api/jobs/{made!["id"]}";
        await DoAsync(host, "GET", one, 200);
        await DoAsync(host, "GET", one + "/log", 200);
        await DoAsync(host, "GET", one + "/log", 200, null, request => request.Headers.Accept.Add(new("text/event-stream")));
        await DoAsync(host, "POST", one + "/rerun", 201, null, request => request.Headers.Add("Idempotency-Key", "b"));
        await DoAsync(host, "POST", one + "/rerun", 200, null, request => request.Headers.Add("Idempotency-Key", "b"));
        await DoAsync(host, "POST", "api/apply", 200, Action("sleep 60"));
        var endless = await DoAsync(host, "POST", "api/jobs", 201, job);
        await DoAsync(host, "POST", $"api/jobs/{endless!["id"]}/cancel", 200);
        await DoAsync(host, "GET", "api/jobs", 200);

        // Tokens.
        var token = await DoAsync(host, "POST", "api/tokens", 201, """{"description": "one", "expires_at": "2100-01-31T00:00:00Z"}""");
        await DoAsync(host, "GET", "api/tokens", 200);
        await DoAsync(host, "GET", $"api/tokens/{token!["id"]}", 200);
        await DoAsync(host, "POST", $"api/tokens/{token["id"]}/rotate", 200, """{"overlap_minutes": 5}""");
        await DoAsync(host, "DELETE", $"api/tokens/{token["id"]}", 204);

        await CallsOfWorkersAsync(host);

        // Dead letters.
        using var transport = new SocketsHttpHandler();
        var storage = new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = app.Place.Prefix }, TimeProvider.System, transport, []);
        var kept = new DeadLetters(storage.Table(TableNames.Dead), TimeProvider.System, Chance.System, NullLogger<DeadLetters>.Instance);
        foreach (var (method, verb, status) in new[] { ("POST", "/send", 202), ("DELETE", "", 204) })
        {
            await kept.KeepAsync(QueueNames.Jobs, """{"v":1,"id":"aaaaaaaaaaaaaaaaaaaa"}""", "a test", CancellationToken.None);
            var letter = (await DoAsync(host, "GET", "api/dead", 200))!["dead"]![0]!["id"];
            await DoAsync(host, "GET", $"api/dead/{letter}", 200);
            await DoAsync(host, method, $"api/dead/{letter}{verb}", status);
        }

        // The end.
        await DoAsync(host, "DELETE", "api/resources/ScheduleTrigger/default/app", 200);
        await DoAsync(host, "DELETE", "api/resources/ClusterGitRepo/shared", 200);
        foreach (var path in (string[])["healthz/live", "healthz/ready", "metrics"])
        {
            await DoAsync(host, "GET", path, 200);
        }

        var seen = host.Answered.ToHashSet();
        Assert.Empty(Successes().Where(operation => !seen.Contains(operation)).Select(operation => $"{operation.Operation} has not answered {operation.Status}: ask it here"));
    }

    [Fact]
    public async Task Every_operation_refuses_who_has_no_token_a_wrong_one_one_that_lacks_the_scope_and_one_of_another_namespace()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var lacking = new Dictionary<string, string>();
        foreach (var (scope, less) in new[] { ("read", "hook"), ("write", "read"), ("admin", "write"), ("worker", "read"), ("register", "worker") })
        {
            lacking[scope] = (await host.TokenAsync($"less than {scope}", [less])).Value;
        }

        var elsewhere = (await host.TokenAsync("of another namespace", ["admin"], ["elsewhere"])).Value;
        var count = 0;
        foreach (var (path, method, operation) in Operations().Where(o => o.Operation["security"]!.AsArray() is [JsonObject { Count: 1 }]))
        {
            var scope = (string)operation["security"]![0]!["token"]![0]!;
            var at = path[1..].Replace("{kind}", "ScheduleTrigger", StringComparison.Ordinal).Replace('{', 'x').Replace('}', 'x');
            foreach (var (token, code) in new[]
            {
                (null, (401, "auth.no_authorization")), ("pct_" + new string('0', 64), (401, "auth.invalid_token")), ("Basic cGN0Xw==", (401, "auth.invalid_token")), (lacking[scope], (403, "auth.forbidden")),
            })
            {
                Assert.Equal((method, path, code), (method, path, (await host.AskAsync(token, method, at)).Error));
            }

            var ofPlace = operation["responses"]!["404"]?.ToJsonString().Contains("auth.not_found", StringComparison.Ordinal) is true;
            Assert.Equal((method, path, ofPlace), (method, path, (await host.AskAsync(elsewhere, method, at)).Error == (404, "auth.not_found")));
            count++;
        }

        Assert.True(count >= 48, $"{count} operations take a token");
    }

    private static async Task CallsOfWorkersAsync(HostProcess host)
    {
        // A registered worker, from its name to the end of a job.
        await DoAsync(host, "POST", "api/apply", 200, WorkersPlace.Action("edge", "worker: {name: edge}"));
        using var worker = new TestWorker(host, "edge");
        var added = await DoAsync(host, "POST", "api/workers", 201, """{"name": "edge", "labels": {"zone": "north"}}""");
        Assert.Equal(200, (int)(await worker.RegisterAsync((string)added!["registrationToken"]!)).Status);
        var next = TestWorker.NewToken();
        Assert.Equal(200, (int)(await worker.RejoinAsync(next)).Status);
        worker.Token = next;
        Assert.Equal(200, (int)(await worker.CheckInAsync(TestWorker.NewToken())).Status);
        Assert.Equal(204, (int)(await worker.ClaimAsync()).Status);
        await DoAsync(host, "POST", "api/jobs", 201, $$"""{"action": {"name": "edge"}, "source": {"name": "app"}, "commit": "{{new string('a', 40)}}"}""");
        var claim = await worker.StartedAsync();
        Assert.Equal(200, (int)(await worker.RenewAsync(claim, "half of it")).Status);
        Assert.Equal(200, (int)(await worker.LogAsync(claim, 0, "hello\n")).Status);
        Assert.Equal(200, (int)(await worker.ReturnAsync(claim.Key)).Status);
        Assert.Equal(200, (int)(await worker.ReportAsync(claim, "succeeded", report => report with { ExitCode = 0 })).Status);

        // As admins see it, and a pod of a shared name.
        using var pod = new TestWorker(host, "many/one") { Token = (await host.TokenAsync("workers", ["worker"])).Value };
        Assert.Equal(200, (int)(await pod.CheckInAsync()).Status);
        await DoAsync(host, "GET", "api/workers", 200);
        foreach (var name in (string[])["edge", "many/one"])
        {
            await DoAsync(host, "GET", $"api/workers/{name}", 200);
            await DoAsync(host, "POST", $"api/workers/{name}/drain", 200);
            await DoAsync(host, "POST", $"api/workers/{name}/resume", 200);
            await DoAsync(host, "DELETE", $"api/workers/{name}", 204);
        }
    }

    private static IEnumerable<(string Path, string Method, JsonNode Operation)> Operations() =>
        JsonNode.Parse(OpenApiDocument.Text)!["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(o => (path.Key, o.Key.ToUpperInvariant(), o.Value!)));

    private static IEnumerable<(string Operation, int Status)> Successes() =>
        from operation in Operations()
        from answer in operation.Operation["responses"]!.AsObject()
        where answer.Key[0] == '2'
        select ((string)operation.Operation["operationId"]!, int.Parse(answer.Key, CultureInfo.InvariantCulture));

    private static async Task<JsonNode?> DoAsync(HostProcess host, string method, string path, int expected, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(new(method), path)
        {
            Content = body is null ? null : new StringContent(body, Encoding.UTF8, body.StartsWith('{') ? "application/json" : "application/yaml"),
        };
        change?.Invoke(request);
        using var answer = await host.Client.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True((int)answer.StatusCode == expected, $"{method} {path} was answered {(int)answer.StatusCode}: {text}\n{host.Text}");
        return answer.Content.Headers.ContentType is { MediaType: "application/json" } ? JsonNode.Parse(text) : null;
    }

    private static string Push(WatchedApp app) =>
        $$$"""{"ref":"refs/heads/main","before":"{{{new string('0', 40)}}}","after":"{{{app.First}}}","repository":{"clone_url":"{{{app.Uri}}}","html_url":"{{{app.Uri}}}","full_name":"a/app"}}""";

    private static void Sign(HttpRequestMessage request, string what)
    {
        var body = request.Content!.ReadAsStringAsync().GetAwaiter().GetResult();
        var sum = Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes("secret"), Encoding.UTF8.GetBytes(body)));
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + sum);
        request.Headers.Add("X-GitHub-Event", what);
        request.Headers.Add("X-GitHub-Delivery", Chance.System.NewId());
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("GitHub-Hookshot", "1"));
        request.Content!.Headers.ContentType = new("application/json");
    }
}
