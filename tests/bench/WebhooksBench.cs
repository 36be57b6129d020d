using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pushcart.Cli.Demo;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Bench;

/// <summary>Webhooks of a real host: answers under load, and the time from an accepted one to its job.</summary>
internal static class WebhooksBench
{
    private const int EachSecond = 50;
    private const int Seconds = 10;
    private const int Jobs = 20;
    private const string Secret = "bench";
    private static readonly TimeSpan s_leastFloor = TimeSpan.FromMilliseconds(50);

    public static async Task<IReadOnlyList<Measure>> RunAsync(AzuriteFixture azurite)
    {
        using var repository = TestRepository.Create();
        await using var git = GitHttpBackend.Start(repository.Root, null);
        var commit = repository.Commit("a", "0");
        repository.SetBranch("always", commit);
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Poll__Schedule"] = "0 0 0 1 1 *";
        place.Settings["Webhooks__GitHub__Secrets__0"] = Secret;

        // As it comes: nothing but the queue's own wake makes the next step follow.
        place.Settings["AzureFunctionsJobHost__extensions__queues__maxPollingInterval"] = "00:00:30";
        place.Settings["Observe__Schedule"] = "*/15 * * * * *";
        var uri = git.UriOf(repository.Name);
        var host = await place.StartLiveAsync("--manifests", place.Write("app.yaml", $$"""
            {{HostManifests.Repository(uri)}}
            ---
            apiVersion: pushcart.dev/v1
            kind: WebhookTrigger
            metadata: {name: app}
            spec: {sources: {names: [app]}, action: {kind: Action, name: app} }
            ---
            apiVersion: pushcart.dev/v1
            kind: WebhookTrigger
            metadata: {name: always}
            spec: {sources: {names: [app], watchOn: {onChangeOnly: false, reference: {branch: always} } }, action: {kind: Action, name: app} }
            ---
            {{HostManifests.Action("true")}}
            """));
        await SendAsync(host, uri, commit, "warm up");
        await SendAsync(host, uri, commit, "warm up always", "always");
        await place.FinishedAsync(host, 2);

        // From the answer to the creation of the run, one at a time: a run's directory is made when the Job is created.
        var created = new List<TimeSpan>();
        for (var n = 1; n <= Jobs; n++)
        {
            var before = place.RunDirectories.Count;
            await SendAsync(host, uri, commit, $"job {n}", "always");
            created.Add(await Measure.TimeAsync(() => host.UntilAsync(() => place.RunDirectories.Count > before, "a run")));
            await place.FinishedAsync(host, n + 2);
        }

        // The floor: what an accepted event must write, two rows in a transaction and a message, at the same rate and with nothing behind it.
        using var transport = new SocketsHttpHandler();
        var storage = new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = place.Prefix + "f" }, TimeProvider.System, transport, []);
        await storage.CreateAsync(CancellationToken.None);
        var (live, queue) = (storage.Table(TableNames.Live), storage.Queue(QueueNames.Checks));
        var floor = await LoadAsync(host, async n =>
        {
            await live.WriteAsync([Change.Insert(Rows.New("live", $"delivery|{n}")), Change.Insert(Rows.New("live", $"task|{n}"))], CancellationToken.None);
            await queue.SendAsync($"{n}", TimeSpan.Zero, CancellationToken.None);
            return HttpStatusCode.Accepted;
        }, HttpStatusCode.Accepted);
        var load = await LoadAsync(host, n => SendAsync(host, uri, commit, $"load {n}"), HttpStatusCode.Accepted);
        created.Sort();
        return
        [
            new($"an accepted webhook is answered, p99 of {EachSecond} a second", load.TotalSeconds, 1, "s"),
            new("the same, as a ratio to what it must write and no more (p99; of 50 ms at least), while the checks are made", load / (floor > s_leastFloor ? floor : s_leastFloor), 10, "times"),
            new($"webhook accepted to job created, process executor, p50 of {Jobs}", created[Jobs / 2].TotalMilliseconds, 250, "ms"),
        ];
    }

    /// <summary>The 99th percentile of answers to requests that come at a fixed rate, whether or not the ones before are answered.</summary>
    private static async Task<TimeSpan> LoadAsync(HostProcess host, Func<int, Task<HttpStatusCode>> request, HttpStatusCode expected)
    {
        var began = TimeProvider.System.GetTimestamp();
        var answers = new List<Task<TimeSpan>>();
        for (var n = 0; n < EachSecond * Seconds; n++)
        {
            var due = TimeSpan.FromSeconds((double)n / EachSecond) - TimeProvider.System.GetElapsedTime(began);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, TimeProvider.System);
            }

            answers.Add(OneAsync(n));
        }

        var taken = (await Task.WhenAll(answers)).Order().ToList();
        return taken[(int)(taken.Count * 0.99)];

        async Task<TimeSpan> OneAsync(int n)
        {
            var sent = TimeProvider.System.GetTimestamp();
            var code = await request(n);
            return code == expected ? TimeProvider.System.GetElapsedTime(sent) : throw new InvalidOperationException($"request {n} was answered {code}: the bench does not measure what it says. {host.Text}");
        }
    }

    private static async Task<HttpStatusCode> SendAsync(HostProcess host, string uri, string commit, string delivery, string branch = "main") =>
        await PostAsync(host, "hooks/github", Body(uri, commit, branch), delivery);

    // As large as a usual push.
    private static byte[] Body(string uri, string commit, string branch) => JsonSerializer.SerializeToUtf8Bytes(new { @ref = "refs/heads/" + branch, after = commit, repository = new { clone_url = uri }, pad = new string('x', 8000) });

    private static async Task<HttpStatusCode> PostAsync(HostProcess host, string path, byte[] body, string delivery)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Add("X-GitHub-Event", "push");
        request.Headers.Add("X-GitHub-Delivery", delivery);
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body)));
        using var answer = await host.Client.SendAsync(request);
        return answer.StatusCode;
    }
}
