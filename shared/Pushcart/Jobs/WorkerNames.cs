namespace Pushcart.Jobs;

/// <summary>Names of registered workers: <c>NAME</c>, or <c>NAME/pod</c> where several pods share a name.</summary>
public static class WorkerNames
{
    /// <summary>The part that an action asks for.</summary>
    /// <param name="worker"><c>NAME</c> or <c>NAME/pod</c>.</param>
    public static string NameOf(string worker) => worker.Split('/')[0];
}

/// <summary>Labels of workers as one text: <c>a=b,c=d</c>, in order of their keys. No key and no value holds either sign.</summary>
public static class WorkerLabels
{
    /// <summary>The text; null without any.</summary>
    public static string? Write(IEnumerable<KeyValuePair<string, string>>? labels)
    {
        var text = string.Join(',', (labels ?? []).OrderBy(label => label.Key, StringComparer.Ordinal).Select(label => $"{label.Key}={label.Value}"));
        return text.Length == 0 ? null : text;
    }

    /// <summary>The labels of a text.</summary>
    public static IReadOnlyDictionary<string, string> Read(string? text) => string.IsNullOrEmpty(text)
        ? new Dictionary<string, string>()
        : text.Split(',').Select(label => label.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
}

/// <summary>
/// Keys of registered workers' claims: <c>process--draw</c>. The first part is one process's own, so that a request of it which arrives late, after another process has come, or after it has
/// claimed more itself, is told from one that returns.
/// </summary>
public static class ClaimKeys
{
    private const string Between = "--";

    /// <summary>Draws a key.</summary>
    /// <param name="process">What the process has drawn for itself, once.</param>
    /// <param name="chance">Chance.</param>
    public static string New(string process, Chance chance)
    {
        ArgumentNullException.ThrowIfNull(chance);
        return $"{process}{Between}{chance.NewId()[..16]}";
    }

    /// <summary>The part that is a process's own; null where the key has none.</summary>
    public static string? ProcessOf(string? key) => key?.IndexOf(Between, StringComparison.Ordinal) is { } at and > 0 ? key[..at] : null;
}
