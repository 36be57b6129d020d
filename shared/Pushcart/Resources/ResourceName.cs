namespace Pushcart.Resources;

/// <summary>The kinds of resource.</summary>
public enum ResourceKind
{
    /// <summary>A git repository of a namespace.</summary>
    GitRepo,

    /// <summary>A git repository for all namespaces.</summary>
    ClusterGitRepo,

    /// <summary>Looks at sources by interval or cron.</summary>
    ScheduleTrigger,

    /// <summary>Looks at sources when it is asked to by HTTP.</summary>
    WebhookTrigger,

    /// <summary>A job to run, of a namespace.</summary>
    Action,

    /// <summary>A job to run, for all namespaces.</summary>
    ClusterAction,

    /// <summary>What holds where others say nothing: one resource of the installation.</summary>
    Settings,
}

/// <summary>What is true of kinds.</summary>
public static class ResourceKinds
{
    /// <summary>True where resources of the kind belong to no namespace.</summary>
    public static bool IsOfCluster(this ResourceKind kind) => kind is ResourceKind.ClusterGitRepo or ResourceKind.ClusterAction or ResourceKind.Settings;
}

/// <summary>Names one resource.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Namespace">Its namespace; null for cluster kinds.</param>
/// <param name="Name">Its name.</param>
public sealed record ResourceName(ResourceKind Kind, string? Namespace, string Name)
{
    /// <summary><c>GitRepo default/app</c>, <c>ClusterAction build</c>.</summary>
    public override string ToString() => Namespace is null ? $"{Kind} {Name}" : $"{Kind} {Namespace}/{Name}";
}
