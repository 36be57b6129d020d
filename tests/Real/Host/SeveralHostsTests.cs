using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>More than one host on one storage.</summary>
[Collection("hosts")]
public sealed class SeveralHostsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Two_of_one_content_root_make_one_job_a_commit_and_both_exit_0()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var manifests = app.Manifests();
        var hosts = new[] { app.Place.Start("--manifests", manifests), app.Place.Start("--manifests", manifests) };
        await Task.WhenAll(hosts.Select(host => host.LiveAsync()));

        var commits = new List<string>();
        foreach (var content in (string[])["first", "second", "third"])
        {
            commits.Add(content == "first" ? app.First : app.Repository.Commit("readme", content));
            await app.Place.FinishedAsync(hosts[0], commits.Count);
        }

        Assert.Equal(commits, (await app.Place.HistoryAsync()).Select(f => f.Job.Commit));
        Assert.Equal(commits, app.Worked);
        hosts[0].Terminate();
        Assert.Equal(0, await hosts[0].ExitAsync());

        // The one that is left goes on.
        commits.Add(app.Repository.Commit("readme", "fourth"));
        await app.Place.FinishedAsync(hosts[1], commits.Count);
        Assert.Equal(commits, app.Worked);
        hosts[1].Terminate();
        Assert.Equal(0, await hosts[1].ExitAsync());
        Assert.All(hosts, StartTests.NoTraces);
    }

    [Fact]
    public async Task One_of_another_content_root_is_refused_in_one_line_and_the_first_goes_on()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var first = await app.StartAsync();
        await app.Place.FinishedAsync(first, 1);
        await using var elsewhere = new HostPlace(azurite.ConnectionString, app.Place.Prefix);
        var second = elsewhere.Start("--manifests", app.Manifests());

        Assert.Equal(1, await second.ExitAsync());

        var line = Assert.Single(second.Errors);
        Assert.StartsWith($"error: another host with the process executor runs on this storage, on machine {Environment.MachineName} in {app.Place.Folder}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("Listening", second.Text, StringComparison.Ordinal);
        app.Repository.Commit("readme", "second");
        await app.Place.FinishedAsync(first, 2);
        Assert.Equal(2, app.Worked.Count);

        // It gives its claim back when it ends, so that another may follow at once.
        first.Terminate();
        Assert.Equal(0, await first.ExitAsync());
        await elsewhere.StartLiveAsync();
    }
}
