using System.Reflection;
using System.Security.Cryptography;
using Pushcart.Standalone.Azurite;

namespace Pushcart.Tests.Support;

/// <summary>
/// What only npm has, pinned by a lock file of this project (folder <c>npm</c>): installed once a user, beside Azurite, when the first test asks for it. Of the data nothing is run; a grammar is, by node.
/// </summary>
public static class NpmPackage
{
    /// <summary>Makes sure that it is installed.</summary>
    /// <param name="name">Folder below <c>npm</c> that has its <c>package.json</c> and <c>package-lock.json</c>.</param>
    /// <param name="cancellation">Ends the call.</param>
    /// <returns>The folder <c>node_modules</c>.</returns>
    /// <exception cref="InvalidOperationException">npm is missing, or failed.</exception>
    public static async Task<string> EnsureAsync(string name, CancellationToken cancellation)
    {
        var folder = Path.Combine(AzuriteInstallation.DefaultCache(), $"{name}-{Convert.ToHexStringLower(SHA256.HashData(Resource($"{name}/package-lock.json")))[..12]}");
        var modules = Path.Combine(folder, "node_modules");
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        using var alone = await FileLock.TakeAsync(folder + ".lock", exclusive: true, TimeProvider.System, cancellation);
        if (Directory.Exists(modules))
        {
            return modules;
        }

        // Beside, and renamed: the folder is whole or absent.
        var unfinished = folder + ".unfinished";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        Directory.CreateDirectory(unfinished);
        foreach (var file in (string[])["package.json", "package-lock.json"])
        {
            await File.WriteAllBytesAsync(Path.Combine(unfinished, file), Resource($"{name}/{file}"), cancellation);
        }

        var npm = await Tool.RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], unfinished, cancellation);
        if (npm is not { ExitCode: 0 })
        {
            throw new InvalidOperationException($"npm could not install what tests/Support/npm/{name}/package.json names ({npm?.Reason ?? "npm is not found; install Node.js 20 or later"}): run `npm ci` in {unfinished} to see why");
        }

        Directory.Move(unfinished, folder);
        return modules;
    }

    private static byte[] Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the resource {name} is not in the assembly");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
