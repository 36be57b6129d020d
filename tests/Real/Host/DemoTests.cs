using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary><c>pushcart demo</c>, as a user starts it.</summary>
public sealed class DemoTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pushcart-demotest-");

    [Fact]
    public async Task It_ends_well_and_leaves_neither_files_nor_processes()
    {
        await using var demo = Start([]);

        var exit = await demo.ExitAsync(180);

        Assert.True(exit == 0, demo.Text);
        Assert.Empty(demo.Errors);
        Assert.Contains("Hello from the second commit!", demo.Text, StringComparison.Ordinal);
        Assert.EndsWith("everything is removed", demo.Lines[^1], StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName, "pushcart-*"));
        await NoProcessIsLeftAsync();
    }

    [Fact]
    public async Task Without_git_it_says_so_in_one_line()
    {
        Programs("dotnet", "node", "npm", "sh");

        Assert.Contains("git", await OneErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_Node_it_says_so_in_one_line()
    {
        Programs("dotnet", "git", "sh");

        Assert.StartsWith("error: Node.js is not found", await OneErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    public async Task With_a_Node_that_is_too_old_it_says_so_in_one_line()
    {
        var node = Path.Combine(Programs("dotnet", "git", "sh"), "node");
        File.WriteAllText(node, "#!/bin/sh\necho v18.20.4\n");
        File.SetUnixFileMode(node, UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.StartsWith("error: Node.js v18.20.4 is too old", await OneErrorAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asked_to_end_in_the_middle_it_cleans_up_all_the_same()
    {
        await using var demo = Start([]);
        await demo.LineAsync("the first look at the repository");

        demo.Terminate();

        Assert.NotEqual(0, await demo.ExitAsync());
        StartTests.NoTraces(demo);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName, "pushcart-*"));
        await NoProcessIsLeftAsync();
    }

    [Fact]
    public async Task A_cluster_that_is_not_a_local_one_must_be_named()
    {
        var kubeconfig = Path.Combine(folder.FullName, "config");
        await File.WriteAllTextAsync(kubeconfig, """
            {apiVersion: v1, kind: Config, current-context: prod, clusters: [{name: c, cluster: {server: "https://api.example.com"}}],
             users: [{name: u, user: {token: t}}], contexts: [{name: prod, context: {cluster: c, user: u}}]}
            """);
        await using var demo = Start([new("KUBECONFIG", kubeconfig), new("PUSHCART_TEST_KUBECONFIG", null)], "--executor", "kubernetes");

        Assert.Equal(1, await demo.ExitAsync(120));
        Assert.Contains("name it by --context prod", Assert.Single(demo.Errors), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName, "pushcart-*"));
        await NoProcessIsLeftAsync();
    }

    [Fact]
    public async Task Words_that_go_with_a_cluster_need_one()
    {
        await using var demo = Start([], "--image", "busybox");

        Assert.Equal(2, await demo.ExitAsync());
        Assert.Contains("--image goes with --executor kubernetes", demo.Text, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        foreach (var process in HostProcesses.Of(folder.FullName))
        {
            HostProcesses.Kill(process);
        }

        folder.Delete(recursive: true);
    }

    /// <summary>A folder with just these programs, to be the whole PATH.</summary>
    private string Programs(params string[] names)
    {
        var bin = folder.CreateSubdirectory("bin");
        foreach (var program in names)
        {
            var found = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(path => Path.Combine(path, program)).First(File.Exists);
            File.CreateSymbolicLink(Path.Combine(bin.FullName, program), found);
        }

        return bin.FullName;
    }

    private async Task<string> OneErrorAsync()
    {
        await using var demo = Start([new("PATH", Path.Combine(folder.FullName, "bin"))]);
        Assert.Equal(1, await demo.ExitAsync(120));
        StartTests.NoTraces(demo);
        Assert.Empty(Directory.GetFileSystemEntries(folder.FullName, "pushcart-*"));
        await NoProcessIsLeftAsync();
        return Assert.Single(demo.Errors);
    }

    private Task NoProcessIsLeftAsync() => Eventually.TrueAsync(() => HostProcesses.Of(folder.FullName).Count == 0, "no process is left");

    // Whatever it makes lies below this folder, so that leftovers can be told from other people's.
    private HostProcess Start(IEnumerable<KeyValuePair<string, string?>> settings, params string[] words) => HostProcess.Start(
        folder.FullName, [new("TMPDIR", folder.FullName), .. settings], ["demo", .. words], program: HostProcess.Program("cli", "Pushcart.Cli.dll"));
}
