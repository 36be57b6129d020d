using Pushcart.Standalone.Azurite;
using Pushcart.Tokens;

namespace Pushcart.Cli.Demo;

/// <summary>
/// The demo, step by step:
/// <list type="number">
/// <item>Storage: an Azurite of its own.</item>
/// <item>On Kubernetes: a namespace of its own.</item>
/// <item>A git repository, served over HTTP, and manifests that watch it.</item>
/// <item>The host, as a child process. The first look at the repository runs the first job.</item>
/// <item>A commit outside the watched files: no job.</item>
/// <item>A commit inside them: the second job, which also proves that the one before was seen.</item>
/// <item>History shows both, and nothing else.</item>
/// </list>
/// All of it lives in one temporary folder, which goes at the end.
/// </summary>
internal sealed class Demonstration : IAsyncDisposable
{
    private readonly DemoOptions _options;
    private readonly TimeProvider _time;
    private readonly TextWriter _output;
    private readonly DirectoryInfo _folder;
    private readonly long _begun;
    private AzuriteServer? _storage;
    private DemoCluster? _cluster;
    private DemoRepository? _repository;
    private DemoHost? _host;

    private Demonstration(DemoOptions options, TimeProvider time, TextWriter output)
    {
        (_options, _time, _output) = (options, time, output);
        _folder = Directory.CreateTempSubdirectory("pushcart-demo-");
        _begun = time.GetTimestamp();
    }

    /// <summary>Brings up storage, repository and host.</summary>
    public static async Task<Demonstration> BeginAsync(DemoOptions options, TimeProvider time, TextWriter output, CancellationToken cancellation)
    {
        DemoRepository.CheckGit();
        var demo = new Demonstration(options, time, output);
        try
        {
            await demo.BringUpAsync(cancellation);
            return demo;
        }
        catch
        {
            await demo.DisposeAsync();
            throw;
        }
    }

    /// <summary>Makes commits and shows what becomes of them.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        Say("the first look at the repository runs a job:");
        var first = await _host!.WaitForFinishedAsync(1, cancellation);
        Show(first[0]);

        Say("a commit of docs/notes.md, which nobody watches:");
        var outside = await _repository!.CommitAsync("docs/notes.md", "nothing to build here\n", cancellation);
        await _host.WaitForLineAsync(outside[..12], cancellation);

        Say("a commit of src/greeting.txt, which is watched:");
        var inside = await _repository.CommitAsync("src/greeting.txt", "Hello from the second commit!\n", cancellation);
        var jobs = await _host.WaitForFinishedAsync(2, cancellation);
        Show(jobs[0]);

        Say("history, newest first:");
        foreach (var job in jobs)
        {
            _output.WriteLine($"    {job.Id}  {job.State,-9}  {job.Commit[..12]}  {job.Trigger}");
        }

        Expect(jobs.Count == 2, $"history holds {jobs.Count} jobs, and should hold 2");
        Expect(
            jobs.All(j => j.State == "succeeded"),
            "a job did not succeed" + (_cluster is null ? "" : $" (its pod must pull {_cluster.Image} and reach {_repository.Uri}: --image and --address name others)"));
        Expect(jobs[0].Commit == inside, "the second job did not run at the watched commit");
        Expect(jobs[0].PreviousCommit == outside, "the commit outside the watched files was not seen");
        Expect(jobs[0].Log?.Contains("Hello from the second commit!", StringComparison.Ordinal) == true, "the second job's output is not that of its commit");

        if (_options.Keep)
        {
            Say($"still running: pushcart jobs --server {_host.Address} --token-file {AdminTokenFile.PathBelow(_folder.FullName)}; the repository is {_repository.Work}, push with: git push. Ctrl-C ends it.");
            await _host.WaitForExitAsync(cancellation);
        }
        else
        {
            await _host.StopAsync(cancellation);
        }

        await DisposeAsync();
        Say("done, as it should be; everything is removed");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }

        if (_repository is not null)
        {
            await _repository.DisposeAsync();
        }

        if (_cluster is not null)
        {
            await _cluster.DisposeAsync();
        }

        if (_storage is not null)
        {
            await _storage.DisposeAsync();
        }

        if (_folder.Exists)
        {
            _folder.Delete(recursive: true);
            _folder.Refresh();
        }

        (_host, _repository, _cluster, _storage) = (null, null, null, null);
    }

    private async Task BringUpAsync(CancellationToken cancellation)
    {
        Say("storage: Azurite on free ports");
        _storage = await AzuriteServer.StartAsync(AzuriteOptions.OnFreePorts(Path.Combine(_folder.FullName, "azurite")), Say, _time, cancellation);

        if (_options.Kubernetes is { } kubernetes)
        {
            _cluster = await DemoCluster.BeginAsync(kubernetes, _time, cancellation);
            Say($"Kubernetes: {_cluster.Text}; a namespace of the demo's own: {_cluster.Namespace}");
        }

        _repository = await DemoRepository.CreateAsync(Path.Combine(_folder.FullName, "git"), _cluster?.Address, cancellation);
        Say($"a git repository at {_repository.Uri}, and manifests that watch src/ in it");
        var manifests = Directory.CreateDirectory(Path.Combine(_folder.FullName, "manifests")).FullName;
        await File.WriteAllTextAsync(Path.Combine(manifests, "demo.yaml"), DemoManifests.For(_repository.Uri, _cluster), cancellation);

        Say("the host, as a process of its own:");
        _host = await DemoHost.StartAsync(_folder.FullName, SettingsOfHost(), manifests, _output, _time, cancellation);
    }

    // Times are shortened so that nobody waits.
    private IEnumerable<(string Name, string? Value)> SettingsOfHost() =>
    [
        ("DOTNET_ENVIRONMENT", "Development"),
        ("AzureWebJobsStorage", _storage!.ConnectionString),
        ("Poll__Schedule", "* * * * * *"),
        ("Observe__Schedule", "*/2 * * * * *"),
        ("AzureFunctionsJobHost__extensions__queues__maxPollingInterval", "00:00:01"),
        .. _cluster?.SettingsOfHost() ?? [],
        .. _cluster is null ? [] : new[] { ($"Secrets__{_cluster.Namespace}__{DemoManifests.Secret}__token", _repository!.Authorization) },
    ];

    private void Show(DemoJob job)
    {
        _output.WriteLine($"  {job.Id} {job.State}{(_cluster is null ? "" : $", as Job {job.RunName}")}; its output:");
        foreach (var line in (job.Log ?? "").TrimEnd().Split('\n'))
        {
            _output.WriteLine($"    | {line}");
        }
    }

    private void Say(string line) => _output.WriteLine($"[{_time.GetElapsedTime(_begun).TotalSeconds,5:0.0} s] {line}");

    private static void Expect(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new DemoException($"{otherwise}; please report this with the lines above");
        }
    }
}
