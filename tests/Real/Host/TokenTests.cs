using System.Net;
using System.Text.Json;
using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>Tokens, over HTTP, against a running host.</summary>
[Collection("hosts")]
public sealed class TokenTests(AzuriteFixture azurite)
{
    private const string Unknown = "pct_0000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public async Task A_token_is_made_with_a_description_and_its_value_is_in_no_other_answer_log_or_table()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        var made = await host.AskAsync(host.AdminToken, "POST", "api/tokens", new { description = "deploys of team a", expires_at = "2999-01-31T00:00:00Z" });

        Assert.Equal(HttpStatusCode.Created, made.Status);
        Assert.Equal("no-store", made.Headers.CacheControl!.ToString());
        Assert.Equal(
            ["id", "description", "scopes", "namespaces", "created_by", "created_at", "expires_at", "expires_soon", "expired", "last_used_at", "token_value"],
            made.Json.EnumerateObject().Select(p => p.Name));
        var (id, value) = (made.Text("id")!, made.Text("token_value")!);
        Assert.Matches("^pct_[0-9a-f]{64}$", value);
        Assert.Equal(("deploys of team a", "2999-01-31T00:00:00.000Z", null), (made.Text("description"), made.Text("expires_at"), made.Text("last_used_at")));
        Assert.Equal(["read"], made.Json.GetProperty("scopes").EnumerateArray().Select(s => s.GetString()));
        Assert.StartsWith("first admin (token ", made.Text("created_by"), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(value, "GET", "api/jobs")).Status);
        var hash = Pushcart.Tokens.TokenValue.HashOf(value);
        foreach (var path in (string[])["api/tokens", $"api/tokens/{id}"])
        {
            var shown = (await host.AskAsync(host.AdminToken, "GET", path)).Json.ToString();
            Assert.Contains(id, shown, StringComparison.Ordinal);
            Assert.DoesNotContain(value[4..], shown, StringComparison.Ordinal);
            Assert.DoesNotContain(hash, shown, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(value[4..], host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(host.AdminToken[4..], host.Text, StringComparison.Ordinal);
        var stored = await place.StoredAsync();
        Assert.Contains(hash, stored, StringComparison.Ordinal);
        Assert.DoesNotContain(value[4..], stored, StringComparison.Ordinal);
        Assert.DoesNotContain(host.AdminToken[4..], stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_no_request_for_a_token_is_refused_and_named()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        foreach (var (body, code, part) in new (object?, string, string)[]
        {
            (null, "tokens.description_missing", "description"),
            (new { scopes = new[] { "read" } }, "tokens.description_missing", "description"),
            (new { description = " \t" }, "tokens.description_missing", "blank"),
            (new { description = new string('x', 201) }, "tokens.invalid", "201 characters"),
            (new { description = "a\nb" }, "tokens.invalid", "one line"),
            (new { description = 7 }, "tokens.invalid", "description: it is a Number"),
            (new { description = "x", scopes = new[] { "root" } }, "tokens.invalid", "'root' is no scope"),
            (new { description = "x", scopes = "read" }, "tokens.invalid", "scopes: it is a String"),
            (new { description = "x", scopes = Array.Empty<string>() }, "tokens.invalid", "scopes: there is none"),
            (new { description = "x", namespaces = new[] { "Team A" } }, "tokens.invalid", "'Team A' is no name"),
            (new { description = "x", namespaces = Array.Empty<string>() }, "tokens.invalid", "namespaces: there are 0"),
            (new { description = "x", expires_at = "2001-01-01T00:00:00Z" }, "tokens.invalid", "is past"),
            (new { description = "x", expires_at = "tomorrow" }, "tokens.invalid", "'tomorrow' is no time"),
            (new { description = "x", expires_at = "2999-01-01T00:00:00" }, "tokens.invalid", "is no time"),
            (new { description = "x", admin = true }, "tokens.invalid", "'admin' is no field"),
            ("{", "request.invalid", "not a JSON object"),
            ("[]", "request.invalid", "not a JSON object"),
            ("""{"description":"x","description":"y"}""", "request.invalid", "not a JSON object"),
            ("""{"description":"\ud800"}""", "tokens.invalid", "no character"),
            (new { description = new string('x', 20_000) }, "body.too_large", "16384 bytes"),
        })
        {
            var answer = await host.AskAsync(host.AdminToken, "POST", "api/tokens", body);
            Assert.True(answer.Error == (code == "body.too_large" ? 413 : 400, code), $"{JsonSerializer.Serialize(body)}: {answer.Json}");
            Assert.Contains(part, answer.Text("message"), StringComparison.Ordinal);
        }

        Assert.Single((await host.AskAsync(host.AdminToken, "GET", "api/tokens")).Json.GetProperty("tokens").EnumerateArray());
    }

    [Fact]
    public async Task They_are_listed_newest_first_in_pages()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        for (var n = 0; n < 60; n++)
        {
            await host.TokenAsync($"token {n}", ["hook"]);
        }

        var first = (await host.AskAsync(host.AdminToken, "GET", "api/tokens")).Json;
        var second = (await host.AskAsync(host.AdminToken, "GET", $"api/tokens?next={first.GetProperty("next").GetString()}")).Json;

        var shown = first.GetProperty("tokens").EnumerateArray().Concat(second.GetProperty("tokens").EnumerateArray()).Select(t => t.GetProperty("description").GetString());
        Assert.Equal([.. Enumerable.Range(0, 60).Reverse().Select(n => $"token {n}"), "first admin"], shown);
        Assert.Equal(50, first.GetProperty("tokens").GetArrayLength());
        Assert.False(second.TryGetProperty("next", out _));
        foreach (var garbage in (string[])["zz", "token", new string('a', 25), new string('A', 24), new string('a', 4000)])
        {
            Assert.Equal((400, "tokens.invalid_next"), (await host.AskAsync(host.AdminToken, "GET", $"api/tokens?next={garbage}")).Error);
        }
    }

    [Fact]
    public async Task A_deleted_one_is_refused_from_the_next_request_on_and_an_unknown_id_is_not_found()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (id, value) = await host.TokenAsync("to go", ["read"]);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(value, "GET", "api/triggers")).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await host.AskAsync(host.AdminToken, "DELETE", $"api/tokens/{id}")).Status);

        Assert.Equal((401, "auth.invalid_token"), (await host.AskAsync(value, "GET", "api/triggers")).Error);
        foreach (var absent in (string[])[id, "nope", new string('0', 24), "%20", "first"])
        {
            Assert.Equal((404, "tokens.not_found"), (await host.AskAsync(host.AdminToken, "DELETE", $"api/tokens/{absent}")).Error);
            Assert.Equal((404, "tokens.not_found"), (await host.AskAsync(host.AdminToken, "GET", $"api/tokens/{absent}")).Error);
            Assert.Equal((404, "tokens.not_found"), (await host.AskAsync(host.AdminToken, "POST", $"api/tokens/{absent}/rotate")).Error);
        }
    }

    [Fact]
    public async Task A_rotated_one_has_a_new_value_and_the_old_one_works_for_the_overlap()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (id, first) = await host.TokenAsync("rotated", ["read"]);

        var second = await host.AskAsync(host.AdminToken, "POST", $"api/tokens/{id}/rotate", new { overlap_minutes = 10 });
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal("no-store", second.Headers.CacheControl!.ToString());
        Assert.NotNull(second.Text("old_value_until"));
        foreach (var works in (string[])[first, second.Text("token_value")!])
        {
            Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(works, "GET", "api/triggers")).Status);
        }

        // Without a body there is no overlap; and what still overlapped is no longer there either.
        var third = await host.AskAsync(host.AdminToken, "POST", $"api/tokens/{id}/rotate");
        foreach (var gone in (string[])[first, second.Text("token_value")!])
        {
            Assert.Equal((401, "auth.invalid_token"), (await host.AskAsync(gone, "GET", "api/triggers")).Error);
        }

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(third.Text("token_value"), "GET", "api/triggers")).Status);
        foreach (var wrong in (object[])[new { overlap_minutes = -1 }, new { overlap_minutes = 1.5 }, new { overlap_minutes = "1" }, new { overlap_minutes = 10_081 }, new { overlap = 1 }, new { expires_at = "2001-01-01T00:00:00Z" }])
        {
            Assert.Equal((400, "tokens.invalid"), (await host.AskAsync(host.AdminToken, "POST", $"api/tokens/{id}/rotate", wrong)).Error);
        }
    }

    [Fact]
    public async Task Without_a_token_with_a_wrong_one_or_without_its_scope_nothing_is_answered()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (_, read) = await host.TokenAsync("read", ["read"]);
        var (_, write) = await host.TokenAsync("write", ["write"]);
        var (_, hook) = await host.TokenAsync("hook", ["hook", "worker"]);
        var (_, admin) = await host.TokenAsync("admin", ["admin"]);
        string[] reads = [
            "GET api/jobs", "GET api/jobs/x", "GET api/jobs/x/log", "GET api/triggers", "GET api/tasks/x", "GET api/resources/Action", "GET api/resources/Action/a/b", "GET api/resources/ClusterAction/b",
            "GET api/export", "GET api/sources", "GET api/triggers/ScheduleTrigger/a/b/explain"];
        string[] writes = [
            "POST api/jobs/x/cancel", "POST api/jobs/x/rerun", "POST api/sources/GitRepo/a/b/test", "POST api/sources/ClusterGitRepo/b/test", "POST api/apply", "POST api/jobs",
            "DELETE api/resources/Action/a/b", "DELETE api/resources/ClusterAction/b", "POST api/triggers/ScheduleTrigger/a/b/run", "POST api/triggers/ScheduleTrigger/a/b/suspend",
            "POST api/triggers/ScheduleTrigger/a/b/resume"];
        string[] administers = ["GET api/tokens", "GET api/tokens/x", "POST api/tokens", "DELETE api/tokens/x", "POST api/tokens/x/rotate"];

        foreach (var call in (IEnumerable<string>)[.. reads, .. writes, .. administers])
        {
            var (method, path) = (call.Split(' ')[0], call.Split(' ')[1]);
            var without = await host.AskAsync(null, method, path);
            Assert.Equal((401, "auth.no_authorization"), without.Error);
            Assert.Equal("Bearer", without.Headers.WwwAuthenticate.ToString());
            foreach (var wrong in (string[])[Unknown, "pct_", "Basic dXNlcjpwYXNz", "Bearer", $"Bearer {read}x", $"Token {read}", new string('x', 4000)])
            {
                Assert.Equal((401, "auth.invalid_token"), (await host.AskAsync(wrong, method, path)).Error);
            }

            Assert.Equal((403, "auth.forbidden"), (await host.AskAsync(hook, method, path)).Error);
            Assert.Equal(!reads.Contains(call), (await host.AskAsync(read, method, path)).Error is (403, "auth.forbidden"));
            Assert.Equal(administers.Contains(call), (await host.AskAsync(write, method, path)).Error is (403, "auth.forbidden"));
            Assert.NotInRange((int)(await host.AskAsync(admin, method, path)).Status, 401, 403);
        }

        using var live = await host.Anonymous.GetAsync("healthz/live");
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal((403, "auth.forbidden"), (await host.AskAsync(write, "POST", "api/tokens", new { description = "mine", scopes = new[] { "read" } })).Error);
    }

    [Fact]
    public async Task A_token_lives_on_when_whoever_made_it_is_gone()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (maker, makerValue) = await host.TokenAsync("maker", ["admin"]);
        var made = await host.AskAsync(makerValue, "POST", "api/tokens", new { description = "made" });
        await host.AskAsync(host.AdminToken, "DELETE", $"api/tokens/{maker}");

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(made.Text("token_value"), "GET", "api/jobs")).Status);
        Assert.Equal($"maker (token {maker})", (await host.AskAsync(host.AdminToken, "GET", $"api/tokens/{made.Text("id")}")).Text("created_by"));
    }

    [Fact]
    public async Task The_audit_tells_who_did_what_from_where_and_who_was_refused()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (id, value) = await host.TokenAsync("team a", ["write"]);
        await host.AskAsync(host.AdminToken, "POST", $"api/tokens/{id}/rotate", new { overlap_minutes = 1 });
        await host.AskAsync(value, "POST", "api/jobs/x/cancel");
        await host.AskAsync(value, "POST", "api/jobs/x/rerun");
        await host.AskAsync(value, "GET", "api/tokens");
        await host.AskAsync(host.AdminToken, "DELETE", $"api/tokens/{id}");
        await host.AskAsync(Unknown, "GET", "api/jobs/%0Aevil");
        await host.LineAsync("evil");

        var told = host.Lines.Where(line => line.Contains("Pushcart.Audit", StringComparison.Ordinal)).Select(line => line.Split("Pushcart.Audit[0] ")[1]).ToList();

        Assert.Matches("^this host from this host: first admin token: made, token [0-9a-f]{24}$", told[0]);
        string[] expected =
        [
            $"POST /api/tokens: 201, token {id}",
            $"POST /api/tokens/{id}/rotate: 200, token {id}",
            "POST /api/jobs/x/cancel: 404",
            "POST /api/jobs/x/rerun: 404",
            "GET /api/tokens: refused, auth.forbidden",
            $"DELETE /api/tokens/{id}: 204",
            "GET /api/jobs/%0Aevil: refused, auth.invalid_token",
        ];
        Assert.Equal(expected, told.Skip(1).Select(line => line.Split(" from 127.0.0.1: ")[1]));
        Assert.Equal($"team a (token {id})", told[3].Split(" from ")[0]);
        Assert.Equal("nobody", told[^1].Split(" from ")[0]);
    }

    [Fact]
    public async Task Storage_holds_the_time_of_the_last_use_and_the_list_shows_it()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (id, value) = await host.TokenAsync("used", ["read"]);
        Assert.Null((await host.AskAsync(host.AdminToken, "GET", $"api/tokens/{id}")).Text("last_used_at"));

        await host.AskAsync(value, "GET", "api/triggers");
        var etag = (await place.RowsAsync(TableNames.Tokens)).Single(r => r.RowKey == $"token|{id}").ETag;
        await host.AskAsync(value, "GET", "api/triggers");

        Assert.NotNull((await host.AskAsync(host.AdminToken, "GET", $"api/tokens/{id}")).Text("last_used_at"));
        Assert.Equal(etag, (await place.RowsAsync(TableNames.Tokens)).Single(r => r.RowKey == $"token|{id}").ETag);
    }
}
