using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Cli;

/// <summary>Resources by the command line, against a real host.</summary>
[Collection("hosts")]
public sealed class ResourceCommandTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Manifests_of_files_folders_and_standard_input_are_applied_shown_exported_and_deleted()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        var source = cli.Write("source.yaml", Repository("https://git.example.com/app.git"));
        cli.Write("more/trigger.yml", Trigger("app").Replace("interval: 1s", "interval: 1h", StringComparison.Ordinal));
        cli.Write("more/notes.txt", "no manifest");
        string[] all = ["apply", "-f", source, "-f", Path.Combine(cli.Folder, "more"), "-f", "-"];

        var dry = await cli.WithInputAsync(Action("true"), [.. all, "--dry-run"]);
        Assert.Equal(["GitRepo default/app created (dry run)", "Action default/app created (dry run)", "ScheduleTrigger default/app created (dry run)"], dry.Lines);
        Assert.Equal((0, "", "there are none\n"), (await cli.RunAsync("get", "all")) is var (exit, output, errors) ? (exit, output, errors) : default);
        Assert.Equal(0, (await cli.WithInputAsync(Action("true"), all)).Exit);
        var again = (await cli.WithInputAsync(Action("true"), [.. all, "-o", "json"])).Json;
        Assert.Equal((0, 0, 3), (again.GetProperty("created").GetArrayLength(), again.GetProperty("changed").GetArrayLength(), again.GetProperty("unchanged").GetArrayLength()));

        Assert.Equal(4, (await cli.RunAsync("get", "all")).Lines.Count);
        Assert.Equal("app", (await cli.RunAsync("get", "gitrepos", "-n", "default", "-o", "json")).Json.GetProperty("resources")[0].GetProperty("name").GetString());
        Assert.Empty((await cli.RunAsync("get", "GitRepo", "-n", "other")).Lines);
        var one = await cli.RunAsync("get", "action", "app");
        Assert.Equal("# used by ScheduleTrigger default/app", one.Lines[0]);
        Assert.Equal("Action default/app unchanged\n", (await cli.WithInputAsync(one.Output, "apply", "-f", "-")).Ok);
        Assert.StartsWith("manifest:\n  apiVersion: pushcart.dev/v1\n  kind: Action\n", (await cli.RunAsync("get", "action", "app", "-o", "yaml")).Ok, StringComparison.Ordinal);

        var export = (await cli.RunAsync("export")).Ok;
        Assert.Equal(3, (await cli.WithInputAsync(export, "apply", "-f", "-")).Lines.Count(line => line.EndsWith(" unchanged", StringComparison.Ordinal)));

        var used = await cli.RunAsync("delete", "Action", "app");
        Assert.Equal((1, "error: Action default/app is named by ScheduleTrigger default/app (resources.in_use); change these first, or delete it with --force\n"), (used.Exit, used.Errors));
        Assert.Equal("Action default/app deleted\n", (await cli.RunAsync("delete", "Action", "app", "--force")).Ok);
        Assert.Equal(5, (await cli.RunAsync("delete", "Action", "app")).Exit);
        Assert.Equal(5, (await cli.RunAsync("get", "Action", "app")).Exit);
        var cluster = await cli.RunAsync("get", "ClusterAction", "app", "-n", "default");
        Assert.Equal((2, "error: a ClusterAction belongs to no namespace; leave out --namespace\n"), (cluster.Exit, cluster.Errors));
    }

    [Fact]
    public async Task All_that_is_wrong_with_manifests_is_told_with_file_and_document_before_anything_is_sent()
    {
        using var cli = new PushcartCli(new Uri("http://127.0.0.1:1"));
        var wrong = cli.Write("wrong.yaml", Action("true") + "\n---\n" + Repository("") + "\n---\n" + Trigger("app").Replace("interval: 1s", "interval: 1x", StringComparison.Ordinal));

        var result = await cli.RunAsync("apply", "-f", wrong, "-f", "nowhere");

        Assert.Equal(1, result.Exit);
        Assert.Contains($"{wrong}, document 2: spec.repoUri", result.Errors, StringComparison.Ordinal);
        Assert.Contains($"{wrong}, document 3: spec.schedule.interval", result.Errors, StringComparison.Ordinal);
        Assert.Contains("nowhere: there is no such file or folder; -f takes FILE, DIR or -", result.Errors, StringComparison.Ordinal);
        Assert.EndsWith("nothing was sent\n", result.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_one_transaction_takes_is_sent_in_several_requests_what_is_referred_to_first()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        using var cli = new PushcartCli(host.Client.BaseAddress!, host.AdminToken);
        var names = Enumerable.Range(0, 83).Select(i => $"a{i:000}").ToList();
        var manifests = cli.Write("all.yaml", string.Join("\n---\n", names.SelectMany(n => new[] { Paused(n), Action("true", n), Repository("https://git.example.com/app.git", n) })) + "\n---\n" + Action("true", "last"));

        var applied = await cli.RunAsync("apply", "-f", manifests);

        Assert.Equal(0, applied.Exit);
        Assert.Equal("250 resources are more than one transaction takes; they are sent in 3 requests, what is referred to first\n", applied.Errors);
        Assert.Equal(
            [.. Enumerable.Repeat("GitRepo", 83), .. Enumerable.Repeat("Action", 84), .. Enumerable.Repeat("ScheduleTrigger", 83)],
            applied.Lines.Select(line => line.Split(' ')[0]));
        Assert.All(applied.Lines, line => Assert.EndsWith(" created", line, StringComparison.Ordinal));

        // What does not change does not count: one request, all or nothing again.
        var again = await cli.RunAsync("apply", "-f", manifests);
        Assert.Equal((0, "", 250), (again.Exit, again.Errors, again.Lines.Count(line => line.EndsWith(" unchanged", StringComparison.Ordinal))));
    }

    private static string Paused(string name) => Trigger(name, name).Replace("  schedule:", "  suspend: true\n  schedule:", StringComparison.Ordinal);
}
