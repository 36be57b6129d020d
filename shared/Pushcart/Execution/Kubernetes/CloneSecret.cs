using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Pushcart.Git;
using Pushcart.Git.Ssh;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// The Secret that brings a run's credentials to its clone step, and to nothing else: of the Job's name, in its namespace, owned by it. It is always a copy, also where
/// the source's own secret stands in that namespace: the source's may come from configuration or Key Vault, it holds what git cannot read as it is (a user name
/// and a password, say), and it may change while the job waits.
/// </summary>
internal static class CloneSecret
{
    /// <summary>Key of git's configuration.</summary>
    public const string GitConfigKey = "gitconfig";

    /// <summary>Key of the certificates that are trusted besides the image's.</summary>
    public const string CertificatesKey = "ca.crt";

    /// <summary>Key of the configuration of <c>ssh</c>.</summary>
    public const string SshConfigKey = "config";

    /// <summary>Key of the list of users.</summary>
    public const string PasswdKey = "passwd";

    /// <summary>True where the clone step needs a Secret.</summary>
    public static bool IsNeeded(GitEndpoint endpoint) => endpoint.Auth.Header is not null || endpoint.Auth is SshAuth || endpoint.CaCertificates is not null;

    /// <summary>The Secret for a run.</summary>
    /// <param name="spec">The run.</param>
    /// <param name="job">Its Job, as it was built.</param>
    /// <param name="uid">The uid of its Job, as it was stored.</param>
    /// <exception cref="GitException">The address of the repository is none.</exception>
    public static JsonObject Build(RunSpec spec, JsonObject job, string uid) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject
        {
            ["name"] = spec.Key.Name,
            ["namespace"] = spec.Key.Namespace,
            ["labels"] = new JsonObject(JobLabels.Of(spec.Installation, spec.Key).Select(label => new KeyValuePair<string, JsonNode?>(label.Key, label.Value))),
            ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "batch/v1", ["kind"] = "Job", ["name"] = spec.Key.Name, ["uid"] = uid }),
        },
        ["type"] = "Opaque",
        ["data"] = Data(spec.Checkout.Endpoint, job),
    };

    /// <summary>
    /// A list of users that has the clone step's, for <c>ssh</c> refuses to work for a user without a name. Null where <c>ssh</c> is not needed, or the user is not
    /// known: the cluster's admission chooses it then, and its runtime names it.
    /// </summary>
    public static string? PasswdOf(GitEndpoint endpoint, JsonObject podSecurity, JsonObject cloner)
    {
        var user = Number(cloner["securityContext"]?["runAsUser"]) ?? Number(podSecurity["runAsUser"]);
        var group = Number(cloner["securityContext"]?["runAsGroup"]) ?? Number(podSecurity["runAsGroup"]) ?? 0;
        return endpoint.Auth is SshAuth && user > 0
            ? string.Create(CultureInfo.InvariantCulture, $"root:x:0:0:root:/root:/bin/sh\npushcart:x:{user}:{group}::{PodDefaults.Home}:/bin/sh\n")
            : null;
    }

    /// <summary>The server of a repository, which credentials and trust are for; null where it is not reached by http.</summary>
    public static string? ServerOf(GitEndpoint endpoint) =>
        Uri.TryCreate(endpoint.RepoUri, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri.GetLeftPart(UriPartial.Authority) + "/" : null;

    private static JsonObject Data(GitEndpoint endpoint, JsonObject job)
    {
        var data = new JsonObject();
        void Add(string key, string? text)
        {
            if (text is not null)
            {
                data[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
            }
        }

        // Git would take the header along to wherever the server redirects to; the script follows only on the same server.
        Add(GitConfigKey, endpoint.Auth.Header is { } header
            ? $"[http]\n\tfollowRedirects = false\n[http {Quoted(ServerOf(endpoint) ?? "")}]\n\textraHeader = {Quoted("Authorization: " + header)}\n"
            : null);
        Add(CertificatesKey, endpoint.CaCertificates is { } certificates ? certificates.ReplaceLineEndings("\n").TrimEnd() + "\n" : null);
        if (endpoint.Auth is SshAuth auth)
        {
            // As for the process executor: ssh reads no key whose last line does not end.
            Add("key", auth.PrivateKey.ReplaceLineEndings("\n").TrimEnd() + "\n");
            Add("known_hosts", auth.KnownHosts.ReplaceLineEndings("\n").TrimEnd() + "\n");
            Add(SshConfigKey, SshFolder.Configuration(SshAddress.Parse(endpoint.RepoUri)));
            var pod = job["spec"]!["template"]!["spec"]!;
            var cloner = ((JsonArray)pod["initContainers"]!).OfType<JsonObject>().First(item => PodMerge.NameOf(item) == PodTemplates.Cloner);
            Add(PasswdKey, PasswdOf(endpoint, (JsonObject)pod["securityContext"]!, cloner));
        }

        return data;
    }

    // What git's configuration reads back as the text.
    private static string Quoted(string text) => "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static long? Number(JsonNode? node) =>
        node is JsonValue value && long.TryParse(value.ToJsonString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
