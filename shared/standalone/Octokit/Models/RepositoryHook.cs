namespace Octokit;

/// <summary>A webhook.</summary>
public class RepositoryHook
{
    /// <summary>Its id.</summary>
    public int Id { get; private set; }

    /// <summary>What it is told.</summary>
    public IReadOnlyList<string> Events { get; private set; } = [];

    /// <summary>True where it is told.</summary>
    public bool Active { get; private set; }

    /// <summary><c>url</c>, <c>content_type</c>, <c>insecure_ssl</c>; <c>secret</c>, hidden, where it has one.</summary>
    public IReadOnlyDictionary<string, string> Config { get; private set; } = new Dictionary<string, string>();
}

/// <summary>A webhook to be made.</summary>
public class NewRepositoryHook(string name, IReadOnlyDictionary<string, string> config)
{
    /// <summary><c>web</c>.</summary>
    public string Name { get; } = name;

    /// <summary><c>url</c>, <c>content_type</c>, <c>secret</c>, <c>insecure_ssl</c>.</summary>
    public IReadOnlyDictionary<string, string> Config { get; protected set; } = config;

    /// <summary>What it is told.</summary>
    public IEnumerable<string>? Events { get; set; }

    /// <summary>True where it is told.</summary>
    public bool Active { get; set; }
}

/// <summary>A change of a webhook.</summary>
public class EditRepositoryHook(IDictionary<string, string>? config)
{
    /// <summary>Its whole configuration; null: as it is.</summary>
    public IDictionary<string, string>? Config { get; } = config;

    /// <summary>What it is told; null: as it is.</summary>
    public IEnumerable<string>? Events { get; set; }

    /// <summary>True where it is told; null: as it is.</summary>
    public bool? Active { get; set; }
}
