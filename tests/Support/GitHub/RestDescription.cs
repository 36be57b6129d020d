using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pushcart.Tests.Support.GitHub;

/// <summary>
/// GitHub's description of its REST API (OpenAPI), from the npm package <c>@octokit/openapi</c>. The package, 29 MB, comes by npm once a user, is checked against the pinned
/// hash, and of it one file is kept.
/// </summary>
public sealed class RestDescription
{
    private const string Entry = "package/generated/api.github.com.json";
    private static readonly Lazy<Task<RestDescription>> s_loaded = new(ReadAsync);
    private readonly JsonObject _document;
    private readonly List<(string Method, Regex Path, JsonObject Operation)> _operations = [];

    private RestDescription(JsonObject document)
    {
        _document = document;

        // Fixed words before parameters: /repos/{owner}/{repo}/hooks is no /repos/{owner}/{repo}/{other}.
        foreach (var (path, item) in document["paths"]!.AsObject().OrderBy(p => p.Key.Count(c => c == '{')))
        {
            var pattern = new Regex("^" + Regex.Replace(path, @"\{[^}]+\}", "[^/]+") + "$");
            _operations.AddRange(item!.AsObject().Where(o => o.Value is JsonObject).Select(o => (o.Key.ToUpperInvariant(), pattern, o.Value!.AsObject())));
        }
    }

    /// <summary>The description; loaded once a process.</summary>
    public static Task<RestDescription> LoadAsync() => s_loaded.Value;

    /// <summary>What of a request and its answer is not as described.</summary>
    public IEnumerable<string> Check(GitHubRequest request, GitHubReply reply)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(reply);
        var found = _operations.Find(o => o.Method == request.Method && o.Path.IsMatch(request.Path));
        if (found.Operation is not { } operation)
        {
            return [$"{request}: there is no such operation"];
        }

        var schemas = new RestSchemas(_document);
        var parameters = (operation["parameters"]?.AsArray() ?? []).Select(p => schemas.Resolve(p!)).Where(p => (string?)p["in"] == "query").ToList();
        var faults = request.Query.Keys.Where(q => parameters.TrueForAll(p => (string?)p["name"] != q)).Select(q => $"{request}: there is no parameter {q}").ToList();
        if (operation["requestBody"]?["content"]?["application/json"]?["schema"] is { } asked)
        {
            faults.AddRange(schemas.Faults(request.Json, asked, "request").Select(f => $"{request}: {f}"));
        }
        else if (request.Body.Length > 0)
        {
            faults.Add($"{request}: it takes no body");
        }

        // Every operation may answer what is not described of it: 401, 403 of limits, 5xx.
        if (operation["responses"]?[reply.Status.ToString(System.Globalization.CultureInfo.InvariantCulture)] is { } described)
        {
            if (schemas.Resolve(described)["content"]?["application/json"]?["schema"] is { } schema)
            {
                faults.AddRange(schemas.Faults(reply.Body, schema, "answer").Select(f => $"{request} {reply.Status}: {f}"));
            }
        }
        else if (reply.Status < 400)
        {
            faults.Add($"{request}: {reply.Status} is not described");
        }

        return faults;
    }

    private static async Task<RestDescription> ReadAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "GitHub", "openapi");
        var locked = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "package-lock.json")))!["packages"]!["node_modules/@octokit/openapi"]!;
        var (version, integrity) = ((string)locked["version"]!, (string)locked["integrity"]!);
        var cache = Path.Combine(CacheFolder(), $"octokit-openapi-{version}");
        var file = Path.Combine(cache, "api.github.com.json");
        if (!File.Exists(file))
        {
            await InstallAsync(version, integrity, cache, file);
        }

        return new(JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject());
    }

    private static async Task InstallAsync(string version, string integrity, string cache, string file)
    {
        var folder = Directory.CreateTempSubdirectory("pushcart-openapi-").FullName;
        try
        {
            var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["pack", $"@octokit/openapi@{version}", "--silent"])
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var npm = Process.Start(start)!;
            var (output, error) = (npm.StandardOutput.ReadToEndAsync(), npm.StandardError.ReadToEndAsync());
            await npm.WaitForExitAsync();
            var package = npm.ExitCode == 0 ? Directory.GetFiles(folder, "*.tgz").SingleOrDefault() : null;
            package = package ?? throw new InvalidOperationException($"npm could not fetch @octokit/openapi {version}: {await output} {await error}");
            await using var bytes = File.OpenRead(package);
            var hash = "sha512-" + Convert.ToBase64String(await SHA512.HashDataAsync(bytes));
            if (hash != integrity)
            {
                throw new InvalidOperationException($"@octokit/openapi {version} has the hash {hash}, not {integrity}");
            }

            bytes.Position = 0;
            await using var tar = new TarReader(new GZipStream(bytes, CompressionMode.Decompress));
            while (await tar.GetNextEntryAsync() is { } entry)
            {
                if (entry.Name == Entry)
                {
                    // Beside and renamed, so that it is whole or absent; whoever was faster has the same.
                    Directory.CreateDirectory(cache);
                    var unfinished = Path.Combine(cache, Path.GetFileName(folder));
                    await entry.ExtractToFileAsync(unfinished, overwrite: true);
                    File.Move(unfinished, file, overwrite: true);
                    return;
                }
            }

            throw new InvalidOperationException($"@octokit/openapi {version} holds no {Entry}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string CacheFolder() => Path.Combine(
        Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache"),
        "pushcart");
}
