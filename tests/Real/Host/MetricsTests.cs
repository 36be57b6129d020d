using System.Net;
using Pushcart.Tests.Real.Webhooks;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Host;

/// <summary><c>GET metrics</c>.</summary>
[Collection("hosts")]
public sealed class MetricsTests(AzuriteFixture azurite)
{
    // Whatever stands in a label is one of these words: never a namespace, a name, a commit or an address.
    private static readonly Dictionary<string, string> s_words = new()
    {
        ["result"] = "unchanged fired not_watched failed postponed again suspended ok missing conflict throttled refused unreachable cancelled",
        ["provider"] = "trigger github gitlab gitea forgejo bitbucket azuredevops unknown",
        ["code"] = "200 202 400 401 403 404 413 429 500 503 2xx 3xx 4xx 5xx none",
        ["cause"] = "schedule webhook manual rerun request",
        ["outcome"] = "succeeded failed cancelled expired lost",
        ["state"] = "queued claimed running ended",
        ["queue"] = "checks checks-poison jobs jobs-poison",
        ["timer"] = "poll observe cleanhistory hooks",
        ["operation"] = "table.read table.query table.insert table.update table.delete table.transaction table.create queue.send queue.peek queue.properties queue.create queue.update queue.delete",
        ["method"] = "GET POST PATCH DELETE",
    };

    [Fact]
    public async Task A_job_is_counted_from_its_webhook_to_its_end_and_no_label_names_anything()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri, "zebra"), Trigger(name: "quagga", sources: "zebra")), ("Metrics:ReadEvery", "1s"));
        Assert.Equal(202, (await here.PostAsync("hooks/default/quagga/zebra")).Code);
        Assert.Equal(404, (await here.PostAsync("hooks/nowhere/at-all")).Code);
        Assert.Equal(404, (await here.PostAsync("hooks/no-provider")).Code);
        await here.Place.FinishedAsync(here.Host, 1);
        await here.Host.UntilAsync(() => here.Host.Text.Contains("finished: succeeded", StringComparison.Ordinal), "the record");

        using var answer = await here.Host.Anonymous.GetAsync("metrics");
        var read = PrometheusParser.Read(await answer.Content.ReadAsStringAsync());
        double Value(string name, params (string Name, string Value)[] labels) =>
            read[name.Split("_count")[0]].Samples.Single(s => s.Name == name && s.Labels.Count == labels.Length && labels.All(l => s.Labels[l.Name] == l.Value)).Value;

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal((1, 1), (Value("pushcart_webhooks_total", ("provider", "trigger"), ("code", "202")), Value("pushcart_webhooks_total", ("provider", "trigger"), ("code", "404"))));
        Assert.Equal(1, Value("pushcart_webhooks_total", ("provider", "unknown"), ("code", "404")));
        Assert.Equal(1, Value("pushcart_checks_total", ("result", "fired")));
        Assert.Equal((1, 1), (Value("pushcart_jobs_submitted_total", ("cause", "webhook")), Value("pushcart_jobs_ended_total", ("outcome", "succeeded"))));
        Assert.Equal((1, 1), (Value("pushcart_job_waiting_seconds_count"), Value("pushcart_job_running_seconds_count")));
        Assert.Equal(0, Value("pushcart_jobs", ("state", "queued")));
        Assert.Equal((0, 0), (Value("pushcart_sources_failing"), Value("pushcart_dead_letters")));
        Assert.Equal(0, Value("pushcart_queue_messages", ("queue", "jobs")));
        Assert.InRange(Value("pushcart_timer_tick_age_seconds", ("timer", "observe")), 0, 30);
        Assert.True(Value("pushcart_storage_calls_total", ("operation", "table.transaction"), ("result", "ok")) >= 3);
        Assert.True(Value("pushcart_storage_calls_total", ("operation", "queue.send"), ("result", "ok")) >= 2);
        foreach (var (name, value) in read.Values.SelectMany(f => f.Samples).SelectMany(s => s.Labels).Where(l => l.Key != "le"))
        {
            Assert.True(s_words.TryGetValue(name, out var words) && words.Split(' ').Contains(value), $"{name}={value}");
        }
    }

    [Fact]
    public async Task Only_a_program_of_this_machine_needs_no_token()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (_, read) = await host.TokenAsync("reads", ["read"]);
        var (_, some) = await host.TokenAsync("reads some", ["read"], ["default"]);
        var (_, hook) = await host.TokenAsync("hooks", ["hook"]);

        Assert.Equal(200, await StatusAsync(host));
        Assert.Equal(200, await StatusAsync(host, ("Host", "localhost")));

        // A proxy of this machine that nobody has named: by what it adds, and by what its callers asked for.
        foreach (var header in new[] { ("X-Forwarded-For", "203.0.113.9"), ("X-Forwarded-For", "127.0.0.1"), ("Forwarded", "for=127.0.0.1"), ("Via", "1.1 proxy"), ("X-Real-IP", "127.0.0.1"), ("Host", "pushcart.example.com") })
        {
            Assert.Equal((header, 401), (header, await StatusAsync(host, header)));
        }

        Assert.Equal(200, await StatusAsync(host, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", $"Bearer {read}")));
        Assert.Equal(404, await StatusAsync(host, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", $"Bearer {some}")));
        Assert.Equal(403, await StatusAsync(host, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", $"Bearer {hook}")));
    }

    [Fact]
    public async Task Behind_a_proxy_that_is_trusted_nobody_passes_for_a_program_of_this_machine()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Host__TrustedProxies"] = "127.0.0.1";
        var host = await place.StartLiveAsync();

        foreach (var client in new[] { null, "203.0.113.9", "127.0.0.1", "127.0.0.2", "127.0.0.1, 203.0.113.9", "::1", "[::1]:80" })
        {
            (string, string)[] headers = client is null ? [] : [("X-Forwarded-For", client)];
            Assert.Equal((client, 401), (client, await StatusAsync(host, headers)));
        }

        Assert.Equal(200, await StatusAsync(host, ("X-Forwarded-For", "203.0.113.9"), ("Authorization", $"Bearer {host.AdminToken}")));
    }

    [Fact]
    public async Task Where_the_installation_says_so_anybody_reads_them()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Metrics__Anonymous"] = "true";
        var host = await place.StartLiveAsync();

        Assert.Equal(200, await StatusAsync(host, ("X-Forwarded-For", "203.0.113.9")));
    }

    private static async Task<int> StatusAsync(HostProcess host, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "metrics");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await host.Anonymous.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
