using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>What a person does with the command line, from the first manifest to history.</summary>
[Collection("hosts")]
public sealed class RoundTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_full_round_apply_run_logs_rerun_history()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.Place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        var script = "echo \"built $ACTION_JOB_TRIGGER_SOURCE_COMMIT\"; test ! -e fail";
        var manifests = cli.Write("app.yaml", HostManifests.Watching(app.Uri, script).Replace("interval: 1s", "interval: 1h", StringComparison.Ordinal));

        Assert.Equal(
            ["GitRepo default/app created", "Action default/app created", "ScheduleTrigger default/app created"],
            (await cli.RunAsync("apply", "-f", manifests)).Lines);
        await app.Place.FinishedAsync(host, 1);

        var run = await cli.RunAsync("run", "ScheduleTrigger/app", "--wait", "-o", "json");
        Assert.Equal((0, ""), (run.Exit, run.Errors));
        var job = run.Json.GetProperty("sources")[0].GetProperty("job").GetProperty("id").GetString()!;
        Assert.Equal($"built {app.First}\n", (await cli.RunAsync("logs", job)).Ok);
        Assert.Equal($"built {app.First}\n", (await cli.RunAsync("logs", "-f", job)).Ok);

        var rerun = await cli.RunAsync("rerun", job, "--wait", "-o", "json");
        Assert.Equal((0, job), (rerun.Exit, rerun.Json.GetProperty("rerunOf").GetString()));

        // A job that fails: the exit code tells it, of the run and of its re-run.
        app.Repository.Commit("fail", "");
        var failed = await cli.RunAsync("run", "app", "--wait");
        Assert.Equal(6, failed.Exit);
        Assert.EndsWith("failed", failed.Lines[^1].TrimEnd(), StringComparison.Ordinal);

        var history = (await cli.RunAsync("jobs", "--all", "-o", "json")).Json.GetProperty("jobs").EnumerateArray().ToList();
        Assert.Equal(["failed", "succeeded", "succeeded", "succeeded"], history.Select(j => j.GetProperty("state").GetString()));
        Assert.Equal(rerun.Json.GetProperty("id").GetString(), history[1].GetProperty("id").GetString());
        Assert.Equal(6, (await cli.RunAsync("rerun", history[0].GetProperty("id").GetString()!, "--wait")).Exit);

        // The same for people: each job on one line, however long, nothing cut off, no colours.
        var table = await cli.RunAsync("jobs", "--state", "failed");
        Assert.Equal(3, table.Lines.Count);
        Assert.StartsWith("ID ", table.Lines[0], StringComparison.Ordinal);
        Assert.All(table.Lines.Skip(1), line => Assert.Contains(" ScheduleTrigger default/app ", line, StringComparison.Ordinal));
        Assert.DoesNotContain(table.Output, c => c is '\u001b' or '…');
        Assert.DoesNotContain("   \n", table.Output, StringComparison.Ordinal);
    }
}
