using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>Triggers' own URLs, over HTTP.</summary>
[Collection("calls")]
public sealed class TriggerHookTests(AzuriteFixture azurite)
{
    private static readonly (int, string, string) s_accepted = (202, "ok", "job has been scheduled");

    [Fact]
    public async Task With_a_source_or_without_one_where_many_are_allowed_the_checks_follow_at_once()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Source(uri, "second"), Trigger(sources: "app, second", webhook: "multiSource: true")));

        // The body is ignored, whatever it is.
        var one = await here.PostAsync("hooks/default/app/app", "{{ no json"u8.ToArray(), ("Content-Type", "text/nonsense"));
        Assert.Equal(s_accepted, one.Told);
        var view = await here.DoneAsync(one.Task);
        var all = await here.PostAsync("hooks/default/app");
        Assert.Equal(s_accepted, all.Told);

        var source = Assert.Single(view.GetProperty("sources").EnumerateArray());
        Assert.Equal(("app", "job submitted", "WebhookTrigger default/app"), (source.GetProperty("source").GetString(), source.GetProperty("state").GetString(), source.GetProperty("trigger").GetString()));
        Assert.Equal(["app", "second"], (await here.DoneAsync(all.Task)).GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("source").GetString()).Order());
        Assert.Equal(2, (await here.Place.FinishedAsync(here.Host, 2)).Count);
    }

    [Fact]
    public async Task Without_a_source_where_only_one_is_allowed_it_is_400_and_what_is_not_there_is_404()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        Assert.Equal((400, "error", "multi-source hook isn't allowed"), (await here.PostAsync("hooks/default/app")).Told);
        Assert.Equal((404, "error", "source doesn't exist in the trigger"), (await here.PostAsync("hooks/default/app/other")).Told);
        Assert.Equal((404, "error", "trigger doesn't exist"), (await here.PostAsync("hooks/default/other")).Told);
        Assert.Equal((404, "error", "trigger doesn't exist"), (await here.PostAsync("hooks/other/app")).Told);
        Assert.Equal((404, "error", "trigger doesn't exist"), (await here.PostAsync("hooks/default/other/app")).Told);
        Assert.Equal((404, "error", "trigger doesn't exist"), (await here.PostAsync("hooks/default/%F0%9F%9A%80/%C3%BC")).Told);
        Assert.Equal(0, await here.DeliveriesAsync());
    }

    [Fact]
    public async Task A_token_of_scope_hook_for_the_namespace_does_in_place_of_the_header()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Trigger(webhook: "authConfig: {secretRef: {name: hook}, key: token}")), ("Secrets:default:hook:token", "s3cret"));
        var (_, hook) = await here.Host.TokenAsync("hook", ["hook"]);
        var (id, ofDefault) = await here.Host.TokenAsync("hook of default", ["hook"], ["default"]);
        var (_, ofOthers) = await here.Host.TokenAsync("hook of others", ["hook"], ["other"]);
        var (_, write) = await here.Host.TokenAsync("write", ["write"]);
        var unknown = "pct_" + new string('0', 64);

        Assert.Equal(s_accepted, (await CallAsync(hook)).Told);
        Assert.Equal(s_accepted, (await CallAsync(ofDefault)).Told);
        Assert.Equal((404, "error", "trigger doesn't exist"), (await CallAsync(ofOthers)).Told);
        Assert.Equal((403, "error", "forbidden"), (await CallAsync(write)).Told);
        Assert.Equal((401, "error", "the token is unknown, revoked or expired"), (await CallAsync(unknown)).Told);
        Assert.Equal((401, "error", "authorization is required"), (await here.PostAsync("hooks/default/app/app", ("Authorization", "Bearer s3cret"))).Told);
        Assert.Equal(2, await here.DeliveriesAsync());

        // What became of the event is there for a token of its namespace.
        var (_, readHere) = await here.Host.TokenAsync("read of default", ["read"], ["default"]);
        var (_, readElsewhere) = await here.Host.TokenAsync("read of others", ["read"], ["other"]);
        var task = (await CallAsync(hook)).Task;
        await here.DoneAsync(task);
        var seen = await here.Host.AskAsync(readHere, "GET", $"api/tasks/{task}");
        Assert.Equal((200, 1), ((int)seen.Status, seen.Json.GetProperty("sources").GetArrayLength()));
        Assert.Equal((404, "tasks.not_found"), (await here.Host.AskAsync(readElsewhere, "GET", $"api/tasks/{task}")).Error);

        // The header still does, whatever the token is; and a wrong one does not.
        Assert.Equal(s_accepted, (await here.PostAsync("hooks/default/app/app", ("Authorization", $"Bearer {write}"), ("x-trigger-auth", "s3cret"))).Told);
        Assert.Equal((403, "error", "forbidden"), (await here.PostAsync("hooks/default/app/app", ("Authorization", $"Bearer {unknown}"), ("x-trigger-auth", "other"))).Told);

        await here.Host.AskAsync(here.Host.AdminToken, "DELETE", $"api/tokens/{id}");
        Assert.Equal((401, "error", "the token is unknown, revoked or expired"), (await CallAsync(ofDefault)).Told);

        Task<HookReply> CallAsync(string token) => here.PostAsync("hooks/default/app/app", ("Authorization", $"Bearer {token}"));
    }

    [Fact]
    public async Task A_header_must_equal_the_secret_but_for_a_line_break_at_its_end()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            uri => All(
                Source(uri),
                Trigger(webhook: "authConfig: {secretRef: {name: hook}, key: token}"),
                Trigger("own", webhook: "authConfig: {secretRef: {name: hook}, key: token, header: x-mine}"),
                Trigger("lost", webhook: "authConfig: {secretRef: {name: nowhere}, key: token}"),
                Trigger("empty", webhook: "authConfig: {secretRef: {name: hook}, key: empty}")),
            ("Secrets:default:hook:token", "s3cret\n"),
            ("Secrets:default:hook:empty", "\n"));

        Assert.Equal((401, "error", "authorization is required"), (await here.PostAsync("hooks/default/app/app")).Told);
        Assert.Equal((401, "error", "authorization is required"), (await here.PostAsync("hooks/default/own/app", ("x-trigger-auth", "s3cret"))).Told);
        foreach (var wrong in (string[])["s3cre", "s3crets", "S3CRET", "", "s3cret, s3cret"])
        {
            Assert.Equal((403, "error", "forbidden"), (await here.PostAsync("hooks/default/app/app", ("x-trigger-auth", wrong))).Told);
        }

        Assert.Equal((500, "error", "unable to complete authorization"), (await here.PostAsync("hooks/default/lost/app", ("x-trigger-auth", "s3cret"))).Told);
        Assert.Equal((500, "error", "unable to complete authorization"), (await here.PostAsync("hooks/default/empty/app", ("x-trigger-auth", ""))).Told);
        Assert.Equal(0, await here.DeliveriesAsync());

        Assert.Equal(s_accepted, (await here.PostAsync("hooks/default/app/app", ("X-Trigger-Auth", "s3cret"))).Told);
        Assert.Equal(s_accepted, (await here.PostAsync("hooks/default/own/app", ("x-mine", "s3cret"))).Told);
        Assert.DoesNotContain("s3cret", here.Host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", await here.Place.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_may_not_call_does_not_hear_whether_a_source_is_there()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Trigger(webhook: "authConfig: {secretRef: {name: hook}, key: token}")), ("Secrets:default:hook:token", "s3cret"));

        Assert.Equal(401, (await here.PostAsync("hooks/default/app/other")).Code);
        Assert.Equal(403, (await here.PostAsync("hooks/default/app/other", ("x-trigger-auth", "no"))).Code);
        Assert.Equal(404, (await here.PostAsync("hooks/default/app/other", ("x-trigger-auth", "s3cret"))).Code);
    }

    [Fact]
    public async Task A_suspended_trigger_answers_and_owes_nothing()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger(more: ", suspend: true")));

        Assert.Equal((200, "ok", "suspended"), (await here.PostAsync("hooks/default/app/app")).Told);
        Assert.Equal((200, "ok", "suspended"), (await here.PostAsync("hooks/default/app/other")).Told);
        Assert.Equal(0, await here.DeliveriesAsync());
    }

    [Fact]
    public async Task Only_a_post_is_served()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        using var got = await here.Host.Client.GetAsync("hooks/default/app/app");
        Assert.Equal(404, (int)got.StatusCode);
        Assert.Equal(0, await here.DeliveriesAsync());
    }

    [Theory]
    [InlineData("1/10", 1, 10)]
    [InlineData("10/100", 10, 10)]
    public async Task A_limit_of_a_trigger_lets_its_burst_through_and_then_tells_when(string limit, int burst, int seconds)
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            uri => All(Source(uri), Trigger(webhook: "authConfig: {secretRef: {name: hook}, key: token}"), Trigger("free")),
            ("Secrets:default:hook:token", "s3cret"),
            ("Webhooks:TriggerLimit", limit));

        // Those who may not call use nothing up.
        for (var i = 0; i < 2 * burst; i++)
        {
            Assert.Equal(403, (await here.PostAsync("hooks/default/app/app", ("x-trigger-auth", "no"))).Code);
        }

        var before = (await here.Place.RowsAsync("live")).Count;
        for (var i = 0; i < burst; i++)
        {
            Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("x-trigger-auth", "s3cret"))).Code);
        }

        var limited = await here.PostAsync("hooks/default/app/app", ("x-trigger-auth", "s3cret"));
        Assert.Equal((429, "error"), (limited.Code, limited.Status));
        Assert.InRange(int.Parse(Assert.Single(limited.Headers.GetValues("retry-after")), null), seconds - 5, seconds);
        Assert.Equal(limited.Headers.GetValues("retry-after"), limited.Headers.GetValues("x-ratelimit-after"));
        Assert.Equal(429, (await here.PostAsync("hooks/default/app/other", ("x-trigger-auth", "s3cret"))).Code);
        Assert.Equal(202, (await here.PostAsync("hooks/default/free/app")).Code);
        Assert.Equal(0, before);
    }

    [Fact]
    public async Task A_limit_of_a_source_leaves_the_other_sources_and_the_triggers_own_calls()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            uri => All(Source(uri), Source(uri, "second"), Trigger(sources: "app, second")),
            ("Webhooks:SourceLimit", "1/3600"),
            ("Webhooks:TriggerLimit", "2/3600"));

        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app")).Code);
        Assert.Equal(429, (await here.PostAsync("hooks/default/app/app")).Code);
        Assert.Equal(429, (await here.PostAsync("hooks/default/app/app")).Code);
        Assert.Equal(202, (await here.PostAsync("hooks/default/app/second")).Code);
    }

    [Fact]
    public async Task The_global_limit_counts_each_address_for_itself_and_believes_only_named_proxies()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Trigger()), ("Webhooks:GlobalLimit", "1/3600"), ("Host:TrustedProxies", "127.0.0.1"));
        Assert.Equal(404, (await here.PostAsync("hooks/default/nope", ("X-Forwarded-For", "203.0.113.1"))).Code);
        Assert.Equal(429, (await here.PostAsync("hooks/default/app/app", ("X-Forwarded-For", "203.0.113.1"))).Code);
        Assert.Equal(429, (await here.PostAsync("hooks/github", ("X-Forwarded-For", "198.51.100.9, 203.0.113.1"))).Code);
        Assert.Equal(202, (await here.PostAsync("hooks/default/app/app", ("X-Forwarded-For", "203.0.113.2"))).Code);

        await using var there = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()), ("Webhooks:GlobalLimit", "1/3600"));
        Assert.Equal(202, (await there.PostAsync("hooks/default/app/app", ("X-Forwarded-For", "203.0.113.1"))).Code);
        Assert.Equal(429, (await there.PostAsync("hooks/default/app/app", ("X-Forwarded-For", "203.0.113.2"))).Code);
    }

    [Fact]
    public async Task What_is_wrong_with_the_settings_is_told_at_the_start()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Settings["Webhooks__GlobalLimit"] = "1/0";
        place.Settings["Webhooks__TriggerLimit"] = "q/w";
        place.Settings["Webhooks__Key"] = "too short a key";
        var host = place.Start();

        Assert.Equal(1, await host.ExitAsync());
        Assert.Contains(host.Errors, e => e.Contains("Webhooks:GlobalLimit: '1/0'", StringComparison.Ordinal));
        Assert.Contains(host.Errors, e => e.Contains("Webhooks:TriggerLimit: 'q/w'", StringComparison.Ordinal));
        Assert.Contains(host.Errors, e => e.Contains("Webhooks:Key: it has 15 characters", StringComparison.Ordinal));
        Assert.DoesNotContain("too short a key", host.Text, StringComparison.Ordinal);
    }
}
