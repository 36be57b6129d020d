using Pushcart.Resources;
using Pushcart.Resources.Manifests;

namespace Pushcart.Triggers.Steering;

/// <summary>Manifests in a file, in a folder (all <c>.yaml</c>, <c>.yml</c> and <c>.json</c> in it), or on standard input (<c>-</c>).</summary>
/// <param name="path">Where they are.</param>
/// <param name="standardInput">Standard input.</param>
/// <param name="time">The time: a schedule that can never fire again is a fault.</param>
/// <param name="option">The option that says where they are, for messages.</param>
public sealed class ManifestFiles(string path, TextReader standardInput, TimeProvider time, string option = "--manifests")
{
    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>Where they are.</summary>
    public string Path { get; } = path;

    /// <summary>True for standard input, which is read once and never changes.</summary>
    public bool IsStandardInput => Path == "-";

    /// <summary>Reads them all.</summary>
    /// <returns>The manifests, what is referred to before what refers to it; or all that is wrong with them, each with file, document and path.</returns>
    public async Task<(IReadOnlyList<Manifest> Manifests, IReadOnlyList<string> Errors)> ReadAsync(CancellationToken cancellation)
    {
        var manifests = new List<Manifest>();
        var errors = new List<string>();
        foreach (var (name, read) in Files(errors))
        {
            string text;
            try
            {
                text = await read(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                errors.Add($"{name}: cannot be read: {e.Message}");
                continue;
            }

            var set = ManifestReader.Read(text, name, time.GetUtcNow());
            errors.AddRange(set.Errors.Select(e => e.ToString()));
            foreach (var manifest in set.Manifests)
            {
                if (manifests.Find(m => m.Name == manifest.Name) is { } other)
                {
                    errors.Add($"{manifest.Where}: {manifest.Name} stands in {other.Where} already; each resource once");
                }

                manifests.Add(manifest);
            }
        }

        return ([.. manifests.OrderBy(m => m.Spec is TriggerSpec)], errors);
    }

    private IEnumerable<(string Name, Func<CancellationToken, Task<string>> Read)> Files(List<string> errors)
    {
        if (IsStandardInput)
        {
            return [("standard input", standardInput.ReadToEndAsync)];
        }

        if (File.Exists(Path))
        {
            return [(Path, stop => File.ReadAllTextAsync(Path, stop))];
        }

        if (!Directory.Exists(Path))
        {
            errors.Add($"{Path}: there is no such file or folder; {option} takes FILE, DIR or -");
            return [];
        }

        var files = Directory.EnumerateFiles(Path).Where(f => Extensions.Contains(System.IO.Path.GetExtension(f))).Order(StringComparer.Ordinal).ToList();
        return files.Select(f => (f, (Func<CancellationToken, Task<string>>)(stop => File.ReadAllTextAsync(f, stop))));
    }
}
