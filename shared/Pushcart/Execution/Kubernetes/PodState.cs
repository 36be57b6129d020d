using System.Text.Json.Nodes;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>What one pod of a run shows.</summary>
internal sealed class PodState(JsonObject pod)
{
    /// <summary>Reasons of a waiting container that are the image's. A configuration error is not: what it waits for may be on its way.</summary>
    private static readonly string[] s_imageErrors =
        ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"];

    /// <summary>Name.</summary>
    public string Name => pod.TextAt("metadata", "name") ?? "";

    /// <summary>Uid.</summary>
    public string Uid => pod.TextAt("metadata", "uid") ?? "";

    /// <summary>Created.</summary>
    public DateTimeOffset? CreatedAt => pod.TimeAt("metadata", "creationTimestamp");

    /// <summary>Its phase.</summary>
    public string? Phase => pod.TextAt("status", "phase");

    /// <summary>
    /// True where something of it may still be at work. An older kubelet writes the phase of a pod that it evicts, or that exceeds its deadline, before
    /// its containers have ended.
    /// </summary>
    public bool IsAlive => Phase is not ("Succeeded" or "Failed") || Statuses.Any(s => s.At("state", "running") is not null);

    /// <summary>True once the clone step has begun: its volumes are mounted.</summary>
    public bool HasBegun => Phase is "Succeeded" or "Failed" || HasStarted(Status(PodTemplates.Cloner));

    /// <summary>The container whose log tells most: the work's, and where that never started the clone step's. Null where neither did.</summary>
    public string? LogContainer => HasStarted(Status(PodTemplates.Worker)) ? PodTemplates.Worker : HasStarted(Status(PodTemplates.Cloner)) ? PodTemplates.Cloner : null;

    /// <summary>What the work left when it ended, or null.</summary>
    public JsonNode? WorkEnd => Status(PodTemplates.Worker).At("state", "terminated");

    private IEnumerable<JsonObject> Statuses => pod.ItemsAt("status", "initContainerStatuses").Concat(pod.ItemsAt("status", "containerStatuses"));

    /// <summary>Why it failed: the pod's own reason (an eviction, say), or the container's that failed.</summary>
    public (string? Reason, string? Message, int? ExitCode) Failure()
    {
        if (pod.TextAt("status", "reason") is { } reason)
        {
            return (reason, pod.TextAt("status", "message"), null);
        }

        if (WorkEnd is { } end && end.NumberAt("exitCode") is { } code && code != 0)
        {
            return (end.TextAt("reason") ?? "Error", end.TextAt("message")?.Trim(), code);
        }

        var failed = Statuses.FirstOrDefault(s => s.NumberAt("state", "terminated", "exitCode") is { } other && other != 0);
        var terminated = failed.At("state", "terminated");
        var name = failed.TextAt("name");
        return failed is null
            ? (pod.Condition("DisruptionTarget").TextAt("reason"), pod.Condition("DisruptionTarget").TextAt("message"), null)
            : name == PodTemplates.Cloner
                ? ("CloneFailed", terminated.TextAt("message")?.Trim() ?? $"the clone step ended with code {terminated.NumberAt("exitCode")}", null)
                : (terminated.TextAt("reason") ?? "Error", $"the container {name} ended with code {terminated.NumberAt("exitCode")}", null);
    }

    /// <summary>Why it waits, in Kubernetes' words; null where it does not, or only as every pod does.</summary>
    public (string Reason, string? Message)? Waiting()
    {
        if (pod.Condition("PodScheduled", "False") is { } unscheduled)
        {
            return (unscheduled.TextAt("reason") ?? "Unschedulable", unscheduled.TextAt("message"));
        }

        var waiting = Statuses.Select(s => s.At("state", "waiting")).FirstOrDefault(w => w.TextAt("reason") is not (null or "PodInitializing" or "ContainerCreating"));
        return waiting is null ? null : (waiting.TextAt("reason")!, waiting.TextAt("message"));
    }

    /// <summary>The container whose image cannot be had, or null.</summary>
    /// <returns>
    /// The name, the path by which events name it, the reason, the message, and since when it may have been so at the earliest: a waiting
    /// container has no time of its own.
    /// </returns>
    public (string Container, string FieldPath, string? Message, string Reason, DateTimeOffset? Earliest)? ImageError()
    {
        foreach (var (field, path, since) in new[]
        {
            ("initContainerStatuses", "spec.initContainers", pod.Condition("PodScheduled")),
            ("containerStatuses", "spec.containers", pod.Condition("Initialized")),
        })
        {
            foreach (var status in pod.ItemsAt("status", field))
            {
                var waiting = status.At("state", "waiting");
                if (status.TextAt("name") is { } name && waiting.TextAt("reason") is { } reason && s_imageErrors.Contains(reason))
                {
                    // The two follow each other in turn, and are one error.
                    var one = reason == "ErrImagePull" ? "ImagePullBackOff" : reason;
                    return (name, $"{path}{{{name}}}", waiting.TextAt("message"), one, since.TimeAt("lastTransitionTime") ?? pod.TimeAt("status", "startTime") ?? CreatedAt);
                }
            }
        }

        return null;
    }

    private JsonObject? Status(string container) => Statuses.FirstOrDefault(s => s.TextAt("name") == container);

    private static bool HasStarted(JsonObject? status) =>
        status.At("state", "running") is not null
        || (status.At("state", "terminated") is { } end && end.TimeAt("startedAt") is { } started && started > DateTimeOffset.UnixEpoch);
}
