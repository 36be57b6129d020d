namespace Pushcart.Execution.Kubernetes.Client;

/// <summary>A kind of object, as the API's paths name it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version: <c>v1</c>.</param>
/// <param name="Plural">The name in paths: <c>jobs</c>.</param>
public sealed record KubeResource(string Group, string Version, string Plural)
{
    /// <summary>Jobs of <c>batch/v1</c>.</summary>
    public static KubeResource Jobs { get; } = new("batch", "v1", "jobs");

    /// <summary>Pods.</summary>
    public static KubeResource Pods { get; } = new("", "v1", "pods");

    /// <summary>Secrets.</summary>
    public static KubeResource Secrets { get; } = new("", "v1", "secrets");

    /// <summary>Events of the core group.</summary>
    public static KubeResource Events { get; } = new("", "v1", "events");

    /// <summary>Namespaces; they stand in no namespace themselves.</summary>
    public static KubeResource Namespaces { get; } = new("", "v1", "namespaces");

    /// <summary>The path of all objects of the kind, or of one.</summary>
    internal string Path(string? ns, string? name = null)
    {
        var root = Group.Length == 0 ? $"api/{Version}" : $"apis/{Group}/{Version}";
        var place = ns is null ? root : $"{root}/namespaces/{Segment(ns)}";
        return name is null ? $"{place}/{Plural}" : $"{place}/{Plural}/{Segment(name)}";
    }

    // A name with a slash would be another path, and "." or ".." would vanish from it.
    private static string Segment(string name) => name is "" or "." or ".."
        ? throw new ArgumentException($"{Wording.Quote(name)} is no name of an object", nameof(name))
        : Uri.EscapeDataString(name);
}

/// <summary>A list, read to its end.</summary>
/// <param name="Items">The objects. <c>kind</c> and <c>apiVersion</c> are missing in them, as the API leaves them out.</param>
/// <param name="ResourceVersion">The version of the state that was listed; all pages show the same.</param>
public sealed record KubeList(IReadOnlyList<System.Text.Json.Nodes.JsonObject> Items, string ResourceVersion);

/// <summary>What is to become of the objects that one owns, when it is deleted.</summary>
public enum KubePropagation
{
    /// <summary>The object goes only after what it owns.</summary>
    Foreground,

    /// <summary>The object goes at once, what it owns afterwards.</summary>
    Background,

    /// <summary>What it owns stays.</summary>
    Orphan,
}

/// <summary>How an object is deleted.</summary>
/// <param name="Propagation">What becomes of what it owns.</param>
/// <param name="Uid">Only this object, not a later one of the same name; null: any.</param>
/// <param name="ResourceVersion">Only while it is unchanged; null: however it is.</param>
public sealed record KubeDelete(KubePropagation Propagation, string? Uid = null, string? ResourceVersion = null);

/// <summary>The version of the server.</summary>
/// <param name="Major">The first number.</param>
/// <param name="Minor">The second number; a provider's suffix (<c>28+</c>) is left out.</param>
/// <param name="GitVersion">As the server writes it: <c>v1.30.2</c>.</param>
public sealed record KubeVersion(int Major, int Minor, string GitVersion);

/// <summary>Which log of a pod.</summary>
/// <param name="Namespace">Namespace of the pod.</param>
/// <param name="Pod">Name of the pod.</param>
/// <param name="Container">Name of the container; null where the pod has only one.</param>
/// <param name="Previous">True for the log of the container before it was started again.</param>
public sealed record KubeLog(string Namespace, string Pod, string? Container = null, bool Previous = false);
