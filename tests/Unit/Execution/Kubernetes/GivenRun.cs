using System.Text.Json.Nodes;
using Pushcart.Execution;
using Pushcart.Execution.Kubernetes;
using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Tests.Unit.Execution.Kubernetes;

/// <summary>A run as the default action makes it, and its Job.</summary>
internal static class GivenRun
{
    public static readonly string Commit = new('a', 40);

    public static RunSpec Spec { get; } = new()
    {
        Key = new("team", "build-0123456789abcdefghij-1", "0123456789abcdefghij", 1),
        Installation = "inst1",
        ClaimKey = "key",
        CreateBefore = DateTimeOffset.UnixEpoch,
        Checkout = new() { Endpoint = new GitEndpoint("https://git.example.org/app.git"), Commit = Commit, Reference = "refs/heads/main" },
        Environment = new Dictionary<string, string> { ["ACTION_JOB_WORKDIR"] = "/action_workdir", ["ACTION_JOB_JOB_RUN"] = "1" },
        WorkdirVariable = "ACTION_JOB_WORKDIR",
        Workdir = "/action_workdir",
        Image = "registry.example.org/build:1",
        Deadline = TimeSpan.FromHours(1),
        Ttl = TimeSpan.FromDays(7),
        Labels = new Dictionary<string, string> { ["team"] = "x", ["pushcart.dev/action-name"] = "build" },
    };

    public static RunSpec Private(GitAuth auth, string uri = "https://git.example.org/app.git") =>
        Spec with { Checkout = Spec.Checkout with { Endpoint = new GitEndpoint(uri) { Auth = auth } } };

    public static RunSpec With(string podTemplate) => Spec with { PodTemplate = (JsonObject)JsonNode.Parse(podTemplate)! };

    public static JsonNode Pod(RunSpec spec) => JobBuilder.Build(spec)["spec"]!["template"]!["spec"]!;

    public static JsonObject Worker(RunSpec spec) => Container(spec, "containers", PodTemplates.Worker);

    public static JsonObject Cloner(RunSpec spec) => Container(spec, "initContainers", PodTemplates.Cloner);

    public static string Json(JsonNode? node) => node?.ToJsonString(new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? "null";

    private static JsonObject Container(RunSpec spec, string field, string name) =>
        ((JsonArray)Pod(spec)[field]!).Cast<JsonObject>().Single(item => item["name"]!.GetValue<string>() == name);
}
