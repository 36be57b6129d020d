using Microsoft.Extensions.Logging.Abstractions;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Git;
using Pushcart.Tests.Unit.Execution.Kubernetes.Client;
using static Pushcart.Tests.Unit.Execution.Kubernetes.GivenRun;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

/// <summary>What the executor makes of the API's answers.</summary>
public sealed class KubernetesExecutorTests
{
    private const string Stored = """{"kind":"Any","apiVersion":"v1","metadata":{"name":"x","uid":"x","resourceVersion":"1"}}""";
    private const string Own = """{"kind":"Job","apiVersion":"batch/v1","metadata":{"name":"x","resourceVersion":"1","uid":"u1","labels":{"pushcart.dev/installation":"inst1","pushcart.dev/job-id":"0123456789abcdefghij","pushcart.dev/run":"1"}}}""";
    private const string Empty = """{"metadata":{},"items":[]}""";

    [Fact]
    public async Task It_is_reached_where_the_cluster_tells_its_version()
    {
        var api = new FakeApi().Answers(200, """{"major":"1","minor":"31","gitVersion":"v1.31.0"}""");

        Assert.Null(await Executor(api).ReachAsync(default));
        Assert.Equal(["GET /base/version"], api.Asked);
    }

    [Theory]
    [InlineData(401, "Unauthorized", "the cluster refuses the credentials, or there are none")]
    [InlineData(403, "Forbidden", "the cluster does not let it ask")]
    public async Task A_cluster_that_refuses_is_told_without_its_words(int code, string reason, string expected) =>
        Assert.Equal(expected, await Executor(new FakeApi().Fails(code, reason, "secret names of the inside")).ReachAsync(default));

    [Theory]
    [InlineData(403, "Forbidden", CreateResult.Refused)]
    [InlineData(404, "NotFound", CreateResult.Refused)]
    [InlineData(422, "Invalid", CreateResult.Refused)]
    [InlineData(401, "Unauthorized", CreateResult.Busy)]
    [InlineData(409, "Conflict", CreateResult.Busy)]
    [InlineData(429, "TooManyRequests", CreateResult.Busy)]
    [InlineData(500, "InternalError", CreateResult.Unknown)]
    [InlineData(504, "Timeout", CreateResult.Unknown)]
    public async Task An_answer_to_create_says_whether_there_is_a_job_and_is_not_asked_for_twice(int code, string reason, CreateResult expected)
    {
        var api = new FakeApi().Fails(code, reason, "in the words of the API");

        var answer = await Executor(api).CreateAsync(Fresh(Spec, api), default);

        Assert.Equal(expected, answer.Result);
        Assert.Contains("in the words of the API", answer.Message, StringComparison.Ordinal);
        Assert.Single(api.Asked, asked => asked.StartsWith("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_create_that_comes_too_late_is_not_sent()
    {
        var api = new FakeApi();

        var answer = await Executor(api).CreateAsync(Spec with { CreateBefore = api.Time.GetUtcNow().AddSeconds(-1) }, default);

        Assert.NotEqual(CreateResult.Created, answer.Result);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_adopted_where_it_is_this_runs_and_its_secret_made_sure_of()
    {
        var spec = Private(new TokenAuth("Bearer x"));
        var api = new FakeApi().Fails(409, "AlreadyExists", "there").Answers(200, Own).Answers(201, Stored);

        Assert.Equal(new CreateAnswer(CreateResult.Exists), await Executor(api).CreateAsync(Fresh(spec, api), default));

        Assert.Contains("\"uid\":\"u1\"", api.Asked[2], StringComparison.Ordinal);
        Assert.StartsWith("POST /base/api/v1/namespaces/team/secrets", api.Asked[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_somebody_elses_is_refused()
    {
        var api = new FakeApi().Fails(409, "AlreadyExists", "there").Answers(200, Own.Replace("inst1", "inst2", StringComparison.Ordinal));

        var answer = await Executor(api).CreateAsync(Fresh(Spec, api), default);

        Assert.Equal(CreateResult.Refused, answer.Result);
        Assert.Contains(Spec.Key.Name, answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_taken_and_cannot_be_read_is_left_to_the_observer()
    {
        var api = new FakeApi().Fails(409, "AlreadyExists", "there").Fails(404, "NotFound", "gone");

        Assert.Equal(CreateResult.Unknown, (await Executor(api).CreateAsync(Fresh(Spec, api), default)).Result);
    }

    [Fact]
    public async Task One_job_costs_one_create_and_with_credentials_two()
    {
        var api = new FakeApi().Answers(201, Own).Answers(201, Own).Answers(201, Stored);
        var executor = Executor(api);

        await executor.CreateAsync(Fresh(Spec, api), default);
        Assert.Single(api.Asked);
        await executor.CreateAsync(Fresh(Private(new TokenAuth("x")), api), default);
        Assert.Equal(3, api.Asked.Count);

        // What this process has given is not asked for again.
        Assert.Null(await executor.EnsureCredentialsAsync(Private(new TokenAuth("x")), View("u1"), default));
        Assert.Equal(3, api.Asked.Count);
    }

    [Fact]
    public async Task A_run_is_there_whatever_becomes_of_its_secret()
    {
        var api = new FakeApi().Answers(201, Own).Fails(403, "Forbidden", "no secrets").Fails(403, "Forbidden", "no secrets");
        var (executor, spec) = (Executor(api), Fresh(Private(new TokenAuth("x")), api));

        Assert.Equal(CreateResult.Created, (await executor.CreateAsync(spec, default)).Result);
        Assert.Contains("no secrets", await executor.EnsureCredentialsAsync(spec, View("u1"), default), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_is_one_request_for_jobs_and_then_one_for_pods()
    {
        var api = new FakeApi().Answers(200, Empty).Answers(200, Empty);

        var list = await Executor(api).ListAsync(["team"], default);

        Assert.True(list.Whole);
        Assert.Equal(
            [
                "GET /base/apis/batch/v1/namespaces/team/jobs?limit=500&labelSelector=pushcart.dev/installation=inst1",
                "GET /base/api/v1/namespaces/team/pods?limit=500&labelSelector=pushcart.dev/installation=inst1",
            ],
            api.Asked);
    }

    [Fact]
    public async Task A_list_without_its_pods_is_not_whole()
    {
        var api = new FakeApi().Answers(200, Empty).Fails(403, "Forbidden", "pods is forbidden");

        var list = await Executor(api).ListAsync(["team"], default);

        Assert.False(list.Whole);
        Assert.Contains("pods is forbidden", list.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_delete_names_uid_and_version_and_a_run_that_is_gone_is_deleted()
    {
        var api = new FakeApi().Answers(200, Stored).Fails(404, "NotFound", "gone").Fails(409, "Conflict", "changed");
        var executor = Executor(api);

        Assert.True((await executor.DeleteAsync(View("u1"), default)).Accepted);
        Assert.EndsWith("""{"apiVersion":"v1","kind":"DeleteOptions","propagationPolicy":"Foreground","preconditions":{"uid":"u1","resourceVersion":"7"}}""", api.Asked[0], StringComparison.Ordinal);
        Assert.True((await executor.DeleteAsync(View("u1"), default)).Accepted);
        Assert.False((await executor.DeleteAsync(View("u1"), default)).Accepted);
    }

    [Fact]
    public async Task A_ttl_is_patched_and_of_a_run_that_is_gone_it_is_done()
    {
        var api = new FakeApi().Answers(200, Stored).Fails(404, "NotFound", "gone");
        var executor = Executor(api);

        Assert.True((await executor.SetTtlAsync(Spec.Key, TimeSpan.FromHours(2), default)).Done);
        Assert.True((await executor.SetTtlAsync(Spec.Key, TimeSpan.Zero, default)).Done);

        Assert.Equal("PATCH /base/apis/batch/v1/namespaces/team/jobs/build-0123456789abcdefghij-1 {\"spec\":{\"ttlSecondsAfterFinished\":7200}}", api.Asked[0]);
    }

    // The fixed time of the given run is long past.
    private static RunSpec Fresh(RunSpec spec, FakeApi api) => spec with { CreateBefore = api.Time.GetUtcNow().AddSeconds(20) };

    private static RunView View(string uid) => new() { Key = Spec.Key, Uid = uid, Version = "7", Phase = RunPhase.Active };

    private static KubernetesExecutor Executor(FakeApi api) => new(
        api.Client(), new KubernetesExecutorOptions(), _ => Task.FromResult("inst1"), api.Time, NullLogger<KubernetesExecutor>.Instance);
}
