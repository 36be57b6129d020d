using Pushcart.Jobs;
using Pushcart.Tests.Real.Webhooks;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Host;

/// <summary>Traces, metrics and logs over OTLP, from a running host to a receiver.</summary>
[Collection("hosts")]
public sealed class TracesTests(AzuriteFixture azurite)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = $"00-{Trace}-b7ad6b7169203331-01";
    private static readonly string[] s_stages = ["pushcart.TriggerHook", "pushcart.check", "pushcart.claim", "pushcart.run", "pushcart.archive"];

    [Fact]
    public async Task One_trace_follows_an_event_from_its_webhook_to_the_archive_of_its_job()
    {
        await using var receiver = new OtlpReceiver();
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Trigger()),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"),
            ("OTEL_BSP_SCHEDULE_DELAY", "100"), ("OTEL_BLRP_SCHEDULE_DELAY", "100"), ("OTEL_METRIC_EXPORT_INTERVAL", "300"));

        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("traceparent", Parent))).Code);
        var job = (await here.Place.FinishedAsync(here.Host, 1)).Single().Job;
        await here.Host.UntilAsync(() => s_stages.All(stage => receiver.Spans.Any(s => s.Name == stage && s.Trace == Trace)), $"spans of {string.Join(", ", s_stages)}; there are {string.Join(", ", receiver.Spans)}", 30);

        // From the webhook to the check; the rest goes on from the check, where the job was submitted.
        var spans = receiver.Spans.Where(s => s.Trace == Trace).ToList();
        Assert.All(s_stages, stage => Assert.Single(spans, s => s.Name == stage));
        string ParentOf(string name) => spans.Single(s => s.Name == name).Parent;
        string IdOf(string name) => spans.Single(s => s.Name == name).Id;
        Assert.Equal(("b7ad6b7169203331", IdOf("pushcart.TriggerHook")), (ParentOf("pushcart.TriggerHook"), ParentOf("pushcart.check")));
        Assert.Equal(Enumerable.Repeat(IdOf("pushcart.check"), 3), s_stages[2..].Select(ParentOf));
        Assert.Equal($"00-{Trace}-{IdOf("pushcart.check")}-01", job.TraceParent);

        // The record of the finished job belongs to it, metrics are those of GET metrics, and each says who sends.
        await here.Host.UntilAsync(() => receiver.Logs.Any(l => l.Body.StartsWith($"job {job.Id} finished: succeeded", StringComparison.Ordinal)), "the job's record", 30);
        var record = receiver.Logs.Single(l => l.Body.StartsWith($"job {job.Id} finished: succeeded", StringComparison.Ordinal));
        Assert.Equal(Trace, record.Trace);
        Assert.Contains("commit", record.Attributes);
        await here.Host.UntilAsync(() => receiver.Metrics.IsSupersetOf(["pushcart.jobs.ended", "pushcart.job.running", "pushcart.queue.messages"]), "metrics", 30);
        Assert.Subset(receiver.Resource.ToHashSet(), new HashSet<(string, string)> { ("service.name", "pushcart"), ("deployment.environment", "test") });
    }

    [Fact]
    public async Task Where_nobody_listens_a_senders_trace_goes_on_and_no_other_is_begun()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("traceparent", Parent))).Code);
        Assert.Single(await here.Place.FinishedAsync(here.Host, 1));
        here.App.Repository.Commit("more", "1");
        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app")).Code);
        var both = await here.Place.FinishedAsync(here.Host, 2);
        here.App.Repository.Commit("more", "2");
        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("traceparent", "no trace"))).Code);
        var all = await here.Place.FinishedAsync(here.Host, 3);

        Assert.StartsWith($"00-{Trace}-", both[0].Job.TraceParent, StringComparison.Ordinal);
        Assert.Equal((null, null), (both[1].Job.TraceParent, all[2].Job.TraceParent));
    }

    [Fact]
    public async Task A_receiver_that_is_away_keeps_neither_the_start_nor_a_job_nor_the_end_waiting()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()), ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"));

        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app")).Code);
        Assert.Equal(JobOutcome.Succeeded, (await here.Place.FinishedAsync(here.Host, 1)).Single().Job.Outcome);
        here.Host.Terminate();

        Assert.Equal(0, await here.Host.ExitAsync(30));
    }

    [Fact]
    public async Task What_is_wrong_with_the_settings_is_told_at_once_and_nothing_starts()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        foreach (var (name, value) in new[]
        {
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"), ("OTEL_METRIC_EXPORT_INTERVAL", "1m"),
            ("Metrics__Anonymous", "perhaps"), ("Metrics__ReadEvery", "1ms"), ("Logging__Console__FormatterName", "jsn"),
        })
        {
            place.Settings[name] = value;
        }

        var host = place.Start();

        Assert.Equal(1, await host.ExitAsync());
        Assert.Equal(
            [
                "error: Logging:Console:FormatterName: 'jsn' is not known; it is simple, json, systemd",
                "error: Metrics:Anonymous: 'perhaps' is not true or false",
                "error: Metrics:ReadEvery: '1ms' is not a duration such as 30s, 15m or 24h from 1s to 1h",
                "error: OTEL_EXPORTER_OTLP_ENDPOINT: it is not an address such as http://127.0.0.1:4317",
                "error: OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' is not known; it is grpc, or http/protobuf",
                "error: OTEL_METRIC_EXPORT_INTERVAL: '1m' is not a number of milliseconds",
            ],
            host.Errors.Order(StringComparer.Ordinal));
    }
}
