using System.Text.Json.Nodes;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>Reads a run from its Job and pods.</summary>
internal static class RunViews
{
    /// <summary>True where the Job has no pod although it had the time to make one: its events may say why.</summary>
    public static bool LacksPod(JsonObject job, IReadOnlyList<PodState> pods, DateTimeOffset now) =>
        pods.Count == 0 && PhaseOf(job) != RunPhase.Succeeded && now - job.TimeAt("metadata", "creationTimestamp") > TimeSpan.FromSeconds(5);

    /// <summary>A run whose Job is there.</summary>
    public static RunView Of(RunKey key, JsonObject job, IReadOnlyList<PodState> pods, RunEvents events)
    {
        var phase = PhaseOf(job);
        var view = new RunView
        {
            Key = key,
            Uid = job.TextAt("metadata", "uid") ?? "",
            Version = job.TextAt("metadata", "resourceVersion") ?? "",
            Phase = phase,
            Terminating = job.TextAt("metadata", "deletionTimestamp") is not null,

            // A Job that has not ended may make its pod at any moment.
            Alive = phase == RunPhase.Active || pods.Any(pod => pod.IsAlive),
            Pods = Math.Max(pods.Count, Count(job, "active") + Count(job, "succeeded") + Count(job, "failed")),
            CreatedAt = job.TimeAt("metadata", "creationTimestamp") ?? default,
            StartedAt = job.TimeAt("status", "startTime"),
        };
        return phase switch
        {
            RunPhase.Succeeded => Succeeded(view, job, pods),
            RunPhase.Failed => Failed(view, job, pods, events),
            _ => Active(view, job, pods, events),
        };
    }

    /// <summary>A run whose Job is gone, and of which something is still alive; null where nothing is.</summary>
    public static RunView? OfRest(RunKey key, string uid, IReadOnlyList<PodState> pods) => !pods.Any(pod => pod.IsAlive) ? null : new RunView
    {
        Key = key,
        Uid = uid,
        Version = "",
        Phase = RunPhase.Gone,
        Alive = true,
        Pods = pods.Count,
        CreatedAt = pods.Min(pod => pod.CreatedAt) ?? default,
    };

    private static RunView Succeeded(RunView view, JsonObject job, IReadOnlyList<PodState> pods) => view with
    {
        EndedAt = job.TimeAt("status", "completionTime") ?? job.Condition("Complete").TimeAt("lastTransitionTime"),
        ExitCode = 0,
        Message = Last(pods.Where(pod => pod.Phase == "Succeeded"))?.WorkEnd.TextAt("message")?.Trim(),
    };

    private static RunView Failed(RunView view, JsonObject job, IReadOnlyList<PodState> pods, RunEvents events)
    {
        var condition = job.Condition("Failed");
        view = view with { EndedAt = condition.TimeAt("lastTransitionTime"), Reason = condition.TextAt("reason"), Message = condition.TextAt("message") };
        if (pods.Count == 0 && events.FailedCreate(view.Uid) is { } why)
        {
            return view with { Reason = "FailedCreate", Message = why };
        }

        if (view.Reason == "DeadlineExceeded" || Last(pods.Where(pod => pod.Phase == "Failed")) is not { } failed)
        {
            return view;
        }

        var (reason, message, code) = failed.Failure();
        return reason is null ? view : view with { Reason = reason, Message = message, ExitCode = code };
    }

    private static RunView Active(RunView view, JsonObject job, IReadOnlyList<PodState> pods, RunEvents events)
    {
        if (Last(pods.Where(pod => pod.IsAlive)) is not { } pod)
        {
            return events.FailedCreate(view.Uid) is { } why ? view with { Reason = "FailedCreate", Message = why, AwaitsCredentials = HasCredentials(job) }
                : view with { AwaitsCredentials = HasCredentials(job) && pods.Count == 0 };
        }

        view = view with { AwaitsCredentials = HasCredentials(job) && !view.Terminating && !pod.HasBegun };
        if (pod.ImageError() is { } image)
        {
            var (since, message) = events.ImageError(pod.Uid, image.FieldPath);
            return view with { Reason = image.Reason, Message = message ?? image.Message, ImageErrorSince = since ?? image.Earliest ?? view.CreatedAt };
        }

        return pod.Waiting() is { } waiting ? view with { Reason = waiting.Reason, Message = waiting.Message } : view;
    }

    // Newer servers set SuccessCriteriaMet and FailureTarget before: those are no end yet.
    private static RunPhase PhaseOf(JsonObject job) =>
        job.Condition("Complete") is not null ? RunPhase.Succeeded : job.Condition("Failed") is not null ? RunPhase.Failed : RunPhase.Active;

    private static PodState? Last(IEnumerable<PodState> pods) => pods.MaxBy(pod => pod.CreatedAt);

    private static int Count(JsonObject job, string field) => job.NumberAt("status", field) ?? 0;

    private static bool HasCredentials(JsonObject job) =>
        job.ItemsAt("spec", "template", "spec", "volumes").Any(volume => volume.TextAt("name") == PodTemplates.CredentialsVolume);
}
