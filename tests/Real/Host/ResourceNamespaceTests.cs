using System.Net;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Support.HostManifests;

namespace Pushcart.Tests.Real.Host;

/// <summary>What a token for some namespaces sees and changes of resources, triggers and jobs.</summary>
[Collection("hosts")]
public sealed class ResourceNamespaceTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task A_token_for_namespaces_applies_lists_exports_runs_and_deletes_only_there()
    {
        await using var place = new HostPlace(azurite.ConnectionString);
        var host = await place.StartLiveAsync();
        var (_, here) = await host.TokenAsync("of team-a", ["write"], ["team-a"]);
        var ours = In("team-a", Action("true", "ours"));
        var theirs = In("team-b", Action("true", "theirs"));
        var cluster = "apiVersion: pushcart.dev/v1\nkind: ClusterAction\nmetadata: {name: shared}";

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(here, "POST", "api/apply", ours)).Status);
        foreach (var elsewhere in (string[])[theirs, cluster, $"{ours}\n---\n{theirs}", Action("true", "in-default")])
        {
            Assert.Equal((404, "resources.elsewhere"), (await host.AskAsync(here, "POST", "api/apply", elsewhere)).Error);
        }

        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(host.AdminToken, "POST", "api/apply", $"{theirs}\n---\n{cluster}")).Status);
        Assert.Equal(["ours"], (await host.AskAsync(here, "GET", "api/resources/Action")).Json.GetProperty("resources").EnumerateArray().Select(r => r.Text("name")));
        Assert.Empty((await host.AskAsync(here, "GET", "api/resources/ClusterAction")).Json.GetProperty("resources").EnumerateArray());
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/export");
        request.Headers.Authorization = new("Bearer", here);
        using var export = await host.Anonymous.SendAsync(request);
        var yaml = await export.Content.ReadAsStringAsync();
        Assert.Contains("name: ours", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("theirs", yaml, StringComparison.Ordinal);
        Assert.DoesNotContain("shared", yaml, StringComparison.Ordinal);

        foreach (var (method, path) in new[]
        {
            ("GET", "api/resources/Action/team-b/theirs"), ("GET", "api/resources/Action/team-b/nope"), ("DELETE", "api/resources/Action/team-b/theirs"), ("GET", "api/resources/ClusterAction/shared"),
            ("DELETE", "api/resources/ClusterAction/shared?force=true"), ("POST", "api/triggers/ScheduleTrigger/team-b/t/run"), ("POST", "api/triggers/ScheduleTrigger/team-b/t/suspend"),
            ("GET", "api/triggers/ScheduleTrigger/team-b/t/explain"),
        })
        {
            Assert.Equal((404, "auth.not_found"), (await host.AskAsync(here, method, path)).Error);
        }

        var body = """{"namespace": "team-b", "action": {"name": "theirs"}, "source": {"name": "app"}}""";
        Assert.Equal((404, "resources.elsewhere"), (await host.AskAsync(here, "POST", "api/jobs", body)).Error);
        Assert.Equal((409, "source.missing"), (await host.AskAsync(here, "POST", "api/jobs", body.Replace("team-b", "team-a", StringComparison.Ordinal).Replace("theirs", "ours", StringComparison.Ordinal))).Error);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(here, "DELETE", "api/resources/Action/team-a/ours")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.AskAsync(host.AdminToken, "GET", "api/resources/Action/team-b/theirs")).Status);
    }

    private static string In(string ns, string manifest) => manifest.Replace("metadata:\n", $"metadata:\n  namespace: {ns}\n", StringComparison.Ordinal);
}
