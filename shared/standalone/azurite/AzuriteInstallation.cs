using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pushcart.Standalone.Azurite;

/// <summary>Azurite as npm installs it: once a user, in a cache folder whose name holds the hash of the lock file.</summary>
internal static class AzuriteInstallation
{
    private const int OldestNode = 20;

    /// <summary>The pinned version.</summary>
    public static string Version { get; } = ReadVersion();

    /// <summary>Makes sure that Azurite is installed, and answers the path of its main script.</summary>
    /// <exception cref="AzuriteException">Node or npm is missing, too old or failed.</exception>
    public static async Task<string> EnsureAsync(
        string? cacheFolder, Action<string> progress, TimeProvider time, CancellationToken cancellationToken)
    {
        await RequireNodeAsync(cancellationToken).ConfigureAwait(false);
        var cache = cacheFolder ?? DefaultCache();
        Directory.CreateDirectory(cache);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Resource("package-lock.json")))[..12];
        var folder = Path.Combine(cache, $"azurite-{Version}-{hash}");
        var script = Path.Combine(folder, "node_modules", "azurite", "dist", "src", "azurite.js");
        if (File.Exists(script))
        {
            return script;
        }

        using (await FileLock.TakeAsync(folder + ".lock", exclusive: true, time, cancellationToken).ConfigureAwait(false))
        {
            if (!File.Exists(script))
            {
                progress($"installing Azurite {Version} with npm (once, about 20 s) …");
                await InstallAsync(folder, cancellationToken).ConfigureAwait(false);
            }
        }

        return File.Exists(script) ? script : throw new AzuriteException($"npm installed Azurite, but {script} is missing: delete {folder} and try again");
    }

    /// <summary>A file of this project, as it was built in.</summary>
    public static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The resource {name} is not in the assembly.");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static async Task InstallAsync(string folder, CancellationToken cancellationToken)
    {
        // Installed beside and renamed, so that the folder is whole or absent, whenever this process dies.
        var unfinished = folder + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        foreach (var name in (string[])["package.json", "package-lock.json"])
        {
            await File.WriteAllBytesAsync(Path.Combine(unfinished, name), Resource(name), cancellationToken).ConfigureAwait(false);
        }

        var npm = await Tool.RunAsync(
            OperatingSystem.IsWindows() ? "npm.cmd" : "npm",
            ["ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            unfinished,
            cancellationToken).ConfigureAwait(false)
            ?? throw new AzuriteException("npm is not found: it installs Azurite, the storage emulator. Install it with Node.js 20 or later (https://nodejs.org), "
                + "or set AzureWebJobsStorage to the connection string of a storage account");
        if (npm.ExitCode != 0)
        {
            throw new AzuriteException($"npm could not install Azurite {Version} ({npm.Reason}): run `npm ci` in {unfinished} to see why, "
                + "or set AzureWebJobsStorage to the connection string of a storage account");
        }

        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.Move(unfinished, folder);
    }

    private static async Task RequireNodeAsync(CancellationToken cancellationToken)
    {
        var node = await Tool.RunAsync("node", ["--version"], null, cancellationToken).ConfigureAwait(false);
        var next = $"install Node.js {OldestNode} or later (https://nodejs.org), or set AzureWebJobsStorage to the connection string of a storage account";
        if (node is not { ExitCode: 0 })
        {
            throw new AzuriteException($"Node.js is not found: it runs Azurite, the storage emulator; {next}");
        }

        var major = node.Output.TrimStart('v').Split('.')[0];
        if (!int.TryParse(major, CultureInfo.InvariantCulture, out var version) || version < OldestNode)
        {
            throw new AzuriteException($"Node.js {node.Output} is too old for Azurite, the storage emulator; {next}");
        }
    }

    /// <summary>The folder of this user in which packages are kept.</summary>
    internal static string DefaultCache()
    {
        var cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (string.IsNullOrEmpty(cache))
        {
            cache = OperatingSystem.IsWindows()
                ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        }

        return Path.Combine(cache, "pushcart");
    }

    private static string ReadVersion()
    {
        using var package = JsonDocument.Parse(Resource("package.json"));
        return package.RootElement.GetProperty("dependencies").GetProperty("azurite").GetString()!;
    }
}
