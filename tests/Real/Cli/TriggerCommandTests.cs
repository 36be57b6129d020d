using Pushcart.Tests.Real.Host;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Triggers, sources and tasks by the command line, against a real host.</summary>
[Collection("hosts")]
public sealed class TriggerCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_trigger_is_suspended_run_all_the_same_explained_and_resumed()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("true");
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        await app.Place.FinishedAsync(host, 1);

        Assert.Equal("ScheduleTrigger default/app is suspended\n", (await cli.RunAsync("suspend", "app")).Ok);
        Assert.Equal("ScheduleTrigger default/app was already suspended\n", (await cli.RunAsync("suspend", "ScheduleTrigger/default/app")).Ok);
        Assert.Contains(" suspended ", (await cli.RunAsync("triggers")).Lines[1], StringComparison.Ordinal);
        Assert.Equal("ScheduleTrigger default/app (suspended)", (await cli.RunAsync("explain", "app")).Lines[0]);

        // Run without waiting: the task on standard output, alone, and once for a key.
        var first = (await cli.RunAsync("run", "app", "--source", "app", "--idempotency-key", "k")).Ok.Trim();
        Assert.Equal(first, (await cli.RunAsync("run", "app", "--source", "app", "--idempotency-key", "k")).Ok.Trim());
        Assert.Equal(0, (await cli.RunAsync("tasks", first, "--wait")).Exit);
        Assert.Equal("done", (await cli.RunAsync("tasks", first, "-o", "json")).Json.GetProperty("state").GetString());

        // A check that finds nothing is well done, too.
        Assert.Equal("ScheduleTrigger default/app is active\n", (await cli.RunAsync("resume", "app")).Ok);
        var unchanged = await cli.RunAsync("run", "app", "--if-changed", "--wait");
        Assert.Equal(0, unchanged.Exit);
        Assert.Contains(" unchanged", unchanged.Lines[1], StringComparison.Ordinal);
        Assert.Contains("would do nothing", (await cli.RunAsync("explain", "ScheduleTrigger/app")).Ok, StringComparison.Ordinal);

        Assert.Contains(" healthy ", (await cli.RunAsync("sources")).Lines[1], StringComparison.Ordinal);
        Assert.Equal("ok      credentials: none are needed", (await cli.RunAsync("sources", "test", "app")).Lines[0]);
        Assert.Equal(5, (await cli.RunAsync("sources", "test", "ClusterGitRepo/app")).Exit);
    }

    [Fact]
    public async Task What_names_no_trigger_is_told_with_the_forms_that_do()
    {
        await using var app = new WatchedApp(azurite.ConnectionString);
        var host = await app.StartAsync("true");
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);

        Assert.Equal((5, "error: there is no trigger default/nope; 'pushcart triggers' lists them\n"), ErrorOf(await cli.RunAsync("run", "nope")));
        Assert.Equal((5, "error: there is no WebhookTrigger default/app (resources.not_found)\n"), ErrorOf(await cli.RunAsync("run", "webhooktrigger/app")));
        Assert.Equal((2, "error: Action/app: Action is no kind of trigger; write ScheduleTrigger/NAME or WebhookTrigger/NAME\n"), ErrorOf(await cli.RunAsync("explain", "Action/app")));
        Assert.Equal((5, "error: ScheduleTrigger default/app has no source \"b\"; it has app (triggers.no_such_source)\n"), ErrorOf(await cli.RunAsync("run", "app", "--source", "b")));
    }

    private static (int, string) ErrorOf(CliResult result) => (result.Exit, result.Errors);
}
