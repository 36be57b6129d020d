using System.Text.RegularExpressions;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>
/// What to do about a right that is missing. A 403 has other reasons too (a quota, an admission rule, a namespace that is being deleted), and only the sentence tells
/// which: the one of the API's authorizer, the same since Kubernetes 1.8.
/// </summary>
internal static partial class KubeRights
{
    private const string Components = "infra/kubernetes/server/components";

    /// <summary>The next step, as the end of a sentence; empty where the API's words speak of no right, or of one that no component gives.</summary>
    /// <param name="said">What the API said. It names verb, resource and namespace itself.</param>
    public static string Advice(string said)
    {
        if (Missing().Match(said) is not { Success: true } right)
        {
            return "";
        }

        var (verb, resource) = (right.Groups["verb"].Value, right.Groups["resource"].Value);
        if (right.Groups["ns"] is not { Success: true, Value: var ns })
        {
            return resource is "jobs" or "pods" ? "; a ClusterRole must allow it, or Kubernetes:AllNamespaces must be false" : "";
        }

        var component = (verb, resource) switch
        {
            ("get", "secrets") => $"{Components}/secret-namespace, or job-namespace where jobs run there",
            (_, "jobs" or "pods" or "pods/log" or "events" or "secrets") => $"{Components}/job-namespace",
            _ => null,
        };
        return component is null ? "" : $"; if the namespace {Wording.Quote(ns)} is there, give it the component {component} (docs/operating.md, In a cluster)";
    }

    [GeneratedRegex("cannot (?<verb>[a-z]+) resource \"(?<resource>[^\"]+)\" in API group \"[^\"]*\" (in the namespace \"(?<ns>[^\"]+)\"|at the cluster scope)", RegexOptions.ExplicitCapture)]
    private static partial Regex Missing();
}
