using Pushcart.Cli.Demo;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>A repository with a first commit, its server, and a place for hosts that watch it. The work notes its commit in a file, outside Pushcart.</summary>
internal sealed class WatchedApp : IAsyncDisposable
{
    private readonly GitHttpBackend server;

    public WatchedApp(string connection, GitHttpBackendOptions? options = null)
    {
        Place = new HostPlace(connection);
        Repository = TestRepository.Create();
        server = GitHttpBackend.Start(Repository.Root, options);
        First = Repository.Commit("readme", "first");
        Ledger = Path.Combine(Place.Folder, "ledger");
    }

    public HostPlace Place { get; }

    public TestRepository Repository { get; }

    /// <summary>The first commit.</summary>
    public string First { get; }

    public string Uri => server.UriOf(Repository.Name);

    /// <summary>A line for each time that the work was at work: its commit.</summary>
    public string Ledger { get; }

    /// <summary>The script that notes the commit.</summary>
    public string Noting => $"echo $ACTION_JOB_TRIGGER_SOURCE_COMMIT >> {Ledger}";

    /// <summary>What was at work so far, oldest first.</summary>
    public IReadOnlyList<string> Worked => File.Exists(Ledger) ? File.ReadAllLines(Ledger) : [];

    /// <summary>Writes manifests that watch the repository, and gives their path.</summary>
    public string Manifests(string? script = null) => Place.Write("manifests/app.yaml", HostManifests.Watching(Uri, script ?? Noting));

    /// <summary>Starts a host that watches the repository.</summary>
    public Task<HostProcess> StartAsync(string? script = null) => Place.StartLiveAsync("--manifests", Manifests(script));

    public async ValueTask DisposeAsync()
    {
        await Place.DisposeAsync();
        await server.DisposeAsync();
        Repository.Dispose();
    }
}
