using System.Diagnostics;
using System.Text.Json.Nodes;
using Pushcart.Tests.Support;

namespace Pushcart.Tests.Real.Infra;

/// <summary>
/// What azd's `dotnet publish` selects. The real packages are not on every registry, so only the choice is tried here; where they are, `.ci/run` publishes and looks at what came out.
/// </summary>
public sealed class PublishTests
{
    // azd builds too; without a build only what was chosen is told, and the publishing itself fails where there is nothing to publish.
    private static readonly string[] s_asAzdDoes = ["-c", "Release", "-o", Path.Combine(Path.GetTempPath(), "pushcart-publish-tests"), "--no-build"];

    [Fact]
    public async Task Publishing_the_way_azd_does_selects_the_real_worker_compiled_ahead_for_Linux()
    {
        var found = await AskAsync("publish", s_asAzdDoes);

        Assert.Equal("functions", Property(found, "PushcartHost"));
        Assert.Equal("false", Property(found, "PushcartStandIns"));
        Assert.Equal("linux-x64", Property(found, "RuntimeIdentifier"));
        Assert.Equal("true", Property(found, "PublishReadyToRun"));
        Assert.Equal("false", Property(found, "SelfContained"));
        Assert.Contains("Microsoft.Azure.Functions.Worker.Sdk", Packages(found));
    }

    [Fact]
    public async Task Building_selects_the_standalone_host_for_the_machine_that_builds()
    {
        var found = await AskAsync("msbuild", ["-p:Configuration=Release"]);

        Assert.Equal(("standalone", "", ""), (Property(found, "PushcartHost"), Property(found, "RuntimeIdentifier"), Property(found, "PublishReadyToRun")));
    }

    [Fact]
    public async Task What_is_published_has_host_json_and_never_the_settings_of_this_machine()
    {
        var files = (await AskAsync("publish", s_asAzdDoes))["Items"]!["None"]!.AsArray().ToDictionary(i => i!["Link"]?.GetValue<string>() ?? i["Identity"]!.GetValue<string>(), i => i!);

        Assert.Equal("PreserveNewest", files["host.json"]["CopyToOutputDirectory"]!.GetValue<string>());
        Assert.Contains("CopyToPublishDirectory=\"Never\" Condition=\"Exists('../local.settings.json')\"", await File.ReadAllTextAsync(Project), StringComparison.Ordinal);
    }

    private static string Project => Path.Combine(ProjectFolder.Path, "functions", "Functions.csproj");

    private static string Property(JsonNode found, string name) => found["Properties"]![name]!.GetValue<string>();

    private static IEnumerable<string> Packages(JsonNode found) => found["Items"]!["PackageReference"]!.AsArray().Select(i => i!["Identity"]!.GetValue<string>());

    private static async Task<JsonNode> AskAsync(string verb, string[] arguments)
    {
        string[] properties = ["PushcartHost", "PushcartStandIns", "RuntimeIdentifier", "PublishReadyToRun", "SelfContained"];
        var start = new ProcessStartInfo("dotnet", [verb, Project, .. arguments, .. properties.Select(p => $"-getProperty:{p}"), "-getItem:PackageReference", "-getItem:None"]) { RedirectStandardOutput = true };
        using var dotnet = Process.Start(start)!;
        var text = await dotnet.StandardOutput.ReadToEndAsync();
        await dotnet.WaitForExitAsync();
        return JsonNode.Parse(text)!;
    }
}
