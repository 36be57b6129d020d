using System.Text.Json.Nodes;

namespace Pushcart.Tests.Cluster.Execution.Kubernetes.Client;

/// <summary>The objects that the tests of the client create.</summary>
internal static class Objects
{
    public static string? Uid(JsonObject seen) => seen["metadata"]?["uid"]?.GetValue<string>();

    public static JsonObject Secret(string name) => JsonNode.Parse($$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{name}}"},"stringData":{"a":"1"} }""")!.AsObject();

    public static JsonObject ServiceAccount(string name) => JsonNode.Parse($$"""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"{{name}}"} }""")!.AsObject();

    /// <summary>A Job whose one pod runs a line of shell.</summary>
    public static JsonObject Job(string name, string line, string? serviceAccount = null)
    {
        var job = JsonNode.Parse($$"""
            {"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"{{name}}","labels":{"test":"{{name}}"} },
             "spec":{"backoffLimit":0,"template":{"metadata":{"labels":{"test":"{{name}}"} },
               "spec":{"restartPolicy":"Never","terminationGracePeriodSeconds":1,"containers":[{"name":"work","image":"{{TestCluster.Image}}","imagePullPolicy":"IfNotPresent"}]} } } }
            """)!.AsObject();
        var pod = job["spec"]!["template"]!["spec"]!;
        pod["containers"]![0]!["command"] = new JsonArray("sh", "-c", line);
        if (serviceAccount is not null)
        {
            pod["serviceAccountName"] = serviceAccount;
        }

        return job;
    }
}
