using System.Net;
using System.Text;
using System.Text.Json;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Host;

/// <summary>Resources over HTTP: apply, list, get, delete, export.</summary>
[Collection("hosts")]
public sealed class ResourcesApiTests(AzuriteFixture azurite)
{
    private static readonly string[] s_rest = ["changed", "unchanged"];

    [Fact]
    public async Task Apply_tells_what_was_created_changed_and_unchanged_and_a_dry_run_writes_nothing()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var manifests = Suspended("app");

        var (status, dry) = await ApplyAsync(host, manifests, "?dryRun=true");
        Assert.Equal((HttpStatusCode.OK, true), (status, dry.GetProperty("dryRun").GetBoolean()));
        Assert.Equal(["GitRepo default/app", "Action default/app", "ScheduleTrigger default/app"], Names(dry, "created"));
        Assert.Empty(await ListedAsync(host, "GitRepo"));

        (status, var created) = await ApplyAsync(host, manifests);
        Assert.Equal((HttpStatusCode.OK, false), (status, created.GetProperty("dryRun").GetBoolean()));
        Assert.Equal(Names(dry, "created"), Names(created, "created"));
        Assert.All(s_rest, list => Assert.Empty(Names(created, list)));
        Assert.Equal(["app"], await ListedAsync(host, "GitRepo"));

        // JSON, of several documents after each other; one of them changes.
        var action = """{"apiVersion":"pushcart.dev/v1","kind":"Action","metadata":{"name":"app"},"spec":{"actionJob":{"command":["true"]}}}""";
        var repo = """{"apiVersion":"pushcart.dev/v1","kind":"GitRepo","metadata":{"name":"app"},"spec":{"repoUri":"https://git.example/app"}}""";
        (_, var changed) = await ApplyAsync(host, action + "\n" + repo);
        Assert.Empty(Names(changed, "created"));
        Assert.Equal(["Action default/app"], Names(changed, "changed"));
        Assert.Equal(["GitRepo default/app"], Names(changed, "unchanged"));

        var (found, one) = await host.Client.SendAsync(HttpMethod.Get, "api/resources/Action/default/app");
        Assert.Equal(HttpStatusCode.OK, found);
        Assert.Equal("true", one.GetProperty("manifest").GetProperty("spec").GetProperty("actionJob").GetProperty("command")[0].GetString());
        Assert.Equal(["ScheduleTrigger default/app"], one.GetProperty("usedBy").EnumerateArray().Select(name => name.GetString()));
    }

    [Fact]
    public async Task Manifests_with_faults_are_refused_whole_with_document_and_path_of_each()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var manifests = $"""
            {Repository("https://git.example/app")}
            ---
            {Repository("https://git.example/other", "Other")}
              tlsConfg: true
            ---
            {Action("true").Replace("[sh, -c]", "7", StringComparison.Ordinal)}
            """;

        var (status, answer) = await ApplyAsync(host, manifests);

        Assert.Equal((HttpStatusCode.BadRequest, "manifests.invalid"), (status, answer.Text("code")));
        var errors = answer.GetProperty("errors").EnumerateArray().ToList();
        Assert.Equal([(2, "metadata.name"), (2, "spec.tlsConfg"), (3, "spec.actionJob.command")], errors.Select(e => (e.GetProperty("document").GetInt32(), e.Text("path")!)).Order());
        Assert.Contains("did you mean tlsConfig", errors.Single(e => e.Text("path") == "spec.tlsConfg").Text("message"), StringComparison.Ordinal);
        Assert.Empty(await ListedAsync(host, "GitRepo"));

        // What is no YAML and no JSON, what is nothing, and what no rule of one document sees.
        foreach (var garbage in (string[])["{\"kind\":", "a: [b", "", "--- \n---\n", "just words", "[1, 2]", "\"\\ud800\"", "{} {}"])
        {
            (status, answer) = await ApplyAsync(host, garbage);
            Assert.True((status, answer.Text("code")) == (HttpStatusCode.BadRequest, "manifests.invalid"), $"{garbage}: {status} {answer}");
        }

        var groups = string.Join("\n---\n", Enumerable.Range(1, 2).Select(n => Action("true", $"a{n}") + $"\n    concurrency: {{group: g, limit: {n}}}"));
        (status, answer) = await ApplyAsync(host, groups);
        Assert.Equal((HttpStatusCode.BadRequest, "manifests.invalid"), (status, answer.Text("code")));
        Assert.Contains("concurrency group g", answer.Text("message"), StringComparison.Ordinal);
        Assert.Empty(await ListedAsync(host, "Action"));
    }

    [Fact]
    public async Task A_body_too_large_or_no_text_and_a_flag_that_is_neither_true_nor_false_are_refused()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();

        // By its length as told, and where none is told; so much is still read and judged.
        const int most = 3 * 1024 * 1024;
        foreach (var (content, code) in new (HttpContent, string)[]
        {
            (new StringContent("#" + new string('a', most)), "body.too_large"),
            (new StreamContent(new Unmeasured(most + 1)), "body.too_large"),
            (new StreamContent(new Unmeasured(most)), "manifests.invalid"),
            (new ByteArrayContent([0x61, 0x3a, 0x20, 0xff]), "body.invalid"),
        })
        {
            using var answer = await host.Client.PostAsync("api/apply", content);
            using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            Assert.Equal((code == "body.too_large" ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.BadRequest, code), (answer.StatusCode, json.RootElement.Text("code")));
        }

        var (status, refused) = await ApplyAsync(host, Repository("https://git.example/app"), "?dryRun=yes");
        Assert.Equal((HttpStatusCode.BadRequest, "query.invalid"), (status, refused.Text("code")));
        Assert.Empty(await ListedAsync(host, "GitRepo"));
    }

    [Fact]
    public async Task One_transaction_takes_99_changes_and_3_MiB_and_more_is_refused_whole()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var actions = Enumerable.Range(0, 100).Select(n => Action("true", $"a{n}")).ToList();

        var (status, answer) = await ApplyAsync(host, string.Join("\n---\n", actions));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "apply.too_many_changes"), (status, answer.Text("code")));
        Assert.Empty(await ListedAsync(host, "Action"));

        (status, answer) = await ApplyAsync(host, string.Join("\n---\n", actions.Skip(1)));
        Assert.Equal((HttpStatusCode.OK, 99), (status, Names(answer, "created").Count));
        (status, answer) = await ApplyAsync(host, string.Join("\n---\n", actions));
        Assert.Equal((HttpStatusCode.OK, 1, 99), (status, Names(answer, "created").Count, Names(answer, "unchanged").Count));

        var large = Enumerable.Range(0, 20).Select(n => Action(new string('x', 29_000), $"large{n}")).ToList();
        (status, answer) = await ApplyAsync(host, string.Join("\n---\n", large));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "apply.too_large"), (status, answer.Text("code")));
        Assert.Equal(100, (await ListedAsync(host, "Action")).Count);
    }

    [Fact]
    public async Task A_resource_in_use_is_deleted_by_force_only_and_the_answer_says_by_whom_it_is_used()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var cluster = """
            apiVersion: pushcart.dev/v1
            kind: ClusterGitRepo
            metadata: {name: shared}
            spec: {repoUri: https://git.example/shared}
            """;
        var other = Action("true", "other") + "\n  sourceOverride:\n    kind: ClusterGitRepo\n    name: shared\n    reference: {branch: main}";
        var (applied, made) = await ApplyAsync(host, $"{Suspended("app")}\n---\n{cluster}\n---\n{other}");
        Assert.True(applied == HttpStatusCode.OK, made.ToString());

        foreach (var (path, user) in new[] { ("GitRepo/default/app", "ScheduleTrigger default/app"), ("Action/default/app", "ScheduleTrigger default/app"), ("ClusterGitRepo/shared", "Action default/other") })
        {
            var (refused, answer) = await host.Client.SendAsync(HttpMethod.Delete, $"api/resources/{path}");
            Assert.Equal((HttpStatusCode.Conflict, "resources.in_use"), (refused, answer.Text("code")));
            Assert.Equal([user], answer.GetProperty("usedBy").EnumerateArray().Select(name => name.GetString()));
            Assert.Contains(user, answer.Text("message"), StringComparison.Ordinal);
        }

        var (status, gone) = await host.Client.SendAsync(HttpMethod.Delete, "api/resources/ClusterGitRepo/shared?force=true");
        Assert.Equal((HttpStatusCode.OK, "shared"), (status, gone.Text("name")));
        Assert.Equal(HttpStatusCode.NotFound, (await host.Client.SendAsync(HttpMethod.Get, "api/resources/ClusterGitRepo/shared")).Status);

        // Nobody names a trigger; and then nobody its source.
        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(HttpMethod.Delete, "api/resources/ScheduleTrigger/default/app")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.Client.SendAsync(HttpMethod.Delete, "api/resources/GitRepo/default/app?force=false")).Status);
        Assert.Empty(await ListedAsync(host, "GitRepo"));

        foreach (var (verb, path, code) in new[]
        {
            (HttpMethod.Delete, "GitRepo/default/app", "resources.not_found"),
            (HttpMethod.Get, "GitRepo/default/app", "resources.not_found"),
            (HttpMethod.Get, "GitRepos", "resources.unknown_kind"),
            (HttpMethod.Get, "0", "resources.unknown_kind"),
            (HttpMethod.Get, "GitRepo/app", "resources.unknown_kind"),
            (HttpMethod.Delete, "ClusterGitRepo/default/shared", "resources.unknown_kind"),
        })
        {
            var (refused, answer) = await host.Client.SendAsync(verb, $"api/resources/{path}");
            Assert.Equal((HttpStatusCode.NotFound, code), (refused, answer.Text("code")));
        }

        (status, gone) = await host.Client.SendAsync(HttpMethod.Delete, "api/resources/Action/default/app?force=1");
        Assert.Equal((HttpStatusCode.BadRequest, "query.invalid"), (status, gone.Text("code")));
    }

    [Fact]
    public async Task What_export_gives_apply_takes_again_as_unchanged()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var settings = "apiVersion: pushcart.dev/v1\nkind: Settings\nmetadata: {name: default}\nspec: {maxRunningJobs: 7}";
        await ApplyAsync(host, $"{Suspended("app")}\n---\n{settings}\n---\n{Action("echo 'yes: no' # not a comment", "odd")}");

        using var answer = await host.Client.GetAsync("api/export");
        var yaml = await answer.Content.ReadAsStringAsync();
        Assert.Equal("application/yaml", answer.Content.Headers.ContentType!.MediaType);
        var (status, again) = await ApplyAsync(host, yaml);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            ["Action default/app", "Action default/odd", "GitRepo default/app", "ScheduleTrigger default/app", "Settings default"], Names(again, "unchanged").Order(StringComparer.Ordinal));
        Assert.All((string[])["created", "changed"], list => Assert.Empty(Names(again, list)));

        // And in an installation that has nothing yet.
        await using var other = new HostPlace(azurite.ConnectionString);
        var second = await other.StartLiveAsync();
        await ApplyAsync(second, yaml);
        Assert.Equal(yaml, await second.Client.GetStringAsync("api/export"));
    }

    private static string Suspended(string name) => Watching("https://git.example/app", "true", name: name).Replace("  schedule:", "  suspend: true\n  schedule:", StringComparison.Ordinal);

    private static Task<(HttpStatusCode Status, JsonElement Json)> ApplyAsync(HostProcess host, string manifests, string query = "") =>
        host.Client.SendAsync(HttpMethod.Post, "api/apply" + query, manifests);

    private static List<string> Names(JsonElement answer, string list) => [.. answer.GetProperty(list).EnumerateArray()
        .Select(item => item.Text("kind") + " " + (item.TryGetProperty("namespace", out var ns) ? ns.GetString() + "/" : "") + item.Text("name"))];

    private static async Task<List<string?>> ListedAsync(HostProcess host, string kind) =>
        [.. (await host.JsonAsync($"api/resources/{kind}")).GetProperty("resources").EnumerateArray().Select(item => item.Text("name"))];

    // Comment lines of YAML, whose length nobody can ask for.
    private sealed class Unmeasured(int length) : MemoryStream(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("# a comment line\n", (length / 17) + 1)))[..length])
    {
        public override bool CanSeek => false;
    }
}
