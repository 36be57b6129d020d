using System.Text.Json.Nodes;

namespace Pushcart.Resources;

/// <summary>What an action's <c>podTemplate</c> may hold. It is the base of the pod; what Pushcart owns of the pod is a fault there.</summary>
public static class PodTemplates
{
    /// <summary>Name of the init container that clones.</summary>
    public const string Cloner = "action-cloner";

    /// <summary>Name of the container that works.</summary>
    public const string Worker = "action-worker";

    /// <summary>Name of the volume that is cloned into. Other containers may mount it: <see cref="WorkFolder"/> of it is the working directory.</summary>
    public const string WorkVolume = "action-workdir";

    /// <summary>The folder of <see cref="WorkVolume"/> that becomes the working directory.</summary>
    public const string WorkFolder = "work";

    /// <summary>Name of the volume with the credentials of the clone step. Nothing else may mount it.</summary>
    public const string CredentialsVolume = "action-credentials";

    /// <summary>What all labels of Pushcart's own begin with.</summary>
    public const string LabelPrefix = "pushcart.dev/";

    private const string Own = "is set by Pushcart; leave it out";

    private static readonly Dictionary<string, string> s_spec = new()
    {
        ["restartPolicy"] = Own + ": a run is one pod, and retries make another run",
        ["activeDeadlineSeconds"] = "is set by Pushcart; use actionJob.activeDeadlineSeconds",
        ["serviceAccountName"] = "is set by Pushcart; use actionJob.serviceAccount",
        ["serviceAccount"] = "is set by Pushcart; use actionJob.serviceAccount",
        ["ephemeralContainers"] = "cannot stand in a template",
    };

    private static readonly Dictionary<string, string> s_worker = new()
    {
        ["image"] = "is set by Pushcart; use actionJob.actionImage",
        ["command"] = "is set by Pushcart; use actionJob.command",
        ["args"] = "is set by Pushcart; use actionJob.args",
        ["workingDir"] = "is set by Pushcart; use actionJob.workdir",
    };

    private static readonly Dictionary<string, string> s_cloner = new()
    {
        ["image"] = "is set by Pushcart; use actionJob.clonerImage",
        ["command"] = Own,
        ["args"] = Own,
        ["workingDir"] = Own,
    };

    // The names that Kubernetes gives to what tells a Job its pods.
    private static readonly string[] s_labels = ["job-name", "controller-uid"];
    private static readonly string[] s_labelPrefixes = [LabelPrefix, "batch.kubernetes.io/"];

    /// <summary>All faults of a template, each with its path below the template. Everything else of it is the cluster's to judge.</summary>
    public static IReadOnlyList<(string Path, string Message)> Check(JsonObject template)
    {
        ArgumentNullException.ThrowIfNull(template);
        var faults = new List<(string, string)>();
        foreach (var (name, _) in template.Where(field => field.Key is not ("metadata" or "spec")))
        {
            faults.Add((Wording.Field("", name), "is no field of a pod template; it has metadata and spec"));
        }

        Metadata(Object(template, "metadata", "", faults), faults);
        if (Object(template, "spec", "", faults) is { } pod)
        {
            Owned(pod, "spec", s_spec, faults);
            Containers(pod, "containers", Worker, s_worker, Cloner, faults);
            Containers(pod, "initContainers", Cloner, s_cloner, Worker, faults);
            Volumes(pod, faults);
        }

        return faults;
    }

    private static void Metadata(JsonObject? metadata, List<(string, string)> faults)
    {
        foreach (var (name, _) in metadata ?? [])
        {
            if (name is not ("labels" or "annotations"))
            {
                faults.Add((Wording.Field("metadata", name), "cannot be set; metadata of a pod template may have labels and annotations"));
            }
            else if (Object(metadata!, name, "metadata", faults) is { } map)
            {
                faults.AddRange(map.Select(item => item.Key).Where(IsOwn).Select(key => (Wording.Field("metadata." + name, key), Own)));
            }
        }
    }

    private static void Containers(JsonObject pod, string field, string own, Dictionary<string, string> owned, string elsewhere, List<(string, string)> faults)
    {
        foreach (var (path, container) in Items(pod, field, faults))
        {
            var name = NameOf(container);
            if (name is null)
            {
                faults.Add((path + ".name", $"is required: {own} is Pushcart's own"));
            }
            else if (name == own)
            {
                Owned(container, path, owned, faults);
            }
            else if (name == elsewhere)
            {
                faults.Add((path + ".name", $"{elsewhere} is Pushcart's own and does not stand in {field}"));
            }

            foreach (var (mount, volume) in Items(container, "volumeMounts", faults, path))
            {
                if (NameOf(volume) == CredentialsVolume)
                {
                    faults.Add((mount + ".name", $"{CredentialsVolume} holds the credentials of the clone step, and only that may mount it"));
                }
            }
        }
    }

    private static void Volumes(JsonObject pod, List<(string, string)> faults)
    {
        foreach (var (path, volume) in Items(pod, "volumes", faults))
        {
            if (NameOf(volume) is WorkVolume or CredentialsVolume)
            {
                faults.Add((path + ".name", $"{NameOf(volume)} is Pushcart's own volume; choose another name"));
            }
        }
    }

    private static void Owned(JsonObject fields, string path, Dictionary<string, string> owned, List<(string, string)> faults) =>
        faults.AddRange(fields.Where(f => f.Value is not null && owned.ContainsKey(f.Key)).Select(f => (Wording.Field(path, f.Key), owned[f.Key])));

    private static bool IsOwn(string key) => s_labels.Contains(key) || s_labelPrefixes.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    private static string? NameOf(JsonObject item) => item["name"] is JsonValue value && value.TryGetValue<string>(out var name) && name.Length > 0 ? name : null;

    private static JsonObject? Object(JsonObject parent, string name, string path, List<(string, string)> faults)
    {
        if (parent[name] is { } node and not JsonObject)
        {
            faults.Add((Wording.Field(path, name), $"must be an object, not {Wording.Describe(node)}"));
        }

        return parent[name] as JsonObject;
    }

    private static List<(string Path, JsonObject Item)> Items(JsonObject parent, string name, List<(string, string)> faults, string path = "spec")
    {
        var found = new List<(string, JsonObject)>();
        var field = Wording.Field(path, name);
        if (parent[name] is { } node and not JsonArray)
        {
            faults.Add((field, $"must be a list, not {Wording.Describe(node)}"));
        }

        foreach (var (i, item) in (parent[name] as JsonArray ?? []).Index())
        {
            if (item is JsonObject one)
            {
                found.Add(($"{field}[{i}]", one));
            }
            else
            {
                faults.Add(($"{field}[{i}]", "must be an object"));
            }
        }

        return found;
    }
}
