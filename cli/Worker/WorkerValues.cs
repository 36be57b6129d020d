using System.Text.Json;

namespace Pushcart.Cli.Worker;

/// <summary>The values of a worker's settings: of a flag, else of the environment, else of a file, else the default.</summary>
internal sealed class WorkerValues
{
    private static readonly JsonDocumentOptions s_json = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private readonly Dictionary<string, (string Value, string From)> _values = new(StringComparer.Ordinal);

    private WorkerValues()
    {
    }

    /// <summary>What is wrong so far.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>Reads them.</summary>
    /// <param name="flags">Values of flags by name; null where one was not given.</param>
    /// <param name="environment">Values of variables.</param>
    /// <param name="file">A JSON file; null: none.</param>
    public static WorkerValues Read(Func<string, string?> flags, Func<string, string?> environment, string? file)
    {
        var values = new WorkerValues();
        var fields = file is null ? [] : values.Fields(file);
        foreach (var option in WorkerOption.All)
        {
            (string? Value, string From)[] places =
            [
                (flags(option.Name), $"--{option.Name}"),
                (environment(option.Variable), option.Variable),
                (fields.GetValueOrDefault(option.Name), file ?? ""),
                (option.Default, "default"),
            ];
            var (value, from) = places.FirstOrDefault(p => !string.IsNullOrWhiteSpace(p.Value));
            if (value is not null)
            {
                values._values[option.Name] = (value.Trim(), from);
            }
        }

        return values;
    }

    /// <summary>A value; null where nothing is said.</summary>
    public string? this[string name] => _values.TryGetValue(name, out var found) ? found.Value : null;

    /// <summary>Where a value comes from; null where nothing is said.</summary>
    public string? From(string name) => _values.TryGetValue(name, out var found) ? found.From : null;

    /// <summary>True where a setting without a value is on.</summary>
    public bool Has(string name)
    {
        var value = this[name];
        if (value is null or "true" or "false")
        {
            return value == "true";
        }

        Errors.Add($"{name}: '{value}' ({From(name)}) is not true or false");
        return false;
    }

    /// <summary>A duration within a range.</summary>
    public TimeSpan Duration(string name, TimeSpan least, TimeSpan most)
    {
        if (Pushcart.Duration.TryParseSetting(this[name]!, out var value, out var error) && value >= least && value <= most)
        {
            return value;
        }

        Errors.Add($"{name}: '{this[name]}' ({From(name)}) is not a duration from {least.TotalSeconds:0.###}s to {most.TotalHours:0.#}h{(error is null ? "" : $": {error}")}");
        return least;
    }

    /// <summary>Every setting with its value and where it comes from; secrets are not shown.</summary>
    public IEnumerable<string> Lines() => WorkerOption.All.Select(option => _values.TryGetValue(option.Name, out var found)
        ? $"{option.Name} = {(option.IsSecret ? "(set, not shown)" : found.Value)}   ({found.From})"
        : $"{option.Name} =");

    private Dictionary<string, string?> Fields(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file), s_json);
            var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var field in document.RootElement.EnumerateObject())
            {
                if (WorkerOption.All.All(o => o.Name != field.Name))
                {
                    Errors.Add($"{file}: there is no setting {field.Name}; 'pushcart worker --help' lists them");
                    continue;
                }

                fields[field.Name] = Text(field.Value);
            }

            return fields;
        }
        catch (JsonException e)
        {
            // Not the message of the fault: it may quote what stands there.
            Errors.Add($"{file}: it is no JSON object, from line {(e.LineNumber ?? 0) + 1} on");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            Errors.Add(e is InvalidOperationException ? $"{file}: it is no JSON object" : $"{file}: it cannot be read: {e.Message}");
        }

        return [];
    }

    // Labels may be written as an object.
    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Object => string.Join(',', value.EnumerateObject().Select(p => $"{p.Name}={p.Value}")),
        _ => value.GetRawText(),
    };
}
