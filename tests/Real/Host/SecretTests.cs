using Azure.Storage.Queues;
using Pushcart.Jobs;
using Pushcart.Storage;
using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>A secret is used, and stands nowhere: not in the output, not in storage, not in a file, not in a command line, not in what the work sees.</summary>
[Collection("hosts")]
public sealed class SecretTests(AzuriteFixture azurite)
{
    private const string Token = "tok-right-8f1c2e77ab";
    private const string Wrong = "tok-wrong-93ad0014cc";

    [Fact]
    public async Task Tokens_of_repositories_stand_nowhere()
    {
        await using var app = new WatchedApp(azurite.ConnectionString, new() { Authorization = $"Bearer {Token}" });
        app.Place.Settings["Secrets__default__git-token__token"] = $"Bearer {Token}";
        app.Place.Settings["Secrets__default__bad-token__token"] = $"Bearer {Wrong}";
        var go = Path.Combine(app.Place.Folder, "go");
        var look = $"env; cat /proc/self/environ; cat .git/config; {app.Noting}; until [ -e {go} ]; do sleep 0.05; done";
        var manifests = app.Place.Write(
            "manifests/app.yaml",
            HostManifests.Watching(app.Uri, look, Auth("git-token")).Replace("  actionJob:", "  actionJob:\n    preserveGitFolder: true\n    enableClonerDebug: true", StringComparison.Ordinal)
            + "\n---\n" + HostManifests.Watching(app.Uri, "true", Auth("bad-token"), "refused"));
        var host = await app.Place.StartLiveAsync("--manifests", manifests);

        // While it is at work, and once it has ended.
        await host.UntilAsync(() => app.Worked.Count == 1, "the work");
        await host.LineAsync("GitRepo default/refused cannot be checked");
        Assert.DoesNotContain(HostProcesses.CommandLines(), ContainsSecret);
        await NothingIsStoredAsync(app, host);
        await File.WriteAllTextAsync(go, "");
        await Eventually.TrueAsync(async () => (await app.Place.HistoryAsync()).Count == 1, "the job in history");
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());
        await NothingIsStoredAsync(app, host);
        Assert.Equal(JobOutcome.Succeeded, Assert.Single(await app.Place.HistoryAsync()).Job.Outcome);
    }

    private static string Auth(string secret) => $"  authConfig:\n    type: token\n    secretRef:\n      name: {secret}";

    private async Task NothingIsStoredAsync(WatchedApp app, HostProcess host)
    {
        Assert.DoesNotContain(host.Lines, ContainsSecret);
        Assert.DoesNotContain((await app.Place.StoredAsync()).Split('\n'), ContainsSecret);
        foreach (var queue in QueueNames.All)
        {
            var messages = await new QueueClient(azurite.ConnectionString, app.Place.Prefix + queue).PeekMessagesAsync(32);
            Assert.DoesNotContain(messages.Value.Select(message => message.Body.ToString()), ContainsSecret);
        }

        var files = Directory.GetFiles(app.Place.Folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });
        Assert.Contains(files, file => file.EndsWith("/output", StringComparison.Ordinal));

        // The lock of a run at work cannot be opened, and is empty.
        Assert.DoesNotContain(files.Where(file => new FileInfo(file).Length > 0), file => ContainsSecret(File.ReadAllText(file)));
    }

    private static bool ContainsSecret(string text) => text.Contains(Token, StringComparison.Ordinal) || text.Contains(Wrong, StringComparison.Ordinal);
}
