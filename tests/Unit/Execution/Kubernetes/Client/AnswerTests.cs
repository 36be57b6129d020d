using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class AnswerTests
{
    [Fact]
    public async Task A_gateways_404_does_not_prove_that_something_is_not_there()
    {
        foreach (var body in (string[])["404 page not found", "<html>", """{"message":"no route"}""", ""])
        {
            var api = new FakeApi().Answers(404, body);
            using var client = api.Client();
            var failure = (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure;

            Assert.Equal(KubeFailureKind.ServerError, failure?.Kind);
            Assert.Contains("not the Kubernetes API", failure!.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_missing_namespace_is_told_apart_from_a_missing_object()
    {
        var api = new FakeApi().Fails(404, "NotFound", "namespaces not found", """{"name":"n","kind":"namespaces"}""");
        using var client = api.Client();

        var failure = (await client.CreateAsync(KubeResource.Jobs, "n", [], sendBefore: null, default)).Failure;

        Assert.Equal((KubeFailureKind.NotFound, "namespaces"), (failure?.Kind, failure?.Subject));
    }

    [Fact]
    public async Task The_token_is_not_repeated_from_the_servers_words()
    {
        var api = new FakeApi().Fails(403, "Forbidden", "who is t0ken?");
        using var client = api.Client();

        Assert.Equal(
            """api.test: cannot get jobs "a" in namespace "n": who is ***? (403)""", (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure?.Message);
    }

    [Fact]
    public async Task Causes_are_kept()
    {
        var api = new FakeApi().Fails(403, "Forbidden", "no", """{"causes":[{"reason":"NamespaceTerminating","message":"x"}]}""");
        using var client = api.Client();

        Assert.Equal(["NamespaceTerminating"], (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure?.Causes);
    }

    [Fact]
    public async Task A_redirect_is_not_followed()
    {
        var api = new FakeApi().Answers(307, "", ("Location", "https://evil.test/"));
        using var client = api.Client();

        Assert.Contains("redirects (307)", (await client.CreateAsync(KubeResource.Jobs, "n", [], null, default)).Failure?.Message, StringComparison.Ordinal);
        Assert.Single(api.Asked);
    }

    [Theory]
    [InlineData("jobs.batch is forbidden: User \\\"u\\\" cannot list resource \\\"jobs\\\" in API group \\\"batch\\\" in the namespace \\\"team\\\"", "; if the namespace \"team\" is there, give it the component infra/kubernetes/server/components/job-namespace (docs/operating.md, In a cluster)")]
    [InlineData("pods \\\"a\\\" is forbidden: User \\\"u\\\" cannot get resource \\\"pods/log\\\" in API group \\\"\\\" in the namespace \\\"team\\\": no access in Azure", "; if the namespace \"team\" is there, give it the component infra/kubernetes/server/components/job-namespace (docs/operating.md, In a cluster)")]
    [InlineData("secrets \\\"a\\\" is forbidden: User \\\"u\\\" cannot get resource \\\"secrets\\\" in API group \\\"\\\" in the namespace \\\"team\\\"", "; if the namespace \"team\" is there, give it the component infra/kubernetes/server/components/secret-namespace, or job-namespace where jobs run there (docs/operating.md, In a cluster)")]
    [InlineData("pods is forbidden: User \\\"u\\\" cannot list resource \\\"pods\\\" in API group \\\"\\\" at the cluster scope", "; a ClusterRole must allow it, or Kubernetes:AllNamespaces must be false")]
    [InlineData("jobs.batch \\\"a\\\" is forbidden: exceeded quota: q, requested: count/jobs.batch=1", "")]
    [InlineData("jobs.batch \\\"a\\\" is forbidden: unable to create new content in namespace team because it is being terminated", "")]
    [InlineData("nodes is forbidden: User \\\"u\\\" cannot list resource \\\"nodes\\\" in API group \\\"\\\" at the cluster scope", "")]
    public async Task Only_a_missing_right_is_answered_with_what_gives_it(string said, string advice)
    {
        using var client = new FakeApi().Fails(403, "Forbidden", said).Client();

        var failure = (await client.ListAsync(KubeResource.Jobs, "team", null, null, default)).Failure!;

        Assert.Equal($"api.test: cannot list jobs in namespace \"team\": {said.Replace("\\", "", StringComparison.Ordinal)} (403){advice}", failure.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"metadata":{}}""")]
    [InlineData("""{"kind":"Job","kind":"Job"}""")]
    [InlineData("""{"kind":"Job"}{"kind":"Job"}""")]
    public async Task What_is_no_object_of_the_API_is_no_answer(string body)
    {
        var api = new FakeApi().Answers(200, body);
        using var client = api.Client(KubeLimits.Default with { Tries = 1 });

        Assert.Equal(KubeFailureKind.Unknown, (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure?.Kind);
    }

    [Fact]
    public async Task An_answer_that_is_too_large_is_not_read()
    {
        var api = new FakeApi().Answers(200, $$"""{"kind":"{{new string('x', 2000)}}"}""");
        using var client = api.Client(KubeLimits.Default with { AnswerBytes = 1000 });

        Assert.Contains("larger than 1000 bytes", (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a/../b", "/base/api/v1/namespaces/n/pods/a/../b")]
    [InlineData("a?b#c", "/base/api/v1/namespaces/n/pods/a?b#c")]
    public async Task A_name_stays_one_part_of_the_path(string name, string unescaped)
    {
        var api = new FakeApi().Answers(200, """{"kind":"Pod"}""");
        using var client = api.Client();

        Assert.Null((await client.GetAsync(KubeResource.Pods, "n", name, default)).Failure);
        Assert.Equal("GET " + unescaped, api.Asked[0]);
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetAsync(KubeResource.Pods, "n", "..", default));
    }

    [Fact]
    public async Task A_delete_says_what_it_has_seen()
    {
        var api = new FakeApi().Answers(200, """{"kind":"Status"}""").Answers(200, """{"kind":"Status"}""");
        using var client = api.Client();

        await client.DeleteAsync(KubeResource.Jobs, "n", "a", new KubeDelete(KubePropagation.Foreground, "u", "7"), default);
        await client.DeleteAsync(KubeResource.Jobs, "n", "a", new KubeDelete(KubePropagation.Background), default);

        Assert.Equal(
            [
                """DELETE /base/apis/batch/v1/namespaces/n/jobs/a {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","preconditions":{"uid":"u","resourceVersion":"7"}}""",
                """DELETE /base/apis/batch/v1/namespaces/n/jobs/a {"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Background"}""",
            ],
            api.Asked);
    }

    [Fact]
    public async Task A_create_whose_time_is_over_is_not_sent()
    {
        var api = new FakeApi();
        using var client = api.Client();

        var failure = (await client.CreateAsync(KubeResource.Jobs, "n", new JsonObject(), api.Time.GetUtcNow(), default)).Failure;

        Assert.Equal((KubeFailureKind.Unreachable, false), (failure?.Kind, failure?.MayHaveHappened));
        Assert.Contains("nothing was sent", failure!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("abcdef", 4, "cdef")]
    [InlineData("abc", 4, "abc")]
    [InlineData("abcd", 4, "abcd")]
    [InlineData("", 4, "")]
    [InlineData("aäöü", 4, "öü")]
    [InlineData("aäöü", 5, "öü")]
    [InlineData("x😀y", 4, "y")]
    public async Task A_log_ends_with_its_last_bytes_and_begins_with_a_character(string log, int bytes, string tail)
    {
        var api = new FakeApi().Answers(200, log);
        using var client = api.Client();

        Assert.Equal(tail, (await client.ReadLogTailAsync(new KubeLog("n", "p", "c", Previous: true), 10, bytes, default)).Value);
        Assert.Equal("GET /base/api/v1/namespaces/n/pods/p/log?container=c&previous=true&tailLines=10&limitBytes=16777216", api.Asked[0]);
    }

    [Fact]
    public async Task A_long_log_ends_with_its_last_bytes()
    {
        var log = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        var api = new FakeApi().Answers(200, log);
        using var client = api.Client();

        var tail = (await client.ReadLogTailAsync(new KubeLog("n", "p"), 100_000, 64_000, default)).Value!;

        Assert.Equal(64_000, Encoding.UTF8.GetByteCount(tail));
        Assert.EndsWith(tail, log, StringComparison.Ordinal);
    }
}
