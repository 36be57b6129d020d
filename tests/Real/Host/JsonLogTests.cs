using System.Text.Json;
using Pushcart.Tests.Real.Webhooks;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Host;

/// <summary>Logs as JSON, by <c>Logging:Console:FormatterName</c>.</summary>
[Collection("hosts")]
public sealed class JsonLogTests(AzuriteFixture azurite)
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";

    [Fact]
    public async Task Every_line_is_an_object_also_of_an_exception_and_none_holds_a_secret()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Trigger(webhook: "authConfig: {secretRef: {name: hook}, key: token}")),
            ("Secrets:default:hook:token", "the-secret-of-a-hook"), ("Logging:Console:FormatterName", "json"), ("Logging:LogLevel:Function", "Debug"));
        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("x-trigger-auth", "the-secret-of-a-hook"), ("traceparent", $"00-{Trace}-b7ad6b7169203331-01"))).Code);
        var job = (await here.Place.FinishedAsync(here.Host, 1)).Single().Job;

        // An exception of many lines: a message that is none.
        await new Azure.Storage.Queues.QueueClient(azurite.ConnectionString, here.Place.Prefix + "jobs").SendMessageAsync("no message");
        await here.Host.LineAsync("InvalidDataException");
        var token = here.Host.AdminToken;
        here.Host.Terminate();
        Assert.Equal(0, await here.Host.ExitAsync());

        var records = here.Host.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.True(records.Count > 10);
        Assert.All(records, r =>
        {
            Assert.NotEmpty(r.GetProperty("Message").GetString()!);
            Assert.NotEmpty(r.GetProperty("Category").GetString()!);
            Assert.Contains(r.GetProperty("LogLevel").GetString(), (string[])["Debug", "Information", "Warning", "Error"]);
            Assert.Equal(JsonValueKind.Number, r.GetProperty("EventId").ValueKind);
            Assert.True(DateTimeOffset.TryParse(r.GetProperty("Timestamp").GetString(), out _));
        });
        Assert.Contains(records, r => r.TryGetProperty("Exception", out var e) && e.GetString()!.Contains("   at ", StringComparison.Ordinal));
        foreach (var secret in new[] { "the-secret-of-a-hook", token })
        {
            Assert.DoesNotContain(secret, here.Host.Text, StringComparison.Ordinal);
        }

        // The record of the job has what its row in history has, and the trace that it belongs to.
        var finished = records.Single(r => r.GetProperty("EventId").GetInt32() == 1 && r.GetProperty("Message").GetString()!.StartsWith($"job {job.Id} finished: succeeded", StringComparison.Ordinal));
        Assert.Equal(job.Commit, finished.GetProperty("State").GetProperty("commit").GetString());
        Assert.Contains(Trace, finished.GetProperty("Scopes").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_setting_a_line_is_for_people()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        Assert.Matches(@"^\d\d:\d\d:\d\d info: Host\[0\] Listening on http://", host.Lines.Single(l => l.Contains("Listening on http", StringComparison.Ordinal)));
    }
}
