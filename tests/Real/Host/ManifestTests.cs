using Pushcart.Storage;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Host;

/// <summary>Manifests given to a host: at its start, on its standard input, and while it runs.</summary>
[Collection("hosts")]
public sealed class ManifestTests(AzuriteFixture azurite)
{
    private const string Uri = "http://127.0.0.1:1/app.git";

    [Fact]
    public async Task All_that_is_wrong_is_told_with_file_document_and_path_and_nothing_is_applied()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var folder = Path.Combine(place.Folder, "manifests");
        place.Write("manifests/a-good.yaml", HostManifests.Repository(Uri, "good"));
        place.Write("manifests/b-syntax.yaml", "kind: [");
        place.Write("manifests/c-fields.yaml", HostManifests.Repository(Uri, "fine") + "\n---\n"
            + HostManifests.Repository("ftp://x/y", "wrong") + "\n---\n"
            + HostManifests.Trigger("Not A Name").Replace("interval: 1s", "interval: soon", StringComparison.Ordinal));
        place.Write("manifests/d-kind.json", """{"apiVersion": "pushcart.dev/v1", "kind": "GitRep", "metadata": {"name": "x"}, "spec": {}}""");
        place.Write("manifests/e-again.yml", HostManifests.Repository(Uri, "good"));
        place.Write("manifests/f-twice.yaml", HostManifests.Action("true") + "\n---\n" + HostManifests.Action("false"));
        place.Write("manifests/ignored.txt", "kind: [");
        var host = place.Start("--manifests", folder);

        Assert.Equal(1, await host.ExitAsync());

        Assert.All(host.Errors, line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
        foreach (var expected in (string[])
        [
            $"{folder}/b-syntax.yaml, document 1: ",
            $"{folder}/c-fields.yaml, document 2: spec.repoUri: ",
            $"{folder}/c-fields.yaml, document 3: spec.sources.names[0]: ",
            $"{folder}/c-fields.yaml, document 3: spec.schedule.interval: ",
            $"{folder}/d-kind.json, document 1: kind: ",
            $"{folder}/e-again.yml, document 1: GitRepo default/good stands in {folder}/a-good.yaml, document 1 already",
            $"{folder}/f-twice.yaml, document 2: metadata: Action default/app stands in ",
        ])
        {
            Assert.Single(host.Errors, line => line.Contains(expected, StringComparison.Ordinal));
        }

        Assert.Equal("error: nothing was applied; mend the manifests and start again", host.Errors[^1]);
        Assert.Equal(8, host.Errors.Count);
        StartTests.NoTraces(host);
        Assert.Empty(await ResourcesAsync(place));
        Assert.DoesNotContain("Listening", host.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = place.Start("--manifests", "no/such.yaml");

        Assert.Equal(1, await host.ExitAsync());

        Assert.Contains("error: no/such.yaml: there is no such file or folder; --manifests takes FILE, DIR or -", host.Errors);
        StartTests.NoTraces(host);
    }

    [Fact]
    public async Task They_may_come_on_standard_input()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = place.Start(["--manifests", "-"], HostManifests.Repository(Uri, "piped"));
        await host.LiveAsync();

        Assert.Equal(["GitRepo|default|piped"], await ResourcesAsync(place));
        host.Terminate();
        Assert.Equal(0, await host.ExitAsync());

        var wrong = place.Start(["--manifests", "-"], "kind: Nothing");
        Assert.Equal(1, await wrong.ExitAsync());
        Assert.Contains(wrong.Errors, line => line.StartsWith("error: standard input, document 1: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_is_applied_while_it_runs_and_a_wrong_one_is_told_and_keeps_the_old()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var path = place.Write("manifests/app.yaml", HostManifests.Repository(Uri, "one"));
        var host = await place.StartLiveAsync("--manifests", Path.GetDirectoryName(path)!);
        await host.LineAsync("GitRepo default/one created");

        place.Write("manifests/app.yaml", HostManifests.Repository(Uri + "x", "one"));
        await host.LineAsync("GitRepo default/one changed");
        place.Write("manifests/more.yaml", HostManifests.Repository(Uri, "two"));
        await host.LineAsync("GitRepo default/two created");

        place.Write("manifests/app.yaml", HostManifests.Repository("nonsense", "one"));
        await host.LineAsync($"{path}, document 1: spec.repoUri: ");
        var kept = Assert.Single(await place.RowsAsync(TableNames.Resources), row => row.RowKey == "GitRepo|default|one");
        Assert.Contains(Uri + "x", string.Join(' ', kept.Select(property => property.Value)), StringComparison.Ordinal);

        // Mended again, and nothing is deleted where nobody asked for it.
        File.Delete(Path.Combine(place.Folder, "manifests/more.yaml"));
        place.Write("manifests/app.yaml", HostManifests.Repository(Uri, "one") + "\n---\n" + HostManifests.Repository(Uri, "three"));
        await host.LineAsync("GitRepo default/three created");
        Assert.Equal(["GitRepo|default|one", "GitRepo|default|three", "GitRepo|default|two"], await ResourcesAsync(place));
    }

    [Fact]
    public async Task Prune_deletes_what_they_do_not_hold_at_start_and_later()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        place.Write("manifests/a.yaml", HostManifests.Repository(Uri, "a"));
        place.Write("manifests/b.yaml", HostManifests.Repository(Uri, "b"));
        var folder = Path.Combine(place.Folder, "manifests");
        var first = await place.StartLiveAsync("--manifests", folder);
        first.Terminate();
        Assert.Equal(0, await first.ExitAsync());
        File.Delete(Path.Combine(folder, "b.yaml"));

        var without = await place.StartLiveAsync("--manifests", folder);
        Assert.Equal(["GitRepo|default|a", "GitRepo|default|b"], await ResourcesAsync(place));
        without.Terminate();
        Assert.Equal(0, await without.ExitAsync());

        var host = await place.StartLiveAsync("--manifests", folder, "--prune");
        Assert.Contains("GitRepo default/b deleted", host.Text, StringComparison.Ordinal);
        Assert.Equal(["GitRepo|default|a"], await ResourcesAsync(place));
        place.Write("manifests/a.yaml", HostManifests.Repository(Uri, "c"));
        await host.LineAsync("GitRepo default/a deleted");
        Assert.Equal(["GitRepo|default|c"], await ResourcesAsync(place));
    }

    private static async Task<IEnumerable<string>> ResourcesAsync(HostPlace place) =>
        (await place.RowsAsync(TableNames.Resources)).Select(row => row.RowKey).Where(key => key.Contains('|')).Order(StringComparer.Ordinal);
}
