using System.Text.Json.Nodes;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>
/// Makes a run's Kubernetes Job.
/// <list type="number">
/// <item>The pod template of the action is the base; what Pushcart owns replaces what stands there.</item>
/// <item>The clone step goes before all other init containers, the work before all other containers.</item>
/// <item>Every container gets the default security context and resources; Settings replace those, and the template has the last word.</item>
/// </list>
/// It holds no secret. All fields are of Kubernetes 1.20, and mean the same since.
/// </summary>
internal static class JobBuilder
{
    /// <summary>The Job of a spec.</summary>
    /// <exception cref="ArgumentException">There is no image for the work.</exception>
    public static JsonObject Build(RunSpec spec)
    {
        // 1. The base.
        var template = PodMerge.Copy(spec.PodTemplate);
        var metadata = PodMerge.Copy(template["metadata"]);
        var labels = Map([.. spec.Labels, .. JobLabels.Of(spec.Installation, spec.Key)]);
        var annotations = Map(spec.Annotations);
        return new JsonObject
        {
            ["apiVersion"] = "batch/v1",
            ["kind"] = "Job",
            ["metadata"] = new JsonObject
            {
                ["name"] = spec.Key.Name,
                ["namespace"] = spec.Key.Namespace,
                ["labels"] = labels,
                ["annotations"] = annotations,
            },
            ["spec"] = new JsonObject
            {
                ["backoffLimit"] = 0,
                ["parallelism"] = 1,

                // Without it, and with parallelism set, Kubernetes takes the Job for a queue of work.
                ["completions"] = 1,
                ["activeDeadlineSeconds"] = Seconds(spec.Deadline, atLeast: 1),
                ["ttlSecondsAfterFinished"] = Seconds(spec.Ttl, atLeast: 0),
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject
                    {
                        ["labels"] = PodMerge.Over(PodMerge.Copy(metadata["labels"]), labels),
                        ["annotations"] = PodMerge.Over(PodMerge.Copy(metadata["annotations"]), annotations),
                    },
                    ["spec"] = Pod(spec, PodMerge.Copy(template["spec"])),
                },
            },
        };
    }

    /// <summary>Seconds as the API takes them: whole ones, no fewer than given.</summary>
    public static int Seconds(TimeSpan time, int atLeast) => (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), atLeast, int.MaxValue);

    /// <summary>A text as Kubernetes leaves it alone: it would take <c>$(NAME)</c> for a variable and <c>$$</c> for <c>$</c>.</summary>
    public static string Literal(string text) => text.Replace("$", "$$", StringComparison.Ordinal);

    private static JsonObject Pod(RunSpec spec, JsonObject pod)
    {
        var security = PodMerge.Over(spec.PodSecurityContext ?? PodDefaults.PodSecurityContext(), pod["securityContext"] as JsonObject);
        pod["restartPolicy"] = "Never";
        pod["securityContext"] = security;
        Set(pod, "serviceAccountName", spec.ServiceAccount);
        Set(pod, "affinity", spec.Affinity?.DeepClone());
        if (spec.NodeSelector.Count > 0)
        {
            pod["nodeSelector"] = PodMerge.Over(PodMerge.Copy(pod["nodeSelector"]), Map(spec.NodeSelector));
        }

        if (spec.Tolerations is { } tolerations)
        {
            pod["tolerations"] = PodMerge.Named(pod["tolerations"] as JsonArray ?? [], tolerations);
        }

        // 2. and 3. The containers.
        pod["initContainers"] = Containers(spec, pod["initContainers"], PodTemplates.Cloner, container => CloneStep.Complete(container, spec, security));
        pod["containers"] = Containers(spec, pod["containers"], PodTemplates.Worker, container => Work(container, spec));
        pod["volumes"] = PodMerge.Named(CloneStep.Volumes(spec), pod["volumes"] as JsonArray);
        return pod;
    }

    private static JsonArray Containers(RunSpec spec, JsonNode? given, string own, Action<JsonObject> complete)
    {
        var (others, mine) = (new List<JsonObject>(), new JsonObject { ["name"] = own });
        foreach (var container in (given as JsonArray ?? []).OfType<JsonObject>())
        {
            if (PodMerge.NameOf(container) == own)
            {
                mine = PodMerge.Copy(container);
            }
            else
            {
                others.Add(PodMerge.Copy(container));
            }
        }

        foreach (var container in others.Prepend(mine))
        {
            container["securityContext"] = PodMerge.Over(spec.SecurityContext ?? PodDefaults.SecurityContext(), container["securityContext"] as JsonObject);
            container["resources"] = PodMerge.Resources(spec.Resources ?? PodDefaults.Resources(), container["resources"] as JsonObject);
        }

        complete(mine);
        return [mine, .. others];
    }

    private static void Work(JsonObject container, RunSpec spec)
    {
        container["image"] = spec.Image ?? throw new ArgumentException("there is no image for the work", nameof(spec));
        container["workingDir"] = spec.Workdir;
        SetOrRemove(container, "command", spec.Command);
        SetOrRemove(container, "args", spec.Args);

        // Pushcart's come first, so that those of the template may refer to them.
        var home = (container["env"] as JsonArray ?? []).Any(item => PodMerge.NameOf(item) == "HOME") ? [] : new[] { Variable("HOME", PodDefaults.Home) };
        var variables = spec.Environment.Append(new(spec.WorkdirVariable, spec.Workdir)).DistinctBy(v => v.Key).OrderBy(v => v.Key, StringComparer.Ordinal);
        container["env"] = PodMerge.Named([.. home, .. variables.Select(v => Variable(v.Key, v.Value))], container["env"] as JsonArray);
        container["volumeMounts"] = new JsonArray(
        [
            new JsonObject { ["name"] = PodTemplates.WorkVolume, ["mountPath"] = spec.Workdir, ["subPath"] = PodTemplates.WorkFolder },
            .. (container["volumeMounts"] as JsonArray ?? []).Select(item => item?.DeepClone()),
        ]);
    }

    /// <summary>A variable with a value that means just itself.</summary>
    public static JsonObject Variable(string name, string value) => new() { ["name"] = name, ["value"] = Literal(value) };

    private static JsonObject Map(IEnumerable<KeyValuePair<string, string>> items)
    {
        var map = new JsonObject();
        foreach (var (key, value) in items)
        {
            map[key] = value;
        }

        return map;
    }

    private static void Set(JsonObject target, string name, JsonNode? value)
    {
        if (value is not null)
        {
            target[name] = value;
        }
    }

    private static void SetOrRemove(JsonObject target, string name, IReadOnlyList<string> texts)
    {
        target.Remove(name);
        if (texts.Count > 0)
        {
            target[name] = new JsonArray([.. texts.Select(text => (JsonNode)text)]);
        }
    }
}
