using System.Globalization;
using System.Text.Json.Nodes;
using Pushcart.Execution.Kubernetes.Client;
using Pushcart.Resources;

namespace Pushcart.Execution.Kubernetes;

/// <summary>The labels by which a run's objects are found, and told from others'.</summary>
internal static class JobLabels
{
    /// <summary>The installation.</summary>
    public const string Installation = PodTemplates.LabelPrefix + "installation";

    /// <summary>The job.</summary>
    public const string JobId = PodTemplates.LabelPrefix + "job-id";

    /// <summary>The run.</summary>
    public const string Run = PodTemplates.LabelPrefix + "run";

    private const int Longest = 63;

    /// <summary>Labels that say whose run it is.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(string installation, RunKey key) =>
    [
        new(Installation, Value(installation)),
        new(JobId, Value(key.JobId)),
        new(Run, key.Run.ToString(CultureInfo.InvariantCulture)),
    ];

    /// <summary>Selects all runs of an installation.</summary>
    public static string SelectorOf(string installation) => $"{Installation}={Value(installation)}";

    /// <summary>Selects what belongs to one run.</summary>
    public static string SelectorOf(string installation, RunKey key) => string.Join(',', Of(installation, key).Select(label => $"{label.Key}={label.Value}"));

    /// <summary>True where an object is of this run.</summary>
    public static bool Carries(JsonObject item, string installation, RunKey key) =>
        Of(installation, key).All(label => KubeJson.Text(item["metadata"]?["labels"]?[label.Key]) == label.Value);

    /// <summary>The run that an object is of; null where its labels name none.</summary>
    /// <param name="item">The object.</param>
    /// <param name="name">The name of its Job.</param>
    public static RunKey? KeyOf(JsonObject item, string? name)
    {
        var labels = item["metadata"]?["labels"];
        return name is not null
            && KubeJson.Text(item["metadata"]?["namespace"]) is { } ns
            && KubeJson.Text(labels?[JobId]) is { } id
            && int.TryParse(KubeJson.Text(labels?[Run]), NumberStyles.None, CultureInfo.InvariantCulture, out var run)
                ? new RunKey(ns, name, id, run)
                : null;
    }

    /// <summary>A text as a label's value: at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit.</summary>
    public static string Value(string text)
    {
        ReadOnlySpan<char> trimmed = ['-', '_', '.'];
        var valid = string.Concat(text.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '-')).AsSpan().TrimStart(trimmed);
        return (valid.Length > Longest ? valid[..Longest] : valid).TrimEnd(trimmed).ToString();
    }
}
