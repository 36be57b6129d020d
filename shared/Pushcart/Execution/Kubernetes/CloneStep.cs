using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Execution.Process.Child;
using Pushcart.Git;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// The init container that clones: an image with git and a POSIX shell, and a script of Pushcart's own. It works in a folder of the volume that it makes itself,
/// so that git finds the user's own directory there and not root's; that folder is the working directory of the work.
/// </summary>
internal static class CloneStep
{
    /// <summary>The image where neither action nor Settings name one.</summary>
    public const string DefaultImage = "docker.io/alpine/git:v2.47.2";

    /// <summary>Where the volume is mounted.</summary>
    public const string VolumePath = "/pushcart/volume";

    /// <summary>Where the credentials are mounted.</summary>
    public const string CredentialsPath = "/pushcart/credentials";

    private const string Passwd = "/etc/passwd";
    private static readonly Lazy<string> s_script = new(ReadScript);

    /// <summary>The script.</summary>
    public static string Script => s_script.Value;

    /// <summary>Fills in what is Pushcart's of the container.</summary>
    /// <param name="container">The container of the template, with its security context.</param>
    /// <param name="spec">The run.</param>
    /// <param name="podSecurity">The pod's security context.</param>
    public static void Complete(JsonObject container, RunSpec spec, JsonObject podSecurity)
    {
        container["image"] = spec.ClonerImage ?? DefaultImage;
        container["command"] = new JsonArray("sh", "-c");
        container["args"] = new JsonArray(JobBuilder.Literal(Script));
        container["workingDir"] = VolumePath;
        container["env"] = PodMerge.Named(Variables(spec.Checkout).Select(v => JobBuilder.Variable(v.Name, v.Value)), container["env"] as JsonArray);
        var mounts = new List<JsonNode?> { new JsonObject { ["name"] = PodTemplates.WorkVolume, ["mountPath"] = VolumePath } };
        if (CloneSecret.IsNeeded(spec.Checkout.Endpoint))
        {
            mounts.Add(new JsonObject { ["name"] = PodTemplates.CredentialsVolume, ["mountPath"] = CredentialsPath, ["readOnly"] = true });
            if (CloneSecret.PasswdOf(spec.Checkout.Endpoint, podSecurity, container) is not null)
            {
                mounts.Add(new JsonObject
                {
                    ["name"] = PodTemplates.CredentialsVolume,
                    ["mountPath"] = Passwd,
                    ["subPath"] = CloneSecret.PasswdKey,
                    ["readOnly"] = true,
                });
            }
        }

        container["volumeMounts"] = new JsonArray([.. mounts, .. (container["volumeMounts"] as JsonArray ?? []).Select(item => item?.DeepClone())]);
    }

    /// <summary>The volumes of the pod that are Pushcart's.</summary>
    public static IEnumerable<JsonObject> Volumes(RunSpec spec)
    {
        yield return new JsonObject { ["name"] = PodTemplates.WorkVolume, ["emptyDir"] = new JsonObject() };
        if (CloneSecret.IsNeeded(spec.Checkout.Endpoint))
        {
            yield return new JsonObject
            {
                ["name"] = PodTemplates.CredentialsVolume,

                // Whatever user the clone step has: it alone mounts the volume.
                ["secret"] = new JsonObject { ["secretName"] = spec.Key.Name, ["defaultMode"] = Convert.ToInt32("444", 8) },
            };
        }
    }

    private static IEnumerable<(string Name, string Value)> Variables(CheckoutSpec checkout)
    {
        var endpoint = checkout.Endpoint;
        yield return ("PUSHCART_VOLUME", VolumePath);
        yield return ("PUSHCART_REPOSITORY", endpoint.RepoUri);
        yield return ("PUSHCART_SERVER", CloneSecret.ServerOf(endpoint) ?? "");
        yield return ("PUSHCART_COMMIT", checkout.Commit);
        yield return ("PUSHCART_REFERENCE", checkout.Reference ?? "");
        yield return ("PUSHCART_DEPTH", checkout.Depth.ToString(CultureInfo.InvariantCulture));
        yield return ("PUSHCART_SUBMODULES", Flag(checkout.Submodules));
        yield return ("PUSHCART_KEEP_GIT", Flag(checkout.PreserveGitFolder));
        yield return ("PUSHCART_DEBUG", Flag(checkout.Debug));
        yield return ("PUSHCART_NO_VERIFY", Flag(endpoint.NoVerifySsl));
        yield return ("PUSHCART_CREDENTIALS", CloneSecret.IsNeeded(endpoint) ? CredentialsPath : "");
        yield return ("GIT_SSH_COMMAND", endpoint.Auth is SshAuth ? $"cd {CredentialsPath} && exec ssh -F ./{CloneSecret.SshConfigKey}" : CheckoutSsh.NoKey);
    }

    private static string Flag(bool value) => value ? "1" : "";

    private static string ReadScript()
    {
        using var stream = typeof(CloneStep).Assembly.GetManifestResourceStream("clone.sh") ?? throw new InvalidOperationException("clone.sh is not in the assembly");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
