using System.Net;
using Pushcart.Jobs;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>What a token for some namespaces sees and does, over HTTP.</summary>
[Collection("hosts")]
public sealed class TokenNamespaceTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_token_for_namespaces_reads_runs_and_lists_only_there_and_elsewhere_it_is_404()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("echo hello");
        var job = Assert.Single(await app.Place.FinishedAsync(host, 1)).Job.Id;
        var (_, here) = await host.TokenAsync("of default", ["write"], ["default"]);
        var (_, elsewhere) = await host.TokenAsync("of others", ["write"], ["team-a", "team-b"]);

        Assert.Equal(1, await CountAsync(host, here, "jobs"));
        Assert.Equal(1, await CountAsync(host, here, "triggers"));
        Assert.Equal(0, await CountAsync(host, elsewhere, "jobs"));
        Assert.Equal(0, await CountAsync(host, elsewhere, "triggers"));

        foreach (var (method, path) in new[] { ("GET", $"api/jobs/{job}"), ("GET", $"api/jobs/{job}/log"), ("POST", $"api/jobs/{job}/cancel"), ("POST", $"api/jobs/{job}/rerun") })
        {
            Assert.Equal((404, "jobs.not_found"), (await host.AskAsync(elsewhere, method, path)).Error);
        }

        // The same answer, whether it is there or not.
        Assert.Equal((404, "auth.not_found"), (await host.AskAsync(elsewhere, "POST", "api/sources/GitRepo/default/app/test")).Error);
        Assert.Equal((404, "auth.not_found"), (await host.AskAsync(elsewhere, "POST", "api/sources/GitRepo/default/nope/test")).Error);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(here, "POST", "api/sources/GitRepo/default/app/test")).Status);

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(here, "GET", $"api/jobs/{job}")).Status);
        var again = await host.AskAsync(here, "POST", $"api/jobs/{job}/rerun");
        Assert.Equal(HttpStatusCode.Created, again.Status);
        await app.Place.FinishedAsync(host, 2);
        Assert.Equal((409, "jobs.ended"), (await host.AskAsync(here, "POST", $"api/jobs/{job}/cancel")).Error);
    }

    [Fact]
    public async Task What_is_of_the_cluster_takes_a_token_for_all_namespaces()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (_, some) = await host.TokenAsync("admin of default", ["admin"], ["default"]);
        var (_, all) = await host.TokenAsync("admin", ["admin"]);

        foreach (var (method, path) in new[] { ("POST", "api/sources/ClusterGitRepo/app/test"), ("GET", "api/tokens"), ("POST", "api/tokens"), ("DELETE", "api/tokens/x") })
        {
            Assert.Equal((404, "auth.not_found"), (await host.AskAsync(some, method, path)).Error);
            Assert.NotEqual((404, "auth.not_found"), (await host.AskAsync(all, method, path)).Error);
        }
    }

    [Fact]
    public async Task A_running_job_of_another_namespace_cannot_be_cancelled()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("sleep 60");
        var (_, elsewhere) = await host.TokenAsync("of others", ["write"], ["team-a"]);
        string? id = null;
        await FunctionsWorker.Eventually.TrueAsync(
            async () => (id = (await host.JsonAsync("api/jobs")).GetProperty("jobs").EnumerateArray().Where(j => j.GetProperty("state").GetString() == "running").Select(j => j.GetProperty("id").GetString()).SingleOrDefault()) is not null,
            "a job is running");

        Assert.Equal((404, "jobs.not_found"), (await host.AskAsync(elsewhere, "POST", $"api/jobs/{id}/cancel")).Error);
        Assert.Equal((404, "jobs.not_found"), (await host.AskAsync(elsewhere, "GET", $"api/jobs/{id}")).Error);
        Assert.Equal((404, "jobs.not_found"), (await host.AskAsync(elsewhere, "GET", $"api/jobs/{id}/log")).Error);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(host.AdminToken, "POST", $"api/jobs/{id}/cancel")).Status);
        Assert.Equal(JobOutcome.Cancelled, Assert.Single(await app.Place.FinishedAsync(host, 1)).Job.Outcome);
    }

    private static async Task<int> CountAsync(HostProcess host, string token, string what) => (await host.AskAsync(token, "GET", $"api/{what}")).Json.GetProperty(what).GetArrayLength();
}
