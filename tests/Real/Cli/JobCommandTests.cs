using Pushcart.Tests.Real.FunctionsWorker;
using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Jobs by the command line, against a real host.</summary>
[Collection("hosts")]
public sealed class JobCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Following_ends_cleanly_with_130_at_Ctrl_C_and_by_itself_with_the_job()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var gate = Path.Combine(app.Place.Folder, "gate");
        var host = await StartAsync(app, $"echo first; while test ! -e {gate}; do sleep 0.1; done; echo last");
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        var id = (await cli.RunAsync("submit", "--action", "app", "--source", "app")).Ok.Trim();

        // From before its run begins.
        using var interrupted = cli.Start("logs", "-f", id);
        Assert.Equal("first", await interrupted.StandardOutput.ReadLineAsync());
        PushcartCli.Interrupt(interrupted);
        await interrupted.WaitForExitAsync();
        Assert.Equal((130, ""), (interrupted.ExitCode, await interrupted.StandardOutput.ReadToEndAsync() + await interrupted.StandardError.ReadToEndAsync()));

        var following = cli.RunAsync("logs", "-f", id);
        var waiting = await cli.RunAsync("tasks", "nope", "--wait");
        Assert.Equal(5, waiting.Exit);
        await File.WriteAllTextAsync(gate, "");
        Assert.Equal((0, "first\nlast\n", ""), (await following) is var (exit, output, errors) ? (exit, output, errors) : default);
    }

    [Fact]
    public async Task Waiting_ends_with_the_job_or_with_the_time_that_was_given_and_cancel_ends_the_job()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app, "echo \"for $FOR\"; sleep 600");
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);

        var waited = await cli.RunAsync("submit", "--action", "Action/app", "--source", "GitRepo/app", "--branch", "main", "--var", "FOR=you=me", "--wait", "--timeout", "1s", "-o", "json");
        Assert.Equal(7, waited.Exit);
        var id = waited.Json.GetProperty("id").GetString()!;
        Assert.Equal($"job {id}\n", waited.Errors);
        Assert.Equal("you=me", waited.Json.GetProperty("variables").GetProperty("FOR").GetString());
        await Eventually.TrueAsync(async () => (await cli.RunAsync("jobs", "get", id, "-o", "json")).Json.GetProperty("state").GetString() == "running", "it runs");

        var cancelled = await cli.RunAsync("cancel", id, "--wait");
        Assert.Equal(0, cancelled.Exit);
        Assert.Contains(" cancelled ", cancelled.Lines[1], StringComparison.Ordinal);
        Assert.Contains("state:          cancelled", (await cli.RunAsync("jobs", "get", id)).Ok, StringComparison.Ordinal);
        var again = await cli.RunAsync("cancel", id);
        Assert.Equal((1, $"error: job {id} has ended: cancelled (jobs.ended)\n"), (again.Exit, again.Errors));
    }

    [Fact]
    public async Task Lists_are_filtered_and_paged_and_all_pages_are_one_answer()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await StartAsync(app, "true");
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        await host.Client.GetAsync("api/jobs");
        foreach (var _ in Enumerable.Range(0, 52))
        {
            using var body = new StringContent("""{"action": {"name": "app"}, "source": {"name": "app"}, "commit": "COMMIT"}""".Replace("COMMIT", app.First, StringComparison.Ordinal));
            using var made = await host.Client.PostAsync("api/jobs", body);
            Assert.True(made.IsSuccessStatusCode);
        }

        await app.Place.FinishedAsync(host, 52, 120);
        var page = await cli.RunAsync("jobs");
        Assert.Equal(51, page.Lines.Count);
        Assert.StartsWith("there may be more: --next ", page.Errors, StringComparison.Ordinal);
        Assert.Equal(3, (await cli.RunAsync("jobs", "--next", page.Errors.Split(' ')[5].TrimEnd(','))).Lines.Count);
        var all = (await cli.RunAsync("jobs", "--all", "-o", "json")).Json;
        Assert.Equal((52, false), (all.GetProperty("jobs").GetArrayLength(), all.TryGetProperty("next", out _)));
        Assert.Equal(52, (await cli.RunAsync("jobs", "--all", "--since", "10m", "--commit", app.First[..8], "--source", "default/app", "-o", "json")).Json.GetProperty("jobs").GetArrayLength());
        Assert.Equal((0, "", "there are none\n"), (await cli.RunAsync("jobs", "--until", "1h")) is var (exit, output, errors) ? (exit, output, errors) : default);
        Assert.Equal(1, (await cli.RunAsync("jobs", "--state", "nope")).Exit);
    }

    // An action and a source, which no trigger watches.
    private static async Task<HostProcess> StartAsync(WatchedApp app, string script)
    {
        app.Place.Write("manifests/app.yaml", HostManifests.Repository(app.Uri) + "\n---\n" + HostManifests.Action(script));
        return await app.Place.StartLiveAsync("--manifests", Path.Combine(app.Place.Folder, "manifests"));
    }
}
