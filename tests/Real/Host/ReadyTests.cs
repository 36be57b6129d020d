using System.Net;
using System.Text.Json;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary><c>GET healthz/ready</c>.</summary>
[Collection("hosts")]
public sealed class ReadyTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Each_part_is_told_without_a_token_and_an_executor_that_cannot_work_is_503_without_a_path()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using (var answer = await host.Anonymous.GetAsync("healthz/ready"))
        {
            Assert.Equal((HttpStatusCode.OK, "no-store"), (answer.StatusCode, answer.Headers.CacheControl!.ToString()));
            var told = await JsonAsync(answer);
            Assert.Equal("ready", told.GetProperty("status").GetString());
            Assert.Equal(
                ["storage", "executor", "timer poll", "timer observe", "timer cleanhistory", "timer hooks"],
                told.GetProperty("parts").EnumerateArray().Select(p => p.GetProperty("name").GetString()));
            Assert.All(told.GetProperty("parts").EnumerateArray(), p => Assert.True(p.GetProperty("ready").GetBoolean() && !p.TryGetProperty("reason", out _)));
        }

        Directory.Delete(place.Runs, recursive: true);
        File.WriteAllText(place.Runs, "in the way");
        var body = await UntilAsync(host, HttpStatusCode.ServiceUnavailable);
        File.Delete(place.Runs);
        var again = await UntilAsync(host, HttpStatusCode.OK);

        var part = JsonDocument.Parse(body).RootElement.GetProperty("parts").EnumerateArray().Single(p => !p.GetProperty("ready").GetBoolean());
        Assert.Equal(("executor", "the directory of its runs cannot be used"), (part.GetProperty("name").GetString(), part.GetProperty("reason").GetString()));
        Assert.DoesNotContain(place.Folder, body, StringComparison.Ordinal);
        Assert.DoesNotContain("127.0.0.1", body + again, StringComparison.Ordinal);

        // By then Poll and Observe have ticked, and the table tells when.
        Assert.Contains("lastTick", again, StringComparison.Ordinal);
        using var live = await host.Anonymous.GetAsync("healthz/live");
        Assert.Equal("live", await live.Content.ReadAsStringAsync());
    }

    private static async Task<string> UntilAsync(HostProcess host, HttpStatusCode status)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            using var answer = await host.Anonymous.GetAsync("healthz/ready");
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode == status)
            {
                return body;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(30), $"it stays {answer.StatusCode}: {body}");
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
