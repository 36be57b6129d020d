using System.Text.Json;

namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The settings of a developer's machine: <c>Values</c> of local.settings.json. The environment wins over them.</summary>
internal static class LocalSettings
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>The settings of the first of the folders that has the file; empty where none has. What is wrong goes into <paramref name="faults"/>.</summary>
    public static Dictionary<string, string?> Read(ICollection<string> faults, params string[] folders)
    {
        var path = folders.Select(folder => Path.Combine(folder, "local.settings.json")).FirstOrDefault(File.Exists);
        if (path is null)
        {
            return [];
        }

        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), Lenient);
            var root = document.RootElement;
            if (root.TryGetProperty("IsEncrypted", out var encrypted) && encrypted.ValueKind == JsonValueKind.True)
            {
                faults.Add($"{path} is encrypted, which only the Functions tools can read: write it with \"IsEncrypted\": false");
            }

            return root.TryGetProperty("Values", out var values) && values.ValueKind == JsonValueKind.Object
                ? values.EnumerateObject().ToDictionary(
                    value => value.Name.Replace("__", ":", StringComparison.Ordinal),
                    value => value.Value.ValueKind == JsonValueKind.Null ? null : value.Value.ToString(),
                    StringComparer.OrdinalIgnoreCase)
                : [];
        }
        catch (JsonException e)
        {
            faults.Add($"{path} is not valid JSON, line {e.LineNumber + 1}: mend it, or remove it");
            return [];
        }
    }
}
