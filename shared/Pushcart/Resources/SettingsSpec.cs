using System.Text.Json.Nodes;

namespace Pushcart.Resources;

/// <summary>
/// What actions and triggers get where they say nothing, and how many jobs run at once: the one resource of <c>kind: Settings</c>. It is in effect within a poll,
/// without a restart; a job keeps what stood here when it was submitted. Without the resource, the values below stand.
/// </summary>
public sealed record SettingsSpec : Spec
{
    /// <summary>The name of the one resource.</summary>
    public const string ResourceName = "default";

    /// <summary>What stands where there is no resource.</summary>
    public static SettingsSpec BuiltIn { get; } = new();

    /// <summary>Jobs of the built-in worker that run at once, from 1 to 1,000. Default 16.</summary>
    public int MaxRunningJobs { get; init; } = 16;

    /// <summary>Image of the work; null: an action needs one of its own.</summary>
    public string? ActionImage { get; init; }

    /// <summary>Image of the clone step; null: Pushcart's choice.</summary>
    public string? ClonerImage { get; init; }

    /// <summary>Service account of the pod; null: the namespace's default.</summary>
    public string? ServiceAccount { get; init; }

    /// <summary>Working directory in a container. Default <c>/action_workdir</c>.</summary>
    public string Workdir { get; init; } = "/action_workdir";

    /// <summary>Prefix of the variables. Default <c>ACTION_JOB_</c>.</summary>
    public string VariablesPrefix { get; init; } = "ACTION_JOB_";

    /// <summary>Seconds from a run's start to its end at most. Default 3,600.</summary>
    public int ActiveDeadlineSeconds { get; init; } = 3600;

    /// <summary>Seconds that a job may wait at most. Default 86,400.</summary>
    public int JobWaitingTimeoutSeconds { get; init; } = 86_400;

    /// <summary>Seconds that an ended run is kept once its end is on record. Default 7,200.</summary>
    public int TtlSecondsAfterFinished { get; init; } = 7200;

    /// <summary>Seconds that images may fail to come. Default 300.</summary>
    public int PendingLimitSeconds { get; init; } = 300;

    /// <summary>Security context of the pod, as Kubernetes writes it; null: Pushcart's own, which Pod Security <c>restricted</c> admits.</summary>
    public JsonObject? PodSecurityContext { get; init; }

    /// <summary>Security context of each container, as Kubernetes writes it; null: Pushcart's own.</summary>
    public JsonObject? SecurityContext { get; init; }

    /// <summary>Requests and limits of each container, as Kubernetes writes them; null: Pushcart's own.</summary>
    public JsonObject? Resources { get; init; }

    /// <summary>The header that carries a webhook trigger's secret. Default <c>x-trigger-auth</c>.</summary>
    public string TriggerAuthHeader { get; init; } = "x-trigger-auth";
}
