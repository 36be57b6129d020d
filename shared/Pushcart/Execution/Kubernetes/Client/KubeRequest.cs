using System.Text.Json.Nodes;

namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>One request, as often as it is sent.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path below the server's address, escaped.</param>
/// <param name="What">What it does, for messages: <c>get jobs "a" in namespace "b"</c>.</param>
internal sealed record KubeRequest(HttpMethod Method, string Path, string What)
{
    /// <summary>The query, not escaped.</summary>
    public IReadOnlyList<(string Name, string Value)> Query { get; init; } = [];

    /// <summary>The body, or null.</summary>
    public JsonObject? Content { get; init; }

    /// <summary>Type of the body.</summary>
    public string MediaType { get; init; } = "application/json";

    /// <summary>True where it must not be repeated, whatever the answer.</summary>
    public bool Once { get; init; }

    /// <summary>From then on nothing is sent.</summary>
    public DateTimeOffset? SendBefore { get; init; }

    /// <summary>The types of answer that are taken.</summary>
    public string Accept { get; init; } = "application/json";

    /// <summary>The address below a server.</summary>
    public Uri Address(Uri server)
    {
        var query = string.Join('&', Query.Select(q => $"{q.Name}={Uri.EscapeDataString(q.Value)}"));
        return new Uri(server.AbsoluteUri.TrimEnd('/') + "/" + Path + (query.Length == 0 ? "" : "?" + query));
    }
}
