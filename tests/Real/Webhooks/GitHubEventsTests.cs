using System.Text.Json;
using Pushcart.Tests.Support;
using static Pushcart.Tests.Real.Webhooks.HookedApp;

namespace Pushcart.Tests.Real.Webhooks;

/// <summary>Real payloads of every event that GitHub sends, from the npm package <c>@octokit/webhooks-examples</c>.</summary>
[Collection("calls")]
public sealed class GitHubEventsTests(AzuriteFixture azurite)
{
    [Fact]
    public async Task Every_event_of_github_is_answered_2xx_with_a_valid_signature_and_401_with_a_wrong_one()
    {
        // The pushes of the examples: branches and tags of this repository.
        await using var here = await HookedApp.StartAsync(
            azurite.ConnectionString,
            _ => All(
                Source("git@github.com:Codertocat/Hello-World.git", more: ", authConfig: {type: ssh, secretRef: {name: key}}"),
                Trigger("branch", watchOn: "reference: {branch: master}"),
                Trigger("tag", watchOn: "reference: {tag: simple-tag}")));
        var modules = await NpmPackage.EnsureAsync("webhooks", CancellationToken.None);
        using var index = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(modules, "@octokit", "webhooks-examples", "api.github.com", "index.json")));
        var wrong = new List<string>();
        var codes = new List<(string What, int Code)>();
        foreach (var kind in index.RootElement.EnumerateArray())
        {
            var what = kind.GetProperty("name").GetString()!;
            foreach (var (n, example) in kind.GetProperty("examples").EnumerateArray().Index())
            {
                // As it stands there, white space and all: what is signed is bytes.
                var body = System.Text.Encoding.UTF8.GetBytes(example.GetRawText());
                var valid = await here.GitHubAsync(what, body);
                var invalid = await here.GitHubAsync(what, body, "wrong");
                codes.Add((what, valid.Code));
                if (valid.Code is < 200 or > 299 || invalid.Code != 401)
                {
                    wrong.Add($"{what} {n}: {valid.Code} {valid.Message}; wrong signature: {invalid.Code}");
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(codes.Count > 300, $"{codes.Count} events");
        Assert.Contains(("push", 202), codes);
        Assert.All(codes.Where(c => c.What != "push"), c => Assert.Equal(200, c.Code));
    }
}
