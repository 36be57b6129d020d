using System.Net;
using System.Net.Sockets;
using Pushcart.Standalone.Azurite;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>A host whose storage is away: an Azurite of the test's own, on ports that stay the same.</summary>
public sealed class StorageOutageTests : IDisposable
{
    private const string Away = "torage does not answer";
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("pushcart-azurite-");
    private readonly AzuriteOptions options;

    public StorageOutageTests()
    {
        // All three are held at once, so that they differ.
        var held = Enumerable.Range(0, 3).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        held.ForEach(listener => listener.Start());
        var ports = held.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port).ToList();
        held.ForEach(listener => listener.Dispose());
        options = new() { Location = folder.FullName, BlobPort = ports[0], QueuePort = ports[1], TablePort = ports[2] };
    }

    private string Connection => "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
        + "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
        + $"BlobEndpoint=http://127.0.0.1:{options.BlobPort}/devstoreaccount1;QueueEndpoint=http://127.0.0.1:{options.QueuePort}/devstoreaccount1;"
        + $"TableEndpoint=http://127.0.0.1:{options.TablePort}/devstoreaccount1;";

    [Fact]
    public async Task Away_at_the_start_it_is_told_once_and_waited_for()
    {
        await using var app = new WatchedApp(Connection);
        var host = app.Place.Start("--manifests", app.Manifests());
        await host.LineAsync(Away);

        await using (await StartAzuriteAsync())
        {
            await host.LiveAsync();
            Assert.Equal(app.First, Assert.Single(await app.Place.FinishedAsync(host, 1)).Job.Commit);
            Assert.Single(host.Lines, line => line.Contains(Away, StringComparison.Ordinal));
            Assert.Contains("Storage answers again", host.Text, StringComparison.Ordinal);
            StartTests.NoTraces(host);
            host.Terminate();
            Assert.Equal(0, await host.ExitAsync());
        }
    }

    [Fact]
    public async Task While_it_waits_for_storage_it_can_be_asked_to_end()
    {
        await using var place = new HostPlace(Connection);
        var host = place.Start();
        await host.LineAsync(Away);

        host.Terminate();

        Assert.Equal(0, await host.ExitAsync());
        StartTests.NoTraces(host);
    }

    [Fact]
    public async Task Away_in_the_middle_nothing_is_lost_and_a_host_that_must_end_then_ends()
    {
        await using var app = new WatchedApp(Connection);
        var azurite = await StartAzuriteAsync();
        try
        {
            var go = Path.Combine(app.Place.Folder, "go");
            var host = await app.StartAsync($"{app.Noting}; [ $(wc -l < {app.Ledger}) != 2 ] || until [ -e {go} ]; do sleep 0.05; done");
            await app.Place.FinishedAsync(host, 1);
            var atWork = app.Repository.Commit("readme", "at work when storage goes");
            await host.UntilAsync(() => app.Worked.Count == 2, "the second job at work");

            // It goes while a run is at work, the run ends, and a commit comes before it is back.
            await azurite.DisposeAsync();
            await host.LineAsync(Away);
            await File.WriteAllTextAsync(go, "");
            var meanwhile = app.Repository.Commit("readme", "pushed meanwhile");
            await host.UntilAsync(() => app.Place.RunDirectories.All(run => File.Exists(Path.Combine(run, "exit"))), "the end of the run");
            azurite = await StartAzuriteAsync();

            var jobs = await app.Place.FinishedAsync(host, 3, 90);
            Assert.Equal([app.First, atWork, meanwhile], jobs.Select(f => f.Job.Commit));
            Assert.Equal([app.First, atWork, meanwhile], app.Worked);
            Assert.All(jobs, f => Assert.Equal(Pushcart.Jobs.JobOutcome.Succeeded, f.Job.Outcome));

            await azurite.DisposeAsync();
            await host.UntilAsync(() => host.Lines.Count(line => line.Contains(Away, StringComparison.Ordinal)) > 1, "the second outage");
            host.Terminate();
            Assert.Equal(0, await host.ExitAsync());
            StartTests.NoTraces(host);
        }
        finally
        {
            await azurite.DisposeAsync();
        }
    }

    public void Dispose() => folder.Delete(recursive: true);

    private Task<AzuriteServer> StartAzuriteAsync() => AzuriteServer.StartAsync(options, _ => { }, TimeProvider.System, CancellationToken.None);
}
