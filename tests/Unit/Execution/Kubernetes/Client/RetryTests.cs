using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Execution.Kubernetes.Client.Credentials;

namespace Pushcart.Tests.Unit.Execution.Kubernetes.Client;

public sealed class RetryTests
{
    private const string Job = """{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"a"}}""";

    public static TheoryData<string> Repeatable => ["get", "list", "patch", "delete", "log", "version"];

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task A_problem_of_the_server_is_waited_out(string call)
    {
        var api = new FakeApi().Fails(500, "InternalError", "etcd").Answers(503, "<html>").Fails(504, "Timeout", "slow").Answers(200, Good(call));
        using var client = api.Client();

        Assert.Null(await FailureOf(client, call));
        Assert.Equal(4, api.Asked.Count);
        Assert.Single(api.Asked.Distinct());
        Assert.Collection(
            api.Time.Waits,
            first => Assert.InRange(first.TotalSeconds, 0.25, 0.5),
            second => Assert.InRange(second.TotalSeconds, 0.5, 1),
            third => Assert.InRange(third.TotalSeconds, 1, 2));
    }

    [Theory]
    [MemberData(nameof(Repeatable))]
    public async Task It_is_asked_a_bounded_number_of_times(string call)
    {
        var api = new FakeApi();
        for (var i = 0; i < 4; i++)
        {
            api.Fails(500, "InternalError", "etcd");
        }

        using var client = api.Client();
        var failure = await FailureOf(client, call);

        Assert.Equal(KubeFailureKind.ServerError, failure?.Kind);
        Assert.Contains("etcd (500)", failure!.Message, StringComparison.Ordinal);
        Assert.Equal(4, api.Asked.Count);
    }

    [Fact]
    public async Task A_server_that_names_a_time_is_left_alone_for_it()
    {
        var api = new FakeApi().Answers(429, "slow down", ("Retry-After", "3")).Answers(200, Job);
        using var client = api.Client();

        Assert.Null((await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure);
        Assert.InRange(Assert.Single(api.Time.Waits).TotalSeconds, 3, 3.25);
    }

    [Fact]
    public async Task A_time_of_the_status_counts_where_the_header_is_missing()
    {
        var api = new FakeApi().Fails(429, "TooManyRequests", "x", """{"retryAfterSeconds":2}""").Answers(200, Job);
        using var client = api.Client();

        await client.GetAsync(KubeResource.Jobs, "n", "a", default);
        Assert.InRange(Assert.Single(api.Time.Waits).TotalSeconds, 2, 2.25);
    }

    [Fact]
    public async Task A_long_wait_is_the_callers_to_decide()
    {
        var api = new FakeApi().Answers(429, "", ("Retry-After", "60"));
        using var client = api.Client();

        var failure = (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure;

        Assert.Equal((KubeFailureKind.TooManyRequests, TimeSpan.FromSeconds(60)), (failure?.Kind, failure?.RetryAfter));
        Assert.Empty(api.Time.Waits);
    }

    [Theory]
    [InlineData(429, KubeFailureKind.TooManyRequests, false)]
    [InlineData(401, KubeFailureKind.Unauthorized, false)]
    [InlineData(403, KubeFailureKind.Forbidden, false)]
    [InlineData(404, KubeFailureKind.NotFound, false)]
    [InlineData(409, KubeFailureKind.Conflict, false)]
    [InlineData(422, KubeFailureKind.Invalid, false)]
    [InlineData(500, KubeFailureKind.ServerError, true)]
    [InlineData(503, KubeFailureKind.ServerError, true)]
    [InlineData(504, KubeFailureKind.ServerError, true)]
    public async Task A_create_is_sent_once(int code, KubeFailureKind kind, bool mayHaveHappened)
    {
        var api = new FakeApi().Fails(code, "Reason", "said the API");
        using var client = api.Client(credentials: new Renewable());

        var failure = (await client.CreateAsync(KubeResource.Jobs, "n", Parse(Job), sendBefore: null, default)).Failure;

        Assert.Equal((kind, mayHaveHappened, "Reason"), (failure?.Kind, failure?.MayHaveHappened, failure?.Reason));
        Assert.Contains("said the API", failure!.Message, StringComparison.Ordinal);
        Assert.StartsWith("POST /base/apis/batch/v1/namespaces/n/jobs?timeout=10s {", Assert.Single(api.Asked), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_create_that_was_cut_off_is_sent_once_and_unknown()
    {
        var api = new FakeApi().Throws(new HttpRequestException(HttpRequestError.ResponseEnded, "x", new IOException()));
        using var client = api.Client();

        var failure = (await client.CreateAsync(KubeResource.Jobs, "n", Parse(Job), sendBefore: null, default)).Failure;

        Assert.Equal((KubeFailureKind.Unknown, true), (failure?.Kind, failure?.MayHaveHappened));
        Assert.Single(api.Asked);
    }

    [Fact]
    public async Task A_create_answered_with_half_an_object_is_unknown()
    {
        var api = new FakeApi().Answers(201, Job[..20]);
        using var client = api.Client();

        Assert.Equal(KubeFailureKind.Unknown, (await client.CreateAsync(KubeResource.Jobs, "n", Parse(Job), sendBefore: null, default)).Failure?.Kind);
        Assert.Single(api.Asked);
    }

    [Fact]
    public async Task After_a_401_another_credential_is_tried_once()
    {
        var api = new FakeApi().Fails(401, "Unauthorized", "no").Answers(200, Job);
        using var client = api.Client(credentials: new Renewable());

        Assert.Null((await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure);
        Assert.Equal(["Bearer token-1", "Bearer token-2"], api.Credentials);

        api.Fails(401, "Unauthorized", "no").Fails(401, "Unauthorized", "no");
        Assert.Equal(KubeFailureKind.Unauthorized, (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure?.Kind);
        Assert.Equal(4, api.Asked.Count);
    }

    [Fact]
    public async Task A_credential_that_cannot_be_had_is_told_and_nothing_sent()
    {
        var api = new FakeApi();
        using var client = api.Client(credentials: new None());

        var failure = (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure;

        Assert.Equal("""api.test: cannot get jobs "a" in namespace "n": the plugin is gone""", failure?.Message);
        Assert.Empty(api.Asked);
    }

    private static async Task<KubeFailure?> FailureOf(KubeClient client, string call) => call switch
    {
        "get" => (await client.GetAsync(KubeResource.Jobs, "n", "a", default)).Failure,
        "list" => (await client.ListAsync(KubeResource.Jobs, "n", null, null, default)).Failure,
        "patch" => (await client.PatchAsync(KubeResource.Jobs, "n", "a", new JsonObject { ["spec"] = new JsonObject { ["ttlSecondsAfterFinished"] = 1 } }, default)).Failure,
        "delete" => (await client.DeleteAsync(KubeResource.Jobs, "n", "a", new KubeDelete(KubePropagation.Foreground, "u", "7"), default)).Failure,
        "log" => (await client.ReadLogTailAsync(new KubeLog("n", "p"), 10, 100, default)).Failure,
        _ => (await client.GetVersionAsync(default)).Failure,
    };

    private static string Good(string call) => call switch
    {
        "list" => """{"kind":"JobList","metadata":{"resourceVersion":"1"},"items":[]}""",
        "version" => """{"major":"1","minor":"28+","gitVersion":"v1.28.3-x"}""",
        _ => Job,
    };

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();

    private sealed class Renewable : IKubeCredentials
    {
        private int _number = 1;

        public Task<KubeAnswer<KubeCredential>> GetAsync(CancellationToken cancellation) =>
            Task.FromResult<KubeAnswer<KubeCredential>>(new KubeCredential($"token-{_number}"));

        public bool Refused(KubeCredential credential)
        {
            _number++;
            return true;
        }
    }

    private sealed class None : IKubeCredentials
    {
        public Task<KubeAnswer<KubeCredential>> GetAsync(CancellationToken cancellation) =>
            Task.FromResult<KubeAnswer<KubeCredential>>(new KubeFailure(KubeFailureKind.Unauthorized, "the plugin is gone"));

        public bool Refused(KubeCredential credential) => false;
    }
}
