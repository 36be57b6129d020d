namespace Pushcart.Execution.Kubernetes.Client.Kubeconfigs;

/// <summary>
/// One or several kubeconfigs, merged as kubectl does: of each cluster, user, context and of current-context the first file that has it counts,
/// whole; a file of a list that is not there is passed over.
/// </summary>
internal sealed class Kubeconfig
{
    private readonly IReadOnlyList<ConfigMap> _files;

    private Kubeconfig(IReadOnlyList<ConfigMap> files) => _files = files;

    /// <summary>Paths of the files that are there, for messages.</summary>
    public string Paths => string.Join(Path.PathSeparator, _files.Select(file => file.File));

    /// <summary>Reads the files.</summary>
    /// <param name="chosen">Chosen by a person: it must be there; null: by the environment.</param>
    /// <param name="environment">Variables of the process.</param>
    /// <param name="home">The user's home directory.</param>
    public static Kubeconfig Open(string? chosen, Func<string, string?> environment, string home)
    {
        IReadOnlyList<string> paths = chosen is { Length: > 0 } ? [chosen]
            : environment("KUBECONFIG") is { Length: > 0 } list ? [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Distinct()]
            : [Path.Combine(home, ".kube", "config")];
        var files = paths.Select(KubeconfigFile.Read).OfType<ConfigMap>().ToList();
        return files.Count > 0
            ? new Kubeconfig(files)
            : throw new KubeconfigException($"there is no kubeconfig: {string.Join(", ", paths)} does not exist; set KUBECONFIG, or name a file");
    }

    /// <summary>Name of the context that counts where none is named.</summary>
    public string? CurrentContext => _files.Select(file => file.Text("current-context")).FirstOrDefault(name => name is not null);

    /// <summary>The context of this name.</summary>
    public ConfigMap Context(string name) => Find("contexts", "context", name) ?? throw new KubeconfigException(
        $"kubeconfig {Paths}: there is no context {Wording.Quote(name)}; there {(Names("contexts") is { Length: > 0 } names ? "are " + names : "is none")}");

    /// <summary>The cluster that the context names.</summary>
    public ConfigMap Cluster(ConfigMap context) => Named(context, "cluster", "clusters");

    /// <summary>The user that the context names; null where it names none.</summary>
    public ConfigMap? User(ConfigMap context) => context.Has("user") ? Named(context, "user", "users") : null;

    private ConfigMap Named(ConfigMap context, string field, string list)
    {
        var name = context.Required(field);
        return Find(list, field, name) ?? throw context.Wrong(field, $"names {Wording.Quote(name)}, which is not in {list}");
    }

    private ConfigMap? Find(string list, string field, string name) => _files
        .SelectMany(file => file.Maps(list))
        .FirstOrDefault(entry => entry.Text("name") == name)
        ?.Map(field);

    private string Names(string list) => string.Join(", ", _files.SelectMany(file => file.Maps(list)).Select(entry => entry.Text("name")).OfType<string>().Distinct().Take(20).Select(Wording.Quote));
}
