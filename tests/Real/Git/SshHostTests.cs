using Pushcart.Jobs;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Git;

/// <summary>A source over ssh in a whole host, from the manifest to history.</summary>
[Collection("azurite")]
public sealed class SshHostTests(AzuriteFixture azurite)
{
    [SshFact]
    public async Task A_change_of_watched_files_over_ssh_becomes_a_job_and_the_key_stands_nowhere()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        await using var server = new SshServer(new() { Protocol = 0 });
        using var repository = TestRepository.Create();
        repository.Commit("src/version", "1");
        place.Settings["Secrets__default__deploy-key__ssh-privatekey"] = server.PrivateKey;
        place.Settings["Git__KnownHosts"] = server.KnownHosts;
        var text = HostManifests.Watching(
            server.UriOf(repository.Folder), "cat src/version; env", "  authConfig:\n    type: ssh\n    secretRef:\n      name: deploy-key");
        var manifests = place.Write(
            "manifests/app.yaml", text.Replace("      reference:\n", "      files: [src/]\n      reference:\n", StringComparison.Ordinal));
        var host = await place.StartLiveAsync("--manifests", manifests);

        await Eventually.TrueAsync(async () => (await place.HistoryAsync()).Count == 1, "the first job in history");
        repository.Commit("docs/readme", "unwatched");
        var commit = repository.Commit("src/version", "2");
        await Eventually.TrueAsync(async () => (await place.HistoryAsync()).Count == 2, "the second job in history");
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());

        var jobs = (await place.HistoryAsync()).Select(row => row.Job).ToList();
        Assert.All(jobs, job => Assert.Equal(JobOutcome.Succeeded, job.Outcome));
        Assert.Contains(jobs, job => job.Commit == commit);
        var key = server.PrivateKey.Split('\n')[1];
        Assert.DoesNotContain(key, host.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(key, await place.StoredAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(place.Folder, "*", SearchOption.AllDirectories), file => File.ReadAllText(file).Contains(key, StringComparison.Ordinal));
        Assert.Empty(server.KeysLeft);
    }
}
