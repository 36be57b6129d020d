using System.Text;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>Bodies and headers that are not as they should be: each has an answer, and the host lives on.</summary>
[Collection("calls")]
public sealed class BadInputTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task What_is_no_json_object_is_400_signed_or_not()
    {
        await using var here = await StartAsync();
        var bodies = new Dictionary<string, string>
        {
            ["no body"] = "",
            ["broken"] = """{"ref": "refs/heads/main", "repository": {"clone_url": """,
            ["text after it"] = "{} {}",
            ["an array"] = "[]",
            ["a text"] = "\"push\"",
            ["deep arrays"] = new string('[', 10_000),
            ["deep objects"] = string.Concat(Enumerable.Repeat("{\"a\":", 10_000)),
            ["deep and whole"] = "{\"a\":" + new string('[', 10_000) + new string(']', 10_000) + "}",
            ["half a character"] = """{"repository": {"clone_url": "\ud800"}}""",
            ["no utf-8"] = "{\"repository\": {\"clone_url\": \"\u00ff\"}}",
            ["a byte order mark"] = "\ufeff{}",
        };
        foreach (var (what, text) in bodies)
        {
            var body = what == "no utf-8" ? Encoding.Latin1.GetBytes(text) : Encoding.UTF8.GetBytes(text);
            foreach (var secret in (string[])[Secret, "wrong"])
            {
                var answer = await here.GitHubAsync("push", body, secret);
                Assert.True(answer.Code == 400, $"{what}: {answer}");
            }
        }
    }

    [Fact]
    public async Task A_push_without_what_it_needs_is_400_once_it_is_verified()
    {
        await using var here = await StartAsync();
        foreach (var payload in (object[])
        [
            new { repository = new { clone_url = here.Uri } },
            new { @ref = 1, repository = new { clone_url = here.Uri } },
            new { @ref = (string?)null, repository = new { clone_url = here.Uri } },
        ])
        {
            Assert.Equal(400, (await here.GitHubAsync("push", payload)).Code);
            Assert.Equal(401, (await here.GitHubAsync("push", payload, "wrong")).Code);
        }

        Assert.Equal(400, (await here.PostAsync("hooks/github", "{}"u8.ToArray(), ("Content-Type", "application/json"), ("X-Hub-Signature-256", "sha256=" + Hmac("{}"u8.ToArray(), Secret)))).Code);

        // Odd, and harmless.
        foreach (var payload in (object[])
        [
            new { @ref = "refs/heads/main", after = 7, repository = "app" },
            new { @ref = "refs/heads/main", repository = new { clone_url = 3, ssh_url = (string?)null, html_url = new[] { here.Uri } } },
            new { @ref = "refs/heads/\ud83d\ude80", after = "\ud83d\ude80", repository = new { full_name = "\ud83d\ude80", clone_url = "https://\ud83d\ude80.example/\ud83d\ude80" } },
            new { @ref = "refs/heads/../../x", repository = new { clone_url = here.Uri + "/../../x" } },
            new { @ref = "", repository = new { clone_url = here.Uri } },
        ])
        {
            Assert.Equal(200, (await here.GitHubAsync("push", payload)).Code);
        }
    }

    [Fact]
    public async Task A_body_over_25_MB_is_413_and_one_just_below_is_taken()
    {
        await using var here = await StartAsync();
        var large = Padded(here, 25 * 1024 * 1024);
        Assert.Equal(202, (await here.GitHubAsync("push", large)).Code);

        var larger = Padded(here, (25 * 1024 * 1024) + 1);
        Assert.Equal(413, (await here.GitHubAsync("push", larger)).Code);

        // Without a length: it is found out on the way.
        using var request = new HttpRequestMessage(HttpMethod.Post, "hooks/github") { Content = new StreamContent(new MemoryStream(larger)) };
        request.Headers.TransferEncodingChunked = true;
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + Hmac(larger, Secret));
        using var answer = await here.Host.Anonymous.SendAsync(request);
        Assert.Equal(413, (int)answer.StatusCode);
    }

    [Fact]
    public async Task A_form_of_github_is_taken_and_other_content_is_415()
    {
        await using var here = await StartAsync();
        var json = Encoding.UTF8.GetString(Bytes(here.Push()));
        async Task<int> PostAsync(string type, string text)
        {
            var body = Encoding.UTF8.GetBytes(text);
            return (await here.PostAsync("hooks/github", body, ("Content-Type", type), ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", "sha256=" + Hmac(body, Secret)))).Code;
        }

        Assert.Equal(202, await PostAsync("application/x-www-form-urlencoded", "payload=" + Uri.EscapeDataString(json)));
        Assert.Equal(202, await PostAsync("application/x-www-form-urlencoded; charset=utf-8", "a=b&payload=" + System.Net.WebUtility.UrlEncode(json)));
        Assert.Equal(202, await PostAsync("application/json; charset=utf-8", json));
        Assert.Equal(202, await PostAsync("Application/JSON", json));
        Assert.Equal(400, await PostAsync("application/x-www-form-urlencoded", json));
        Assert.Equal(400, await PostAsync("application/x-www-form-urlencoded", "payload=%"));
        Assert.Equal(400, await PostAsync("application/x-www-form-urlencoded", ""));
        Assert.Equal(415, await PostAsync("text/plain", json));
        Assert.Equal(415, await PostAsync("application/xml", "<push/>"));
        Assert.Equal(415, await PostAsync("no type at all", json));
    }

    [Fact]
    public async Task Headers_that_stand_there_twice_with_different_values_prove_nothing()
    {
        await using var here = await StartAsync();
        var body = Bytes(here.Push());
        var right = "sha256=" + Hmac(body, Secret);
        var wrong = "sha256=" + Hmac(body, "wrong");

        // By hand: the client joins them.
        async Task<string> RawAsync(params string[] headers)
        {
            using var socket = new System.Net.Sockets.TcpClient();
            await socket.ConnectAsync(here.Host.Client.BaseAddress!.Host, here.Host.Client.BaseAddress.Port);
            var stream = socket.GetStream();
            await stream.WriteAsync(Encoding.UTF8.GetBytes(
                $"POST /hooks/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {body.Length}\r\n{string.Concat(headers.Select(h => h + "\r\n"))}\r\n"));
            await stream.WriteAsync(body);
            using var reader = new StreamReader(stream);
            return (await reader.ReadToEndAsync())[9..12];
        }

        Assert.Equal("401", await RawAsync("X-GitHub-Event: push", $"X-Hub-Signature-256: {wrong}", $"X-Hub-Signature-256: {right}"));
        Assert.Equal("401", await RawAsync("X-GitHub-Event: push", $"X-Hub-Signature-256: {right}", $"X-Hub-Signature-256: {wrong}"));
        Assert.Equal("400", await RawAsync("X-GitHub-Event: push", "X-GitHub-Event: ping", $"X-Hub-Signature-256: {right}"));
        Assert.Equal("200", await RawAsync("X-GitHub-Event: größer 🚀", $"X-Hub-Signature-256: {right}"));
        Assert.Equal("401", await RawAsync("X-GitHub-Event: push", $"X-Hub-Signature-256: sha256={new string('ä', 32)}"));
        Assert.Equal("202", await RawAsync("X-GitHub-Event: push", "X-GitHub-Event: push", $"X-Hub-Signature-256: {right}", $"X-Hub-Signature-256: {right}", "X-GitHub-Delivery: a", "X-GitHub-Delivery: b"));
    }

    [Fact]
    public async Task An_odd_delivery_id_is_as_good_as_another_and_is_shown_nowhere()
    {
        await using var here = await StartAsync();
        foreach (var delivery in (string[])["<b>odd</b>|'\"", new string('x', 2000), "a/b\\c#d?e"])
        {
            var first = await here.GitHubAsync("push", here.Push(), delivery: delivery);
            Assert.Equal(202, first.Code);
            Assert.Equal("duplicate", (await here.GitHubAsync("push", here.Push(), delivery: delivery)).Message);
            Assert.Equal("webhook github", (await here.DoneAsync(first.Task)).GetProperty("cause").GetString());
        }
    }

    private static byte[] Padded(HookedApp here, int length)
    {
        var body = Encoding.UTF8.GetString(Bytes(here.Push()))[..^1] + ",\"pad\":\"";
        return Encoding.UTF8.GetBytes(body + new string('x', length - body.Length - 2) + "\"}");
    }

    private Task<HookedApp> StartAsync() => HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));
}
