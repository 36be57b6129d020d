using System.Globalization;
using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>Lists, page by page. The pages of one list show the state of one moment, or the server says that the moment is too long ago.</summary>
internal sealed class KubeLists(KubeRequests requests, KubeLimits limits)
{
    public async Task<KubeAnswer<KubeList>> ReadAsync(
        KubeResource resource, string? ns, string? labelSelector, string? fieldSelector, CancellationToken cancellation)
    {
        var first = new KubeRequest(HttpMethod.Get, resource.Path(ns), $"list {resource.Plural} in {(ns is null ? "all namespaces" : "namespace " + Wording.Quote(ns))}")
        {
            Query =
            [
                ("limit", limits.PageSize.ToString(CultureInfo.InvariantCulture)),
                .. labelSelector is null ? Array.Empty<(string, string)>() : [("labelSelector", labelSelector)],
                .. fieldSelector is null ? Array.Empty<(string, string)>() : [("fieldSelector", fieldSelector)],
            ],
        };
        for (var restarts = 0; ; restarts++)
        {
            var answer = await OnceAsync(first, cancellation).ConfigureAwait(false);
            if (answer.Failure is not { Kind: KubeFailureKind.Gone } || restarts >= limits.ListRestarts)
            {
                return answer;
            }
        }
    }

    private async Task<KubeAnswer<KubeList>> OnceAsync(KubeRequest first, CancellationToken cancellation)
    {
        var items = new List<JsonObject>();
        for (var request = first; ;)
        {
            var page = await requests.JsonAsync(request, cancellation).ConfigureAwait(false);
            if (page.Failure is { } failure)
            {
                return failure;
            }

            if (page.Value!["items"] is not JsonArray listed || page.Value["metadata"] is not JsonObject metadata || listed.Any(item => item is not JsonObject))
            {
                return requests.NotKubernetes(first);
            }

            items.AddRange(listed.Select(item => (JsonObject)item!));
            listed.Clear();
            if (KubeJson.Text(metadata["continue"]) is not { Length: > 0 } next)
            {
                return new KubeList(items, KubeJson.Text(metadata["resourceVersion"]) ?? "");
            }

            if (items.Count >= limits.ListItems)
            {
                return new KubeFailure(KubeFailureKind.Invalid, $"{requests.Where(first)}: the list holds more than {limits.ListItems} objects, which is more than is read");
            }

            request = first with { Query = [.. first.Query, ("continue", next)] };
        }
    }
}
