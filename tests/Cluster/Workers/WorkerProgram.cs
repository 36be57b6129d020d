using System.Formats.Tar;
using System.Runtime.InteropServices;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Cluster.Workers;

/// <summary>
/// What the worker's image holds, for a pod of an image that has just a shell and the C library of this machine: the command line as it was built, the runtime that runs the tests, and the libraries that it needs.
/// A pod fetches it, so that no registry is needed, and nothing of the node.
/// </summary>
internal static class WorkerProgram
{
    private static readonly string[] s_libraries = ["libstdc++.so.6", "libgcc_s.so.1", "libssl.so.3", "libcrypto.so.3", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libm.so.6"];
    private static readonly string[] s_places = ["/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu", "/usr/lib64", "/lib64"];

    /// <summary>How it is started, where it lies in <c>/app</c>.</summary>
    public const string Command = """["/app/dotnet/dotnet", "/app/cli/Pushcart.Cli.dll", "worker"]""";

    /// <summary>Packs it.</summary>
    /// <param name="folder">Where to.</param>
    /// <returns>Path of the archive.</returns>
    public static string Pack(string folder)
    {
        // …/shared/Microsoft.NETCore.App/10.0.0/
        var runtime = new DirectoryInfo(RuntimeEnvironment.GetRuntimeDirectory());
        var dotnet = runtime.Parent!.Parent!.Parent!.FullName;
        var file = Path.Combine(folder, "worker.tar");
        using var archive = new TarWriter(File.Create(file));
        archive.WriteEntry(Path.Combine(dotnet, "dotnet"), "dotnet/dotnet");
        Add(archive, Path.Combine(dotnet, "host", "fxr", runtime.Name), $"dotnet/host/fxr/{runtime.Name}");
        Add(archive, runtime.FullName, $"dotnet/shared/Microsoft.NETCore.App/{runtime.Name}");
        Add(archive, Path.GetDirectoryName(HostProcess.Program("cli", "Pushcart.Cli.dll"))!, "cli");
        foreach (var library in s_libraries)
        {
            var found = s_places.Select(place => Path.Combine(place, library)).FirstOrDefault(File.Exists) ?? throw new InvalidOperationException($"{library} is nowhere in {string.Join(", ", s_places)}");
            archive.WriteEntry(File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found, $"lib/{library}");
        }

        return file;
    }

    private static void Add(TarWriter archive, string folder, string name)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".pdb", StringComparison.Ordinal)))
        {
            archive.WriteEntry(file, $"{name}/{Path.GetRelativePath(folder, file)}");
        }
    }
}
