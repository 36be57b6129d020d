namespace Pushcart.Resources.Manifests;

/// <summary>
/// Collects the faults of one document. Of each path only the first is kept: a value that could not be read (an alias, say)
/// would otherwise be reported a second time as missing.
/// </summary>
internal sealed class Faults
{
    private readonly List<(string Path, string Message)> _found = [];
    private readonly HashSet<string> _paths = new(StringComparer.Ordinal);

    public IReadOnlyList<(string Path, string Message)> Found => _found;

    public bool Any => _found.Count > 0;

    public void Add(string path, string message)
    {
        if (_paths.Add(path))
        {
            _found.Add((path, message));
        }
    }
}
