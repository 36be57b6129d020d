using System.Diagnostics;
using System.Security.Cryptography;

namespace Pushcart.Cli.Demo;

/// <summary>A throwaway git repository: a bare one that is served over HTTP, and a working copy to commit in.</summary>
internal sealed class DemoRepository : IAsyncDisposable
{
    private readonly GitHttpBackend _server;

    private DemoRepository(string work, GitHttpBackend server, string? authorization) => (Work, _server, Authorization) = (work, server, authorization);

    /// <summary>The working copy.</summary>
    public string Work { get; }

    /// <summary>The <c>Authorization</c> header that it asks for; null: none, on loopback.</summary>
    public string? Authorization { get; }

    /// <summary>Where it is served.</summary>
    public string Uri => _server.UriOf("demo.git");

    /// <summary>Makes sure that there is a git to make it with.</summary>
    /// <exception cref="DemoException">There is none.</exception>
    public static void CheckGit()
    {
        try
        {
            GitCgi.CheckInstalled();
        }
        catch (InvalidOperationException e)
        {
            throw new DemoException(e.Message);
        }
    }

    /// <summary>Makes it, with a first commit.</summary>
    /// <param name="folder">Where.</param>
    /// <param name="address">The address of this machine to serve it at, to who has its credentials; null: loopback, to anybody.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<DemoRepository> CreateAsync(string folder, string? address, CancellationToken cancellation)
    {
        var served = Directory.CreateDirectory(Path.Combine(folder, "served")).FullName;
        var work = Directory.CreateDirectory(Path.Combine(folder, "work")).FullName;
        await GitAsync(served, cancellation, "init", "--quiet", "--bare", "--initial-branch=main", "demo.git");
        await GitAsync(work, cancellation, "init", "--quiet", "--initial-branch=main");
        await GitAsync(work, cancellation, "remote", "add", "origin", Path.Combine(served, "demo.git"));
        var authorization = address is null ? null : $"Bearer {Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16))}";
        var repository = new DemoRepository(work, GitHttpBackend.Start(served, new() { Host = address, Authorization = authorization }), authorization);
        await repository.CommitAsync("src/greeting.txt", "Hello from the first commit!\n", cancellation);
        return repository;
    }

    /// <summary>Writes a file, commits and pushes it.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> CommitAsync(string path, string content, CancellationToken cancellation)
    {
        var file = Path.Combine(Work, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, content, cancellation);
        await GitAsync(Work, cancellation, "add", "--all");
        await GitAsync(Work, cancellation, "commit", "--quiet", "--message", $"Change {path}");
        await GitAsync(Work, cancellation, "push", "--quiet", "--set-upstream", "origin", "main");
        return (await GitAsync(Work, cancellation, "rev-parse", "HEAD")).Trim();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static async Task<string> GitAsync(string folder, CancellationToken cancellation, params string[] words)
    {
        var start = new ProcessStartInfo("git", words) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };

        // Nobody's own configuration: no hooks, no signing, no names of people.
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        foreach (var who in new[] { "AUTHOR", "COMMITTER" })
        {
            start.Environment[$"GIT_{who}_NAME"] = "Pushcart demo";
            start.Environment[$"GIT_{who}_EMAIL"] = "demo@pushcart.dev";
        }

        using var git = Process.Start(start)!;
        var output = git.StandardOutput.ReadToEndAsync(cancellation);
        var error = await git.StandardError.ReadToEndAsync(cancellation);
        await git.WaitForExitAsync(cancellation);
        return git.ExitCode == 0 ? await output : throw new DemoException($"git {words[0]} ended with {git.ExitCode}: {error.Trim()}");
    }
}
