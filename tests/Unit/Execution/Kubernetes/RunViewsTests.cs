using System.Text.Json.Nodes;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

/// <summary>What is read from a Job and its pods, row by row of what a cluster can show.</summary>
public sealed class RunViewsTests
{
    private const string Complete = """{"startTime":"2026-01-01T00:00:00Z","completionTime":"2026-01-01T00:01:00Z","succeeded":1,"conditions":[{"type":"Complete","status":"True"}]}""";
    private const string Running = """{"startTime":"2026-01-01T00:00:00Z","active":1}""";
    private static readonly RunKey s_key = new("team", "build-1", "1", 1);
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_job_that_is_complete_has_succeeded_with_what_the_work_left_as_its_message()
    {
        var view = View(Complete, """{"phase":"Succeeded","containerStatuses":[{"name":"action-worker","state":{"terminated":{"exitCode":0,"reason":"Completed","message":"42 files\n"}}}]}""");

        Assert.Equal((RunPhase.Succeeded, 0, null, "42 files", false), (view.Phase, view.ExitCode, view.Reason, view.Message, view.Alive));
        Assert.Equal((s_start, s_start.AddMinutes(1)), (view.StartedAt, view.EndedAt));
    }

    [Fact]
    public void Newer_servers_first_words_of_an_end_are_none_yet()
    {
        Assert.Equal(RunPhase.Active, View("""{"conditions":[{"type":"SuccessCriteriaMet","status":"True"}]}""", """{"phase":"Succeeded"}""").Phase);
        Assert.Equal(RunPhase.Active, View("""{"conditions":[{"type":"FailureTarget","status":"True"}]}""", """{"phase":"Failed"}""").Phase);
    }

    [Theory]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"action-worker","state":{"terminated":{"exitCode":3,"reason":"Error"}}}]}""", "Error", null, 3)]
    [InlineData("""{"phase":"Failed","containerStatuses":[{"name":"action-worker","state":{"terminated":{"exitCode":137,"reason":"OOMKilled"}}}]}""", "OOMKilled", null, 137)]
    [InlineData("""{"phase":"Failed","reason":"Evicted","message":"The node was low on memory."}""", "Evicted", "The node was low on memory.", null)]
    [InlineData("""{"phase":"Failed","conditions":[{"type":"DisruptionTarget","status":"True","reason":"DeletionByTaintManager","message":"taint"}]}""", "DeletionByTaintManager", "taint", null)]
    [InlineData("""{"phase":"Failed","initContainerStatuses":[{"name":"action-cloner","state":{"terminated":{"exitCode":1,"reason":"Error","message":"cannot clone x\n"}}}]}""", "CloneFailed", "cannot clone x", null)]
    [InlineData("""{"phase":"Failed","initContainerStatuses":[{"name":"prepare","state":{"terminated":{"exitCode":2,"reason":"Error"}}}]}""", "Error", "the container prepare ended with code 2", null)]
    [InlineData("""{"phase":"Failed"}""", "BackoffLimitExceeded", "limit", null)]
    public void A_failed_job_says_why_as_its_pod_does(string pod, string reason, string? message, int? code)
    {
        var view = View(Failed("BackoffLimitExceeded", "limit"), pod);

        Assert.Equal((RunPhase.Failed, reason, message, code, false), (view.Phase, view.Reason, view.Message, view.ExitCode, view.Alive));
        Assert.Equal(s_start.AddMinutes(2), view.EndedAt);
    }

    [Fact]
    public void A_deadline_is_the_reason_whatever_the_pod_says_and_the_pod_is_waited_for()
    {
        var view = View(Failed("DeadlineExceeded", "too long"), """{"phase":"Running","containerStatuses":[{"name":"action-worker","state":{"running":{}}}]}""");

        Assert.Equal((RunPhase.Failed, "DeadlineExceeded", true, null), (view.Phase, view.Reason, view.Alive, view.ExitCode));
    }

    [Fact]
    public void A_pod_whose_phase_is_written_before_its_containers_ended_is_alive()
    {
        Assert.True(View(Failed("BackoffLimitExceeded", ""), """{"phase":"Failed","reason":"Evicted","containerStatuses":[{"name":"action-worker","state":{"running":{}}}]}""").Alive);
    }

    [Theory]
    [InlineData("ErrImagePull", true)]
    [InlineData("ImagePullBackOff", true)]
    [InlineData("InvalidImageName", true)]
    [InlineData("CreateContainerConfigError", false)]
    [InlineData("ContainerCreating", false)]
    public void Only_errors_of_images_count_against_the_pending_limit(string reason, bool counts)
    {
        var view = View(Running, """{"phase":"Pending","containerStatuses":[{"name":"action-worker","state":{"waiting":{"reason":"REASON","message":"m"}}}],"conditions":[{"type":"Initialized","status":"True","lastTransitionTime":"2026-01-01T00:00:30Z"}]}""".Replace("REASON", reason, StringComparison.Ordinal));

        Assert.Equal(counts ? s_start.AddSeconds(30) : null, view.ImageErrorSince);
        Assert.Equal(reason switch { "ErrImagePull" => "ImagePullBackOff", "ContainerCreating" => null, _ => reason }, view.Reason);
    }

    [Fact]
    public void Since_when_an_image_fails_its_events_know_best()
    {
        const string Events = """
            [{"involvedObject":{"uid":"pod-0","fieldPath":"spec.initContainers{action-cloner}"},"reason":"Failed","message":"Failed to pull image \"x\": not there","firstTimestamp":"2026-01-01T00:04:00Z","lastTimestamp":"2026-01-01T00:08:00Z"},
             {"involvedObject":{"uid":"pod-0","fieldPath":"spec.initContainers{action-cloner}"},"reason":"Failed","message":"Error: ErrImagePull","firstTimestamp":"2026-01-01T00:04:01Z","lastTimestamp":"2026-01-01T00:08:00Z"},
             {"involvedObject":{"uid":"other","fieldPath":"spec.initContainers{action-cloner}"},"reason":"Failed","message":"Error: ErrImagePull","firstTimestamp":"2026-01-01T00:00:01Z"}]
            """;
        var view = View(Running, """{"phase":"Pending","startTime":"2026-01-01T00:00:02Z","initContainerStatuses":[{"name":"action-cloner","state":{"waiting":{"reason":"ImagePullBackOff","message":"Back-off"}}}]}""", Events);

        Assert.Equal((s_start.AddMinutes(4), "ImagePullBackOff", "Failed to pull image \"x\": not there"), (view.ImageErrorSince, view.Reason, view.Message));
    }

    [Fact]
    public void A_pod_that_waits_for_a_node_says_so_and_no_image_is_to_blame()
    {
        var view = View(Running, """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"0/1 nodes"}]}""");

        Assert.Equal((RunPhase.Active, "Unschedulable", "0/1 nodes", null), (view.Phase, view.Reason, view.Message, view.ImageErrorSince));
    }

    [Fact]
    public void Where_the_pod_cannot_be_created_the_text_of_the_event_is_the_reason_also_at_the_deadline()
    {
        const string Events = """[{"involvedObject":{"uid":"job-uid"},"reason":"FailedCreate","message":"Error creating: exceeded quota","lastTimestamp":"2026-01-01T00:00:01Z"}]""";

        foreach (var status in new[] { """{"startTime":"2026-01-01T00:00:00Z"}""", Failed("DeadlineExceeded", "too long") })
        {
            var view = View(status, null, Events);
            Assert.Equal(("FailedCreate", "Error creating: exceeded quota"), (view.Reason, view.Message));
        }
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("""{"phase":"Pending"}""", true)]
    [InlineData("""{"phase":"Pending","initContainerStatuses":[{"name":"action-cloner","state":{"waiting":{"reason":"PodInitializing"}}}]}""", true)]
    [InlineData("""{"phase":"Pending","initContainerStatuses":[{"name":"action-cloner","state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}""", false)]
    public void A_run_with_credentials_awaits_them_until_its_clone_step_begins(string? pod, bool awaits)
    {
        Assert.Equal(awaits, View(Running, pod, credentials: true).AwaitsCredentials);
        Assert.False(View(Running, pod).AwaitsCredentials);
    }

    [Fact]
    public void Of_a_job_that_is_gone_only_what_is_alive_is_seen()
    {
        Assert.Null(RunViews.OfRest(s_key, "uid", [Pod("""{"phase":"Succeeded"}""", 0)]));
        Assert.Equal((RunPhase.Gone, true), (RunViews.OfRest(s_key, "uid", [Pod("""{"phase":"Running"}""", 0)])!.Phase, true));
    }

    private static string Failed(string reason, string message) =>
        $$$"""{"startTime":"2026-01-01T00:00:00Z","failed":1,"conditions":[{"type":"Failed","status":"True","reason":"{{{reason}}}","message":"{{{message}}}","lastTransitionTime":"2026-01-01T00:02:00Z"}]}""";

    private static RunView View(string status, string? pod, string events = "[]", bool credentials = false)
    {
        var job = (JsonObject)JsonNode.Parse($$$"""{"metadata":{"uid":"job-uid","resourceVersion":"7","creationTimestamp":"2026-01-01T00:00:00Z"},"status":{{{status}}}}""")!;
        if (credentials)
        {
            job["spec"] = JobBuilder.Build(GivenRun.Private(new Pushcart.Git.TokenAuth("x")))["spec"]!.DeepClone();
        }

        var listed = ((JsonArray)JsonNode.Parse(events)!).Cast<JsonObject>().ToList();
        return RunViews.Of(s_key, job, pod is null ? [] : [Pod(pod, 0)], new RunEvents(listed));
    }

    private static PodState Pod(string status, int n) => new((JsonObject)JsonNode.Parse(
        $$$"""{"metadata":{"name":"pod-{{{n}}}","uid":"pod-{{{n}}}","creationTimestamp":"2026-01-01T00:00:01Z"},"status":{{{status}}}}""")!);
}
