using System.Text.Json;
using Pushcart.Storage;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>The events of a provider, over HTTP: what follows from them, and what does not. GitHub stands for all where they do not differ.</summary>
[Collection("calls")]
public sealed class ProviderHookTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_ping_is_answered()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        Assert.Equal((200, "ok", "pong"), (await here.GitHubAsync("ping", new { zen = "Keep it logically awesome.", repository = new { clone_url = here.Uri } })).Told);
        Assert.Equal((200, "ok", "pong"), (await here.GitHubAsync("ping", new { zen = "no repository" })).Told);
    }

    [Fact]
    public async Task A_push_to_a_watched_branch_is_a_check_of_the_triggers_of_that_branch_only()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            uri => All(
                Source(uri),
                Source(uri.Replace("app.git", "other.git", StringComparison.Ordinal), "other"),
                Trigger(),
                Trigger("dev", watchOn: "reference: {branch: dev}"),
                Trigger("tag", watchOn: "reference: {tag: main}"),
                Trigger("other", "other"),
                Trigger("asleep", more: ", suspend: true"),
                InstallationManifests.Trigger("onpush", "app", "app", schedule: "interval: 300d", more: ", onPush: true"),
                InstallationManifests.Trigger("byclock", "app", "app", schedule: "interval: 300d")));

        var answer = await here.GitHubAsync("push", here.Push());

        Assert.Equal((202, "ok", "job has been scheduled"), answer.Told);
        var view = await here.DoneAsync(answer.Task);
        Assert.Equal(
            ["ScheduleTrigger default/onpush", "WebhookTrigger default/app"],
            view.GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("trigger").GetString()).Order());
    }

    [Fact]
    public async Task A_push_to_a_tag_is_a_check_of_its_triggers()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger(), Trigger("tag", watchOn: "reference: {tag: v1}")));

        // GitHub tells the tag's own id.
        var answer = await here.GitHubAsync("push", here.Push("refs/tags/v1", here.App.Repository.AnnotatedTag("v1", here.App.First)));

        var source = Assert.Single((await here.DoneAsync(answer.Task)).GetProperty("sources").EnumerateArray());
        Assert.Equal(("WebhookTrigger default/tag", "job submitted"), (source.GetProperty("trigger").GetString(), source.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task What_nobody_watches_is_answered_with_the_reason_and_nothing_follows()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger(), Trigger("asleep", watchOn: "reference: {branch: old}", more: ", suspend: true")));

        Assert.Equal((200, "no trigger watches \"refs/heads/dev\" of this repository"), CodeAndMessage(await here.GitHubAsync("push", here.Push("refs/heads/dev"))));
        Assert.Equal((200, "the reference was deleted; there is nothing to check"), CodeAndMessage(await here.GitHubAsync("push", here.Push(after: Zeros))));
        Assert.Equal((200, "suspended"), CodeAndMessage(await here.GitHubAsync("push", here.Push("refs/heads/old"))));
        Assert.Equal((200, "\"issues\" is no event of a push; nothing follows from it"), CodeAndMessage(await here.GitHubAsync("issues", here.Push())));
        Assert.Equal((200, "\"never heard of\" is no event of a push; nothing follows from it"), CodeAndMessage(await here.GitHubAsync("never heard of", here.Push())));
        Assert.Equal(200, (await here.GitHubAsync("push", here.Push(uri: "https://github.com/acme/elsewhere"))).Code);
        Assert.Equal(0, await here.DeliveriesAsync());
    }

    [Theory]
    [InlineData("HTTP://LOCALHOST:{0}/APP.git/", "http://localhost:{0}/app")]
    [InlineData("https://github.com/Acme/App.git", "git@GitHub.com:acme/app.git")]
    [InlineData("ssh://git@ssh.github.com:443/acme/app", "https://github.com/acme/app/")]
    [InlineData("https://git.example.com/group/sub/größe/app", "https://git.example.com/group/sub/gr%C3%B6%C3%9Fe/app.git")]
    public async Task The_form_of_an_address_makes_no_difference(string watched, string told)
    {
        var auth = watched.StartsWith("ssh", StringComparison.Ordinal) ? ", authConfig: {type: ssh, secretRef: {name: key}}" : "";
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, _ => All(Source(watched.Replace("{0}", "99", StringComparison.Ordinal), more: auth), Trigger()));

        Assert.Equal(202, (await here.GitHubAsync("push", here.Push(uri: told.Replace("{0}", "99", StringComparison.Ordinal)))).Code);
        Assert.Equal(202, (await here.GitHubAsync("push", new { @ref = "refs/heads/main", repository = new { clone_url = "https://nowhere.example/x", ssh_url = told.Replace("{0}", "99", StringComparison.Ordinal) } })).Code);
    }

    [Fact]
    public async Task A_signature_that_is_missing_or_wrong_is_401_and_nothing_is_open_without_a_secret()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()), ("Webhooks:GitHub:Secrets:0", ""));
        var body = Bytes(here.Push());

        Assert.Equal(401, (await here.GitHubAsync("push", body)).Code);
        Assert.Equal(401, (await here.GitHubAsync("push", body, secret: "")).Code);
        Assert.Equal(401, (await here.GitHubAsync("push", body, secret: null)).Code);

        await using var there = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));
        body = Bytes(there.Push());
        Assert.Equal(401, (await there.GitHubAsync("push", body, secret: null)).Code);
        Assert.Equal(401, (await there.GitHubAsync("push", body, secret: "wrong")).Code);
        Assert.Equal(401, (await there.GitHubAsync("push", body, secret: "")).Code);
        var right = Hmac(body, Secret);
        foreach (var signature in (string[])[right, "sha1=" + right, "sha256=", "sha256=" + right[1..], "sha256=" + right + "0", "sha256=" + new string('x', 64), "sha256=" + right + ", sha256=" + right])
        {
            Assert.Equal(401, (await there.PostAsync("hooks/github", body, ("Content-Type", "application/json"), ("X-GitHub-Event", "push"), ("X-Hub-Signature-256", signature))).Code);
        }

        // SHA-1 alone is refused.
        Assert.Equal(401, (await there.PostAsync("hooks/github", body, ("Content-Type", "application/json"), ("X-GitHub-Event", "push"), ("X-Hub-Signature", "sha1=" + Sha1(body)))).Code);
        Assert.Equal(0, await there.DeliveriesAsync());
        Assert.Equal(202, (await there.GitHubAsync("push", body)).Code);
    }

    [Fact]
    public async Task Of_two_secrets_the_second_is_as_good_and_a_source_of_its_own_secret_knows_no_other()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            uri => All(
                Source(uri),
                Trigger(),
                Source(uri, "own", ", webhook: {secretRef: {name: hook, key: s}}", "team"),
                Trigger("own", "own", ns: "team"),
                HostManifests.Action("true").Replace("name: app", "name: app\n  namespace: team", StringComparison.Ordinal)),
            ("Webhooks:GitHub:Secrets:1", "the new one"),
            ("Secrets:team:hook:s", "the team's\n"));

        foreach (var (secret, trigger) in new[] { (Secret, "default/app"), ("the new one", "default/app"), ("the team's", "team/own") })
        {
            var view = await here.DoneAsync((await here.GitHubAsync("push", here.Push(), secret)).Task);
            Assert.Equal("WebhookTrigger " + trigger, Assert.Single(view.GetProperty("sources").EnumerateArray()).GetProperty("trigger").GetString());
        }

        // Two hooks of one repository have deliveries of one id.
        Assert.Equal(202, (await here.GitHubAsync("push", here.Push(), delivery: "one")).Code);
        Assert.Equal(202, (await here.GitHubAsync("push", here.Push(), "the team's", "one")).Code);
        Assert.Equal((200, "duplicate"), CodeAndMessage(await here.GitHubAsync("push", here.Push(), "the new one", "one")));
    }

    [Fact]
    public async Task A_managed_secret_is_derived_from_the_key()
    {
        var key = new string('k', 40);
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri, more: ", webhook: {manage: true}"), Trigger()), ("Webhooks:Key", key));
        var managed = new Pushcart.Webhooks.ManagedSecret(key);
        var period = Pushcart.Webhooks.ManagedSecret.PeriodOf(TimeProvider.System.GetUtcNow());

        Assert.Equal(202, (await here.GitHubAsync("push", here.Push(), managed.Of(here.Uri, period))).Code);
        Assert.Equal(202, (await here.GitHubAsync("push", here.Push(), managed.Of(here.Uri, period - 1))).Code);
        Assert.Equal(401, (await here.GitHubAsync("push", here.Push(), managed.Of(here.Uri, period - 2))).Code);
        Assert.Equal(401, (await here.GitHubAsync("push", here.Push())).Code);
        Assert.DoesNotContain(key, await here.Place.StoredAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(managed.Of(here.Uri, period), await here.Place.StoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_delivery_twice_is_one_check_also_where_both_come_at_once()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => here.GitHubAsync("push", here.Push(), delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958")));

        Assert.Single(answers, a => a.Code == 202);
        Assert.Equal(7, answers.Count(a => a is { Code: 200, Message: "duplicate" }));
        Assert.Single(answers.Select(a => a.Task).Distinct());
        var view = await here.DoneAsync(answers[0].Task);
        Assert.Equal("webhook github 72d3162e-cc78-11e3-81ab-4c9367dc0958", view.GetProperty("cause").GetString());
        Assert.Single(view.GetProperty("sources").EnumerateArray());
        Assert.Equal(1, await here.DeliveriesAsync());
        Assert.Equal((200, "duplicate"), CodeAndMessage(await here.GitHubAsync("push", here.Push(), delivery: "72d3162e-cc78-11e3-81ab-4c9367dc0958")));
    }

    [Fact]
    public async Task Of_200_triggers_that_watch_a_repository_each_has_its_check_and_the_answer_does_not_wait_for_them()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger("t0")));
        await ApplyAsync(here, [.. Enumerable.Range(1, 199).Select(n => Trigger($"t{n}", more: ", suspend: false"))]);
        await Task.Delay(TimeSpan.FromSeconds(6), TimeProvider.System);
        await here.GitHubAsync("ping", new { });

        var began = TimeProvider.System.GetTimestamp();
        var answer = await here.GitHubAsync("push", here.Push());
        var taken = TimeProvider.System.GetElapsedTime(began);

        Assert.Equal(202, answer.Code);
        Assert.True(taken < TimeSpan.FromSeconds(1), $"it was answered in {taken}");
        var view = await here.DoneAsync(answer.Task);
        Assert.Equal(200, view.GetProperty("sources").EnumerateArray().Select(s => s.GetProperty("trigger").GetString()).Distinct().Count());
        Assert.All(view.GetProperty("sources").EnumerateArray(), s => Assert.Equal("job submitted", s.GetProperty("state").GetString()));
    }

    [Fact]
    public async Task A_task_tells_what_waits_what_fails_and_what_became_of_it()
    {
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString, uri => All(Source(uri), Source("http://127.0.0.1:9/app.git", "away"), Trigger(), Trigger("away", "away"), Trigger("lost", watchOn: "reference: {branch: main}")));

        var away = await here.PostAsync("hooks/default/away/away");
        JsonElement source = default;
        await UntilAsync(async () => (source = (await here.Host.JsonAsync($"api/tasks/{away.Task}")).GetProperty("sources")[0]).GetProperty("state").GetString() == "failing");
        Assert.Contains("127.0.0.1:9", source.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.True(source.GetProperty("nextTry").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-1));

        var push = await here.GitHubAsync("push", here.Push());
        var done = await here.DoneAsync(push.Task);
        var job = done.GetProperty("sources")[0].GetProperty("job");
        await UntilAsync(async () => (await here.Host.JsonAsync($"api/tasks/{push.Task}")).GetProperty("sources")[0].GetProperty("job").GetProperty("state").GetString() == "succeeded");
        Assert.Equal("succeeded", (await here.Host.JsonAsync($"api/jobs/{job.GetProperty("id").GetString()}")).GetProperty("state").GetString());

        // The second of one commit.
        var again = await here.DoneAsync((await here.GitHubAsync("push", here.Push())).Task);
        Assert.Equal("unchanged", again.GetProperty("sources")[0].GetProperty("state").GetString());
        Assert.False(again.GetProperty("sources")[0].TryGetProperty("job", out _));

        foreach (var absent in (string[])["nope", "%F0%9F%9A%80", new string('a', 101), push.Task![..31]])
        {
            using var answer = await here.Host.Client.GetAsync($"api/tasks/{absent}");
            Assert.Equal(404, (int)answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_unknown_provider_is_404()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, uri => All(Source(uri), Trigger()));

        var answer = await here.PostAsync("hooks/sourcehut", Bytes(here.Push()), ("Content-Type", "application/json"));
        Assert.Equal((404, "provider isn't known; it is one of github, gitlab, gitea, forgejo, bitbucket, azuredevops"), CodeAndMessage(answer));
    }

    [System.Diagnostics.CodeAnalysis.SuppressMessage("Security", "CA5350", Justification = "Providers send it still; that it is refused is what is tested.")]
    private static string Sha1(byte[] body) => Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA1.HashData(System.Text.Encoding.UTF8.GetBytes(Secret), body));

    internal static async Task UntilAsync(Func<Task<bool>> condition)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60), "it has not come about in 60 s");
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }
    }

    private static (int Code, string Message) CodeAndMessage(HookReply reply) => (reply.Code, reply.Message);

    // As another process of the installation does: the manifests of one file are one transaction, which 200 do not fit.
    private async Task ApplyAsync(HookedApp here, IReadOnlyList<string> manifests)
    {
        using var transport = new SocketsHttpHandler();
        var table = new StorageClients(new StorageConnection(azurite.ConnectionString), new() { Prefix = here.Place.Prefix }, TimeProvider.System, transport, []).Table(TableNames.Resources);
        var store = new Pushcart.Resources.Stored.ResourceStore(table, TimeProvider.System, Chance.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Pushcart.Resources.Stored.ResourceStore>.Instance);
        foreach (var some in manifests.Chunk(90))
        {
            var set = Pushcart.Resources.Manifests.ManifestReader.Read(All(some), "test.yaml", TimeProvider.System.GetUtcNow());
            Assert.Empty(set.Errors);
            Assert.Empty((await store.ApplyAsync(set.Manifests, prune: false, CancellationToken.None)).Errors);
        }
    }
}
