using System.Text;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>
/// How each provider but GitHub sends. The payloads are made by hand, cut down to what is read and a little more, after: docs.gitlab.com "Webhook events" (push, tag events) and "Webhooks"
/// (delivery headers); docs.gitea.com "Webhooks"; forgejo.org/docs "Webhooks"; support.atlassian.com/bitbucket-cloud "Event payloads" (push) and "Manage webhooks" (signature);
/// learn.microsoft.com/azure/devops "Service hooks events" (git.push) and "Webhooks with Azure DevOps" (basic authentication).
/// </summary>
[Collection("calls")]
public sealed class ProviderFormTests(AzuriteFixture azurite)
{
    private const string Commit = "da1560886d4f094c3e6c9ef40349f7d38b5d27d7";
    private const string Git = "https://git.example.com/mike/diaspora.git";

    public static TheoryData<string> Providers => ["gitlab", "gitea", "forgejo", "bitbucket", "azuredevops"];

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task A_push_to_a_branch_or_a_tag_is_a_check_once_and_all_else_is_told(string provider)
    {
        await using var here = await StartAsync(provider);

        var push = await SendAsync(here, provider, "refs/heads/main", Commit, delivery: "d-1");
        Assert.Equal(202, push.Code);
        Assert.Equal("WebhookTrigger default/app", Watched(await here.Host.JsonAsync($"api/tasks/{push.Task}")));
        Assert.Equal((200, "duplicate"), CodeAndMessage(await SendAsync(here, provider, "refs/heads/main", Commit, delivery: "d-1")));
        var tag = await SendAsync(here, provider, "refs/tags/v1", Commit, delivery: "d-2");
        Assert.Equal("WebhookTrigger default/tag", Watched(await here.Host.JsonAsync($"api/tasks/{tag.Task}")));

        Assert.StartsWith("no trigger watches", (await SendAsync(here, provider, "refs/heads/dev", Commit)).Message, StringComparison.Ordinal);
        Assert.Equal((200, "the reference was deleted; there is nothing to check"), CodeAndMessage(await SendAsync(here, provider, "refs/heads/main", Zeros)));
        Assert.EndsWith("nothing follows from it", (await SendAsync(here, provider, "refs/heads/main", Commit, what: "something else")).Message, StringComparison.Ordinal);
        Assert.Equal(2, await here.DeliveriesAsync());
    }

    [Theory]
    [MemberData(nameof(Providers))]
    public async Task Without_the_secret_it_is_401_and_without_its_shape_400(string provider)
    {
        await using var here = await StartAsync(provider);

        Assert.Equal(401, (await SendAsync(here, provider, "refs/heads/main", Commit, secret: "wrong")).Code);
        Assert.Equal(401, (await SendAsync(here, provider, "refs/heads/main", Commit, secret: null)).Code);
        Assert.Equal(401, (await here.PostAsync("hooks/" + provider, "{}"u8.ToArray(), ("Content-Type", "application/json"))).Code);
        var bare = Encoding.UTF8.GetBytes($$"""{"eventType": "{{PushOf(provider)}}", "id": "x"}""");
        Assert.Equal(400, (await PostAsync(here, provider, PushOf(provider), bare, Secret, "d")).Code);
        Assert.Equal(400, (await PostAsync(here, provider, PushOf(provider), "[]"u8.ToArray(), Secret, "d")).Code);
        Assert.Equal(0, await here.DeliveriesAsync());
    }

    [Fact]
    public async Task Gitea_and_forgejo_are_known_by_their_own_headers_beside_githubs_also_at_githubs_address()
    {
        await using var here = await HookedApp.StartAsync(azurite.ConnectionString, _ => All(Source(Git), Trigger()), ("Webhooks:GitHub:Secrets:0", "github's"), ("Webhooks:Gitea:Secrets:0", "gitea's"));
        var body = Encoding.UTF8.GetBytes(GitHubLike("refs/heads/main", Commit));
        (string, string)[] headers = [("Content-Type", "application/json"), ("X-GitHub-Event", "push"), ("X-GitHub-Delivery", "g"), ("X-Hub-Signature-256", "sha256=" + Hmac(body, "gitea's"))];

        Assert.Equal(202, (await here.PostAsync("hooks/github", body, [.. headers, ("X-Gitea-Event", "push"), ("X-Gitea-Delivery", "g"), ("X-Gitea-Signature", Hmac(body, "gitea's"))])).Code);
        Assert.Equal(401, (await here.PostAsync("hooks/github", body, headers)).Code);

        // Where Forgejo signs, no other signature makes up for a wrong one.
        (string, string)[] forgejo = [.. headers, ("X-Forgejo-Event", "push"), ("X-Forgejo-Delivery", "f"), ("X-Gitea-Event", "push"), ("X-Gitea-Signature", Hmac(body, "gitea's"))];
        Assert.Equal(401, (await here.PostAsync("hooks/forgejo", body, [.. forgejo, ("X-Forgejo-Signature", Hmac(body, "wrong"))])).Code);
        Assert.Equal(202, (await here.PostAsync("hooks/forgejo", body, [.. forgejo, ("X-Forgejo-Signature", Hmac(body, "gitea's"))])).Code);

        // A form of Gitea is signed by its field.
        var form = Encoding.UTF8.GetBytes("payload=" + Uri.EscapeDataString(Encoding.UTF8.GetString(body)));
        Assert.Equal(202, (await here.PostAsync("hooks/gitea", form, ("Content-Type", "application/x-www-form-urlencoded"), ("X-Gitea-Event", "push"), ("X-Gitea-Signature", Hmac(body, "gitea's")))).Code);
    }

    [Fact]
    public async Task A_push_of_several_references_is_one_event()
    {
        await using var here = await StartAsync("azuredevops");
        var body = Encoding.UTF8.GetBytes($$"""
            {"id": "1", "eventType": "git.push", "resource": {"repository": {"remoteUrl": "{{Git}}"}, "refUpdates": [
              {"name": "refs/heads/gone", "oldObjectId": "{{Commit}}", "newObjectId": "{{Zeros}}"},
              {"name": "refs/heads/main", "oldObjectId": "{{Zeros}}", "newObjectId": "{{Commit}}"},
              {"name": "refs/tags/v1", "oldObjectId": "{{Zeros}}", "newObjectId": "{{Commit}}"}]} }
            """);

        var answer = await PostAsync(here, "azuredevops", "git.push", body, Secret, "");
        Assert.Equal(2, (await here.Host.JsonAsync($"api/tasks/{answer.Task}")).GetProperty("sources").GetArrayLength());
    }

    private Task<HookedApp> StartAsync(string provider) =>
        HookedApp.StartAsync(azurite.ConnectionString, _ => All(Source(provider == "bitbucket" ? "git@bitbucket.org:mike/diaspora.git" : Git, more: provider == "bitbucket" ? ", authConfig: {type: ssh, secretRef: {name: key}}" : ""), Trigger(), Trigger("tag", watchOn: "reference: {tag: v1}")));

    private static string? Watched(System.Text.Json.JsonElement task) => Assert.Single(task.GetProperty("sources").EnumerateArray()).GetProperty("trigger").GetString();

    private static (int Code, string Message) CodeAndMessage(HookReply reply) => (reply.Code, reply.Message);

    private static string PushOf(string provider) => provider switch { "gitlab" => "Push Hook", "bitbucket" => "repo:push", "azuredevops" => "git.push", _ => "push" };

    private static Task<HookReply> SendAsync(HookedApp here, string provider, string reference, string after, string? secret = Secret, string? delivery = null, string? what = null)
    {
        var isTag = reference.StartsWith("refs/tags/", StringComparison.Ordinal);
        what ??= provider == "gitlab" && isTag ? "Tag Push Hook" : PushOf(provider);
        delivery ??= Chance.System.NewId();
        var body = provider switch
        {
            "gitlab" => $$"""
                {"object_kind": "{{(isTag ? "tag_push" : "push")}}", "event_name": "push", "before": "95790bf891e76fee5e1747ab589903a6a1f80f22", "after": "{{after}}", "ref": "{{reference}}",
                 "ref_protected": true, "checkout_sha": {{(after == Zeros ? "null" : $"\"{after}\"")}}, "user_name": "Jürgen 🚀", "project_id": 15,
                 "project": {"id": 15, "name": "Diaspora", "web_url": "https://git.example.com/mike/diaspora", "git_ssh_url": "git@git.example.com:mike/diaspora.git", "git_http_url": "{{Git}}",
                             "path_with_namespace": "mike/diaspora", "default_branch": "main"},
                 "commits": [], "total_commits_count": 0}
                """,
            "bitbucket" => $$"""
                {"actor": {"display_name": "Emma", "type": "user"},
                 "repository": {"type": "repository", "full_name": "mike/diaspora", "links": {"html": {"href": "https://bitbucket.org/mike/diaspora"}, "self": {"href": "https://api.bitbucket.org/2.0/repositories/mike/diaspora"} } },
                 "push": {"changes": [{"created": false, "forced": false, "closed": {{(after == Zeros ? "true" : "false")}},
                   "old": {{State(reference, Commit)}}, "new": {{(after == Zeros ? "null" : State(reference, after))}}, "commits": []}]} }
                """,
            "azuredevops" => $$"""
                {"subscriptionId": "00000000-0000-0000-0000-000000000000", "notificationId": 3, "id": "{{delivery}}", "eventType": "{{what}}", "publisherId": "tfs", "message": {"text": "Jamal pushed updates."},
                 "resource": {"commits": [], "refUpdates": [{"name": "{{reference}}", "oldObjectId": "aad331d8d3b131fa9ae03cf5e53965b51942618a", "newObjectId": "{{after}}"}],
                   "repository": {"id": "278d5cd2-584d-4b63-824a-2ba458937249", "name": "diaspora", "defaultBranch": "refs/heads/main", "remoteUrl": "{{Git}}"}, "pushId": 14}, "resourceVersion": "1.0"}
                """,
            _ => GitHubLike(reference, after),
        };
        return PostAsync(here, provider, what, Encoding.UTF8.GetBytes(body), secret, delivery);
    }

    private static string State(string reference, string commit) =>
        $$"""{"type": "{{(reference.StartsWith("refs/tags/", StringComparison.Ordinal) ? "tag" : "branch")}}", "name": "{{reference.Split('/')[^1]}}", "target": {"type": "commit", "hash": "{{commit}}"} }""";

    private static string GitHubLike(string reference, string after) => $$"""
        {"ref": "{{reference}}", "before": "28e1879d029cb852e4844d9c718537df08844e03", "after": "{{after}}", "compare_url": "https://git.example.com/mike/diaspora/compare", "commits": [],
         "repository": {"id": 140, "name": "diaspora", "full_name": "mike/diaspora", "html_url": "https://git.example.com/mike/diaspora", "ssh_url": "ssh://gitea@git.example.com:2222/mike/diaspora.git", "clone_url": "{{Git}}", "default_branch": "main"},
         "pusher": {"login": "mike"}, "sender": {"login": "mike"} }
        """;

    private static Task<HookReply> PostAsync(HookedApp here, string provider, string what, byte[] body, string? secret, string delivery)
    {
        (string, string)[] headers = provider switch
        {
            "gitlab" => [("X-Gitlab-Event", what), ("Idempotency-Key", delivery), ("X-Gitlab-Event-UUID", "of the event, not of the delivery")],
            "gitea" => [("X-Gitea-Event", what), ("X-Gitea-Delivery", delivery), ("X-GitHub-Event", what), ("X-GitHub-Delivery", delivery)],
            "forgejo" => [("X-Forgejo-Event", what), ("X-Forgejo-Delivery", delivery), ("X-Gitea-Event", what), ("X-Gitea-Delivery", delivery), ("X-GitHub-Event", what)],
            "bitbucket" => [("X-Event-Key", what), ("X-Request-UUID", delivery), ("X-Hook-UUID", "{c5a5b4d1-0e6a-4b5f-9d5a-6b1c8c0e7a11}"), ("X-Attempt-Number", "1")],
            _ => [],
        };
        (string, string)[] proof = secret is null ? [] : provider switch
        {
            "gitlab" => [("X-Gitlab-Token", secret)],
            "gitea" => [("X-Gitea-Signature", Hmac(body, secret))],
            "forgejo" => [("X-Forgejo-Signature", Hmac(body, secret)), ("X-Gitea-Signature", Hmac(body, secret))],
            "bitbucket" => [("X-Hub-Signature", "sha256=" + Hmac(body, secret))],
            _ => [("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes("anybody:" + secret)))],
        };
        return here.PostAsync("hooks/" + provider, body, [("Content-Type", "application/json"), .. headers, .. proof]);
    }
}
