using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// What a pod gets where neither Settings nor its template say anything: what Pod Security <c>restricted</c> and a ResourceQuota on cpu and memory admit.
/// Only fields that Kubernetes has had since 1.19.
/// </summary>
internal static class PodDefaults
{
    /// <summary>The user, group and group of volumes: nobody's in most images, and not root.</summary>
    public const int User = 1000;

    /// <summary>The home of that user: most images have none for it, and /tmp is always there.</summary>
    public const string Home = "/tmp";

    /// <summary>Security context of the pod.</summary>
    public static JsonObject PodSecurityContext() => new()
    {
        ["runAsNonRoot"] = true,
        ["runAsUser"] = User,
        ["runAsGroup"] = User,
        ["fsGroup"] = User,
        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
    };

    /// <summary>Security context of each container.</summary>
    public static JsonObject SecurityContext() => new()
    {
        ["allowPrivilegeEscalation"] = false,
        ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
    };

    /// <summary>Requests and limits of each container.</summary>
    public static JsonObject Resources() => new()
    {
        ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "128Mi" },
        ["limits"] = new JsonObject { ["cpu"] = "2", ["memory"] = "2Gi" },
    };
}
